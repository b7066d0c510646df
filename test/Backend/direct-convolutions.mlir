// A CPU that multiplies by matrices computes convolutions as they are; others of the library go on by Winograd's algorithms.
// RUN: mlc-opt %s --direct-convolutions="triple=x86_64-linux-gnu cpus=x86-64-v4+bf16+amx,x86-64-v4+bf16" | FileCheck %s
// RUN: mlc-opt %s --direct-convolutions="triple=x86_64-linux-gnu cpus=x86-64-v4+bf16+amx,x86-64-v4+bf16" \
// RUN:   --schedule="triple=x86_64-linux-gnu cpus=x86-64-v4+bf16+amx,x86-64-v4+bf16" | FileCheck %s --check-prefix=SCHEDULE

// CHECK-LABEL: func.func @k_v0
// CHECK: kernel.conv {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
// CHECK-SAME: ins(%arg0, %arg1 : memref<1x14x14x32xbf16>, memref<1x1x3x3x16x32x2xbf16>)
// CHECK-SAME: epilogue(%arg2 : memref<32xf32>) outs(%arg3 : memref<1x14x14x32xf32>)
// CHECK: arith.addf
// CHECK-NOT: kernel.winograd
// SCHEDULE-LABEL: func.func @k_v0
// SCHEDULE: unit = matrices
func.func @k_v0(%x: memref<1x14x14x32xbf16>, %w: memref<1x1x3x3x16x32x2xbf16>, %b: memref<32xf32>,
                %y: memref<1x14x14x32xf32>, %scratch: memref<33984xf32>) attributes {mlc.variant = 0 : i64} {
  kernel.winograd {pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64}
      ins(%x, %w : memref<1x14x14x32xbf16>, memref<1x1x3x3x16x32x2xbf16>)
      epilogue(%b : memref<32xf32>)
      outs(%y, %scratch : memref<1x14x14x32xf32>, memref<33984xf32>) {
  ^bb0(%acc: f32, %bias: f32):
    %sum = arith.addf %acc, %bias : f32
    kernel.yield %sum : f32
  }
  return
}

// The other CPU of the library, and what no unit multiplies.
// CHECK-LABEL: func.func @k_v1
// CHECK: kernel.winograd
// SCHEDULE-LABEL: func.func @k_v1
// SCHEDULE-NOT: unit = matrices
func.func @k_v1(%x: memref<1x14x14x32xbf16>, %w: memref<1x1x3x3x16x32x2xbf16>,
                %y: memref<1x14x14x32xf32>, %scratch: memref<33984xf32>) attributes {mlc.variant = 1 : i64} {
  kernel.winograd {pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64}
      ins(%x, %w : memref<1x14x14x32xbf16>, memref<1x1x3x3x16x32x2xbf16>)
      outs(%y, %scratch : memref<1x14x14x32xf32>, memref<33984xf32>)
  return
}

// CHECK-LABEL: func.func @floats_v0
// CHECK: kernel.winograd
func.func @floats_v0(%x: memref<1x14x14x16xf32>, %w: memref<1x1x3x3x16x32xf32>,
                     %y: memref<1x14x14x32xf32>, %scratch: memref<33984xf32>) attributes {mlc.variant = 0 : i64} {
  kernel.winograd {pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64}
      ins(%x, %w : memref<1x14x14x16xf32>, memref<1x1x3x3x16x32xf32>)
      outs(%y, %scratch : memref<1x14x14x32xf32>, memref<33984xf32>)
  return
}
