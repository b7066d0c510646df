// RUN: mlc-opt %s --nn-to-linalg | FileCheck %s
// RUN: mlc-opt %s --nn-to-linalg="max-ulp=20" | FileCheck %s --check-prefix=LESS
// RUN: mlc-opt %s --nn-to-linalg="max-ulp=0" | FileCheck %s --check-prefix=NONE

// The fastest algorithm whose error is allowed.

// CHECK-LABEL: func.func @large(
// CHECK: kernel.winograd {pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64}
// LESS-LABEL: func.func @large(
// LESS: kernel.winograd {pads = array<i64: 1, 1, 1, 1>, tile = 2 : i64}
// NONE-LABEL: func.func @large(
// NONE: kernel.conv
func.func @large(%x: tensor<1x28x28x128xf32>, %w: tensor<128x128x3x3xf32>) -> tensor<1x28x28x128xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x28x28x128xf32>, tensor<128x128x3x3xf32>) -> tensor<1x28x28x128xf32>
  return %y : tensor<1x28x28x128xf32>
}

// The epilogue goes along, and the scratch memory is a second result.

// CHECK-LABEL: func.func @epilogue(
// CHECK: %[[SCRATCH:.*]] = tensor.empty() : tensor<{{[0-9]+}}xf32>
// CHECK: kernel.winograd {{.*}} epilogue({{.*}} : tensor<64xf32>) outs({{.*}}, %[[SCRATCH]] :
// CHECK: arith.addf
// CHECK: kernel.yield
func.func @epilogue(%x: tensor<1x28x28x64xf32>, %w: tensor<64x64x3x3xf32>, %b: tensor<64xf32>) -> tensor<1x28x28x64xf32> {
  %y = nn.conv %x, %w bias(%b) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x28x28x64xf32>, tensor<64x64x3x3xf32>, tensor<64xf32>) -> tensor<1x28x28x64xf32>
  return %y : tensor<1x28x28x64xf32>
}

// A window of 5; groups.

// CHECK-LABEL: func.func @five(
// CHECK: kernel.winograd {pads = array<i64: 2, 2, 2, 2>, tile = 2 : i64} ins({{.*}} : tensor<1x27x27x96xf32>, tensor<2x4x5x5x48x32xf32>)
func.func @five(%x: tensor<1x27x27x96xf32>, %w: tensor<256x48x5x5xf32>) -> tensor<1x27x27x256xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 2, 2, 2, 2>, dilations = array<i64: 1, 1>, groups = 2 : i64, layout = #nn.layout<channels_last>} : (tensor<1x27x27x96xf32>, tensor<256x48x5x5xf32>) -> tensor<1x27x27x256xf32>
  return %y : tensor<1x27x27x256xf32>
}

// Few channels, few tiles, a wider step, other types: direct.

// CHECK-LABEL: func.func @channels(
// CHECK: kernel.conv
func.func @channels(%x: tensor<1x28x28x3xf32>, %w: tensor<64x3x3x3xf32>) -> tensor<1x28x28x64xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x28x28x3xf32>, tensor<64x3x3x3xf32>) -> tensor<1x28x28x64xf32>
  return %y : tensor<1x28x28x64xf32>
}

// CHECK-LABEL: func.func @tiles(
// CHECK: kernel.conv
func.func @tiles(%x: tensor<1x3x3x256xf32>, %w: tensor<256x256x3x3xf32>) -> tensor<1x3x3x256xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x3x3x256xf32>, tensor<256x256x3x3xf32>) -> tensor<1x3x3x256xf32>
  return %y : tensor<1x3x3x256xf32>
}

// CHECK-LABEL: func.func @strided(
// CHECK: kernel.conv
func.func @strided(%x: tensor<1x28x28x64xf32>, %w: tensor<64x64x3x3xf32>) -> tensor<1x14x14x64xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x28x28x64xf32>, tensor<64x64x3x3xf32>) -> tensor<1x14x14x64xf32>
  return %y : tensor<1x14x14x64xf32>
}

// CHECK-LABEL: func.func @dilated(
// CHECK: kernel.conv
func.func @dilated(%x: tensor<1x28x28x64xf32>, %w: tensor<64x64x3x3xf32>) -> tensor<1x28x28x64xf32> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 2, 2, 2, 2>, dilations = array<i64: 2, 2>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x28x28x64xf32>, tensor<64x64x3x3xf32>) -> tensor<1x28x28x64xf32>
  return %y : tensor<1x28x28x64xf32>
}

// CHECK-LABEL: func.func @half(
// CHECK: kernel.conv
func.func @half(%x: tensor<1x28x28x64xf16>, %w: tensor<64x64x3x3xf16>) -> tensor<1x28x28x64xf16> {
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x28x28x64xf16>, tensor<64x64x3x3xf16>) -> tensor<1x28x28x64xf16>
  return %y : tensor<1x28x28x64xf16>
}
