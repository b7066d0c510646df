// RUN: mlc-opt %s | mlc-opt | FileCheck %s
// RUN: mlc-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" | FileCheck %s --check-prefix=BUF

// CHECK-LABEL: func @conv
// CHECK: kernel.conv {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>} ins(%{{.*}}, %{{.*}} : tensor<1x8x8x3xf32>, tensor<1x1x3x3x3x32xf32>) epilogue(%{{.*}}, %{{.*}} : tensor<20xf32>, tensor<1x8x8x20xf32>) outs(%{{.*}} : tensor<1x8x8x20xf32>) -> tensor<1x8x8x20xf32> {
// CHECK: kernel.yield
// BUF-LABEL: func @conv
// BUF-NOT: memref.copy
// BUF: %[[OUT:.*]] = memref.alloc
// BUF-NOT: memref.copy
// BUF: kernel.conv {{.*}} outs(%[[OUT]] : memref<1x8x8x20xf32>) {
// BUF: return %[[OUT]]
func.func @conv(%x: tensor<1x8x8x3xf32>, %w: tensor<1x1x3x3x3x32xf32>, %bias: tensor<20xf32>,
                %res: tensor<1x8x8x20xf32>) -> tensor<1x8x8x20xf32> {
  %init = tensor.empty() : tensor<1x8x8x20xf32>
  %r = kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x, %w : tensor<1x8x8x3xf32>, tensor<1x1x3x3x3x32xf32>)
      epilogue(%bias, %res : tensor<20xf32>, tensor<1x8x8x20xf32>)
      outs(%init : tensor<1x8x8x20xf32>) -> tensor<1x8x8x20xf32> {
  ^bb0(%acc: f32, %b: f32, %r: f32):
    %0 = arith.addf %acc, %b : f32
    %1 = arith.addf %0, %r : f32
    kernel.yield %1 : f32
  }
  return %r : tensor<1x8x8x20xf32>
}

// A residual that is not read any more may be the destination: no copy.
// BUF-LABEL: func @residual_in_place
// BUF-SAME: %[[RES:[a-z0-9]*]]: memref<1x8x8x20xf32>)
// BUF-NOT: memref.alloc
// BUF: kernel.conv {{.*}} epilogue(%[[RES]] {{.*}} outs(%[[RES]]
func.func @residual_in_place(%x: tensor<1x8x8x3xf32>, %w: tensor<1x1x1x1x3x32xf32>,
                %res: tensor<1x8x8x20xf32>) -> tensor<1x8x8x20xf32> {
  %r = kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : tensor<1x8x8x3xf32>, tensor<1x1x1x1x3x32xf32>)
      epilogue(%res : tensor<1x8x8x20xf32>)
      outs(%res : tensor<1x8x8x20xf32>) -> tensor<1x8x8x20xf32> {
  ^bb0(%acc: f32, %r: f32):
    %0 = arith.addf %acc, %r : f32
    kernel.yield %0 : f32
  }
  return %r : tensor<1x8x8x20xf32>
}

// The input of a window is read after its place was written: a copy.
// BUF-LABEL: func @pool_not_in_place
// BUF-SAME: %[[X:[a-z0-9]*]]: memref<1x8x8x4xf32>
// BUF: %[[OUT:.*]] = memref.alloc
// BUF: kernel.pool {{.*}} ins(%[[X]] : memref<1x8x8x4xf32>) outs(%[[OUT]] : memref<1x8x8x4xf32>)
func.func @pool_not_in_place(%x: tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32> {
  %r = kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%x : tensor<1x8x8x4xf32>) outs(%x : tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  return %r : tensor<1x8x8x4xf32>
}

// CHECK-LABEL: func @others
// CHECK: kernel.conv {{.*}}input_unsigned, input_zero_point = 3 : i32{{.*}} ins({{.*}} : tensor<1x5x5x4xi8>, tensor<2x1x1x1x2x16xi8>) outs({{.*}} : tensor<1x3x3x6xi32>) -> tensor<1x3x3x6xi32>
// CHECK: kernel.depthwise {{.*}} ins({{.*}} : tensor<1x8x8x5xf16>, tensor<3x3x5xf16>) outs({{.*}} : tensor<1x8x8x5xf16>) -> tensor<1x8x8x5xf16>
// CHECK: kernel.matmul {transpose_rhs} ins({{.*}} : tensor<2x3x4x5xf32>, tensor<3x7x5xf32>) outs({{.*}} : tensor<2x3x4x7xf32>) -> tensor<2x3x4x7xf32>
// CHECK: kernel.softmax {log} ins({{.*}} : tensor<3x10xf32>) outs({{.*}} : tensor<3x10xf32>) -> tensor<3x10xf32>
// CHECK: kernel.reduce {kind = #kernel.reduce_kind<mean>} ins({{.*}} : tensor<2x9x4xf32>) outs({{.*}} : tensor<2x4xf32>) -> tensor<2x4xf32>
// BUF-LABEL: func @others
// BUF: kernel.depthwise {{.*}} outs(%{{.*}} : memref<1x8x8x5xf16>){{$}}
// BUF: kernel.matmul {{.*}} outs(%{{.*}} : memref<2x3x4x7xf32>){{$}}
// BUF: kernel.softmax {{.*}} outs(%{{.*}} : memref<3x10xf32>){{$}}
// BUF: kernel.reduce {{.*}} outs(%{{.*}} : memref<2x4xf32>){{$}}
func.func @others(%q: tensor<1x5x5x4xi8>, %qw: tensor<2x1x1x1x2x16xi8>, %qo: tensor<1x3x3x6xi32>,
    %h: tensor<1x8x8x5xf16>, %hw: tensor<3x3x5xf16>, %l: tensor<2x3x4x5xf32>, %r: tensor<3x7x5xf32>,
    %mo: tensor<2x3x4x7xf32>, %s: tensor<3x10xf32>, %slab: tensor<2x9x4xf32>, %so: tensor<2x4xf32>)
    -> (tensor<1x3x3x6xi32>, tensor<1x8x8x5xf16>, tensor<2x3x4x7xf32>, tensor<3x10xf32>, tensor<2x4xf32>) {
  %0 = kernel.conv {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>,
                    input_zero_point = 3 : i32, input_unsigned}
      ins(%q, %qw : tensor<1x5x5x4xi8>, tensor<2x1x1x1x2x16xi8>) outs(%qo : tensor<1x3x3x6xi32>) -> tensor<1x3x3x6xi32>
  %e = tensor.empty() : tensor<1x8x8x5xf16>
  %1 = kernel.depthwise {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      ins(%h, %hw : tensor<1x8x8x5xf16>, tensor<3x3x5xf16>) outs(%e : tensor<1x8x8x5xf16>) -> tensor<1x8x8x5xf16>
  %2 = kernel.matmul {transpose_rhs} ins(%l, %r : tensor<2x3x4x5xf32>, tensor<3x7x5xf32>)
      outs(%mo : tensor<2x3x4x7xf32>) -> tensor<2x3x4x7xf32>
  %se = tensor.empty() : tensor<3x10xf32>
  %3 = kernel.softmax {log} ins(%s : tensor<3x10xf32>) outs(%se : tensor<3x10xf32>) -> tensor<3x10xf32>
  %4 = kernel.reduce {kind = #kernel.reduce_kind<mean>} ins(%slab : tensor<2x9x4xf32>) outs(%so : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %0, %1, %2, %3, %4 : tensor<1x3x3x6xi32>, tensor<1x8x8x5xf16>, tensor<2x3x4x7xf32>, tensor<3x10xf32>, tensor<2x4xf32>
}

// CHECK-LABEL: func @normalize
// CHECK: kernel.normalize {epsilon = 1.000000e-05 : f64} ins({{.*}} : tensor<4x8xf16>) epilogue(%{{.*}} : tensor<8xf16>) outs({{.*}} : tensor<4x8xf16>) -> tensor<4x8xf16> {
// CHECK: kernel.normalize {epsilon = 1.000000e-05 : f64, squares} ins({{.*}} : tensor<2x4x8xf32>) outs({{.*}} : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
// BUF-LABEL: func @normalize
// BUF: kernel.normalize {{.*}} outs(%{{.*}} : memref<4x8xf16>) {
// BUF: kernel.normalize {{.*}} outs(%{{.*}} : memref<2x4x8xf32>){{$}}
func.func @normalize(%h: tensor<4x8xf16>, %s: tensor<8xf16>, %x: tensor<2x4x8xf32>) -> (tensor<4x8xf16>, tensor<2x4x8xf32>) {
  %he = tensor.empty() : tensor<4x8xf16>
  %0 = kernel.normalize {epsilon = 1.0e-5 : f64} ins(%h : tensor<4x8xf16>) epilogue(%s : tensor<8xf16>) outs(%he : tensor<4x8xf16>) -> tensor<4x8xf16> {
  ^bb0(%v: f32, %a: f16):
    %n = arith.truncf %v : f32 to f16
    %m = arith.mulf %n, %a : f16
    kernel.yield %m : f16
  }
  %xe = tensor.empty() : tensor<2x4x8xf32>
  %1 = kernel.normalize {epsilon = 1.0e-5 : f64, squares} ins(%x : tensor<2x4x8xf32>) outs(%xe : tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  return %0, %1 : tensor<4x8xf16>, tensor<2x4x8xf32>
}

// Scratch memory is a destination like the result: each is a buffer.
// CHECK-LABEL: func @winograd
// CHECK: kernel.winograd {pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64} ins({{.*}}) epilogue(%{{.*}} : tensor<20xf32>) outs(%{{.*}}, %{{.*}} : tensor<1x8x8x20xf32>, tensor<27072xf32>) -> tensor<1x8x8x20xf32>, tensor<27072xf32> {
// BUF-LABEL: func @winograd
// BUF-DAG: %[[OUT:.*]] = memref.alloc() {{.*}} : memref<1x8x8x20xf32>
// BUF-DAG: %[[SCRATCH:.*]] = memref.alloc() {{.*}} : memref<27072xf32>
// BUF-NOT: memref.copy
// BUF: kernel.winograd {{.*}} outs(%[[OUT]], %[[SCRATCH]] : memref<1x8x8x20xf32>, memref<27072xf32>) {
// BUF: return %[[OUT]]
func.func @winograd(%x: tensor<1x8x8x16xf32>, %w: tensor<1x1x3x3x16x32xf32>, %bias: tensor<20xf32>)
    -> tensor<1x8x8x20xf32> {
  %init = tensor.empty() : tensor<1x8x8x20xf32>
  %scratch = tensor.empty() : tensor<27072xf32>
  %r:2 = kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : tensor<1x8x8x16xf32>, tensor<1x1x3x3x16x32xf32>) epilogue(%bias : tensor<20xf32>)
      outs(%init, %scratch : tensor<1x8x8x20xf32>, tensor<27072xf32>)
      -> tensor<1x8x8x20xf32>, tensor<27072xf32> {
  ^bb0(%acc: f32, %b: f32):
    %0 = arith.addf %acc, %b : f32
    kernel.yield %0 : f32
  }
  return %r#0 : tensor<1x8x8x20xf32>
}

// Values and their table, and scratch memory that is a buffer.
// CHECK-LABEL: func @sparse_conv
// CHECK: kernel.sparse_conv {block = 64 : i64, parts = 1 : i64, pixels = 112 : i64} ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<1x14x14x64xf32>, tensor<502xf32>, tensor<692xi8>) epilogue(%{{.*}} : tensor<64xf32>) outs(%{{.*}}, %{{.*}} : tensor<1x14x14x64xf32>, tensor<14448xf32>) -> tensor<1x14x14x64xf32>, tensor<14448xf32> {
// BUF-LABEL: func @sparse_conv
// BUF-DAG: %[[OUT:.*]] = memref.alloc() {{.*}} : memref<1x14x14x64xf32>
// BUF-DAG: %[[SCRATCH:.*]] = memref.alloc() {{.*}} : memref<14448xf32>
// BUF-NOT: memref.copy
// BUF: kernel.sparse_conv {{.*}} outs(%[[OUT]], %[[SCRATCH]] : memref<1x14x14x64xf32>, memref<14448xf32>) {
// BUF: return %[[OUT]]
func.func @sparse_conv(%x: tensor<1x14x14x64xf32>, %v: tensor<502xf32>, %t: tensor<692xi8>, %bias: tensor<64xf32>)
    -> tensor<1x14x14x64xf32> {
  %init = tensor.empty() : tensor<1x14x14x64xf32>
  %scratch = tensor.empty() : tensor<14448xf32>
  %r:2 = kernel.sparse_conv {block = 64 : i64, pixels = 112 : i64, parts = 1 : i64}
      ins(%x, %v, %t : tensor<1x14x14x64xf32>, tensor<502xf32>, tensor<692xi8>) epilogue(%bias : tensor<64xf32>)
      outs(%init, %scratch : tensor<1x14x14x64xf32>, tensor<14448xf32>)
      -> tensor<1x14x14x64xf32>, tensor<14448xf32> {
  ^bb0(%acc: f32, %b: f32):
    %0 = arith.addf %acc, %b : f32
    kernel.yield %0 : f32
  }
  return %r#0 : tensor<1x14x14x64xf32>
}

// Quads of pairs that fit 16 bits, two of them extra.
// CHECK-LABEL: func @pairs
// CHECK: kernel.conv {{.*}}extra_quads = 2 : i64, input_unsigned{{.*}} memref<1x1x1x1x13x16x4xi8>)
func.func @pairs(%x: memref<1x1x4x32xi8>, %w: memref<1x1x1x1x13x16x4xi8>, %o: memref<1x1x4x16xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, extra_quads = 2 : i64, input_unsigned}
      ins(%x, %w : memref<1x1x4x32xi8>, memref<1x1x1x1x13x16x4xi8>) outs(%o : memref<1x1x4x16xi32>)
  return
}

// Eight channels side by side.
// CHECK-LABEL: func @octets
// CHECK: kernel.conv {{.*}} memref<1x1x1x1x5x16x8xi8>)
func.func @octets(%x: memref<1x1x4x32xi8>, %w: memref<1x1x1x1x5x16x8xi8>, %o: memref<1x1x4x16xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x4x32xi8>, memref<1x1x1x1x5x16x8xi8>) outs(%o : memref<1x1x4x16xi32>)
  return
}

// Two quads of 4 bits a row.
// CHECK-LABEL: func @nibbles
// CHECK: kernel.conv {{.*}}input_unsigned, nibbles{{.*}} memref<1x1x1x1x5x16x4xi8>)
func.func @nibbles(%x: memref<1x1x4x32xi8>, %w: memref<1x1x1x1x5x16x4xi8>, %o: memref<1x1x4x16xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_unsigned, nibbles}
      ins(%x, %w : memref<1x1x4x32xi8>, memref<1x1x1x1x5x16x4xi8>) outs(%o : memref<1x1x4x16xi32>)
  return
}

// Bytes, by words of two channels.
// CHECK-LABEL: func @winograd_of_bytes
// CHECK: kernel.winograd {input_unsigned, input_zero_point = 3 : i32, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64} ins({{.*}}) outs(%{{.*}}, %{{.*}} : memref<1x4x4x8xi32>, memref<4032xi32>)
func.func @winograd_of_bytes(%x: memref<1x4x4x8xi8>, %w: memref<1x1x3x3x3x8x4xi8>, %o: memref<1x4x4x8xi32>, %s: memref<4032xi32>) {
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>, input_zero_point = 3 : i32, input_unsigned}
      ins(%x, %w : memref<1x4x4x8xi8>, memref<1x1x3x3x3x8x4xi8>) outs(%o, %s : memref<1x4x4x8xi32>, memref<4032xi32>)
  return
}

// bf16, by two channels.
// CHECK-LABEL: func @halves
// CHECK: kernel.conv {{.*}} ins({{.*}} : memref<1x1x4x5xbf16>, memref<1x1x1x1x3x16x2xbf16>) outs(%{{.*}} : memref<1x1x4x16xf32>)
// CHECK: kernel.winograd {pads = array<i64: 1, 1, 1, 1>, tile = 2 : i64} ins({{.*}} : memref<1x4x4x8xbf16>, memref<1x1x3x3x4x8x2xbf16>) outs({{.*}} : memref<1x4x4x8xbf16>, memref<[[SCRATCH:.*]]xf32>)
func.func @halves(%x: memref<1x1x4x5xbf16>, %w: memref<1x1x1x1x3x16x2xbf16>, %o: memref<1x1x4x16xf32>,
    %wx: memref<1x4x4x8xbf16>, %ww: memref<1x1x3x3x4x8x2xbf16>, %wo: memref<1x4x4x8xbf16>, %s: memref<2048xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x4x5xbf16>, memref<1x1x1x1x3x16x2xbf16>) outs(%o : memref<1x1x4x16xf32>)
  kernel.winograd {tile = 2 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%wx, %ww : memref<1x4x4x8xbf16>, memref<1x1x3x3x4x8x2xbf16>) outs(%wo, %s : memref<1x4x4x8xbf16>, memref<2048xf32>)
  return
}

// CHECK-LABEL: func @stream
// CHECK: kernel.stream {rows = 2 : i64} outs(%{{.*}}, %{{.*}} : memref<1x4x4x32xf32>, memref<5184xi8>) {
// CHECK-NEXT: ^bb0(%[[WIDE:.*]]: memref<1x8x8x32xf32>):
// CHECK: kernel.conv {{.*}} outs(%[[WIDE]] : memref<1x8x8x32xf32>)
// CHECK: kernel.pool {{.*}} ins(%[[WIDE]] : memref<1x8x8x32xf32>)
func.func @stream(%x: memref<1x8x8x3xf32>, %w: memref<1x1x3x3x3x32xf32>, %o: memref<1x4x4x32xf32>, %s: memref<5184xi8>) {
  kernel.stream {rows = 2 : i64} outs(%o, %s : memref<1x4x4x32xf32>, memref<5184xi8>) {
  ^bb0(%wide: memref<1x8x8x32xf32>):
    kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%x, %w : memref<1x8x8x3xf32>, memref<1x1x3x3x3x32xf32>) outs(%wide : memref<1x8x8x32xf32>)
    kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>,
                 pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        ins(%wide : memref<1x8x8x32xf32>) outs(%o : memref<1x4x4x32xf32>)
  }
  return
}

// Weights of 8 bits, and of 4 with zero points.
// CHECK-LABEL: func @blocked_matmul
// CHECK: kernel.blocked_matmul {block = 64 : i64} ins({{.*}} : memref<3x64xf32>, memref<1x64x16xi8>, memref<1x1x16xf32>) outs({{.*}} : memref<3x10xf32>)
// CHECK: kernel.blocked_matmul {block = 32 : i64} ins({{.*}} : memref<3x64xf32>, memref<1x8x16x4xi8>, memref<1x2x16xf32>, memref<1x2x16xi8>) epilogue(%{{.*}} : memref<10xf32>) outs({{.*}} : memref<3x10xf32>) scratch({{.*}} : memref<198xf32>)
func.func @blocked_matmul(%x: memref<3x64xf32>, %w: memref<1x64x16xi8>, %s: memref<1x1x16xf32>, %n: memref<1x8x16x4xi8>,
    %t: memref<1x2x16xf32>, %z: memref<1x2x16xi8>, %b: memref<10xf32>, %o: memref<3x10xf32>, %m: memref<198xf32>) {
  kernel.blocked_matmul {block = 64 : i64}
      ins(%x, %w, %s : memref<3x64xf32>, memref<1x64x16xi8>, memref<1x1x16xf32>) outs(%o : memref<3x10xf32>)
  kernel.blocked_matmul {block = 32 : i64}
      ins(%x, %n, %t, %z : memref<3x64xf32>, memref<1x8x16x4xi8>, memref<1x2x16xf32>, memref<1x2x16xi8>)
      epilogue(%b : memref<10xf32>) outs(%o : memref<3x10xf32>) scratch(%m : memref<198xf32>) {
  ^bb0(%acc: f32, %v: f32):
    %0 = arith.addf %acc, %v : f32
    kernel.yield %0 : f32
  }
  return
}

// Bytes by table.
// CHECK-LABEL: func @conv_table
// CHECK: kernel.conv {{.*}} ins({{.*}} : memref<1x4x4x3xi8>, memref<1x1x1x1x3x8xf32>) table(%{{.*}} : memref<3x256xf32>) epilogue(%{{.*}} : memref<8xf32>) outs({{.*}} : memref<1x4x4x8xf32>)
func.func @conv_table(%x: memref<1x4x4x3xi8>, %w: memref<1x1x1x1x3x8xf32>, %t: memref<3x256xf32>, %b: memref<8xf32>,
    %o: memref<1x4x4x8xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x3xi8>, memref<1x1x1x1x3x8xf32>) table(%t : memref<3x256xf32>)
      epilogue(%b : memref<8xf32>) outs(%o : memref<1x4x4x8xf32>) {
  ^bb0(%acc: f32, %v: f32):
    %0 = arith.addf %acc, %v : f32
    kernel.yield %0 : f32
  }
  return
}
