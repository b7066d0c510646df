// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s

// What moves data moves integers, from a float input that is quantised behind it and to one that is dequantised before.
// CHECK-LABEL: @up
// CHECK: %[[Q:.*]] = nn.quantize %arg0, {{.*}} : tensor<1x2x3x4xf32>, tensor<f32>, tensor<i8>
// CHECK: %[[T:.*]] = nn.transpose %[[Q]] {{.*}} -> tensor<1x3x4x2xi8>
// CHECK: %[[R:.*]] = nn.reshape %[[T]] : tensor<1x3x4x2xi8> to tensor<1x24xi8>
// CHECK: return %[[R]]
func.func @up(%x: tensor<1x2x3x4xf32>) -> tensor<1x24xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<3> : tensor<i8>
  %0 = nn.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x3x4xf32>) -> tensor<1x3x4x2xf32>
  %1 = nn.reshape %0 : tensor<1x3x4x2xf32> to tensor<1x24xf32>
  %r = nn.quantize %1, %s, %z : tensor<1x24xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<1x24xi8>
}

// -----

// CHECK-LABEL: @down
// CHECK: %[[P:.*]] = nn.pad %arg0 value(%{{.*}}) {{.*}} : (tensor<1x1x4x4xi8>, tensor<i8>) -> tensor<1x1x6x6xi8>
// CHECK: %[[M:.*]] = nn.pool %[[P]] {{.*}}max{{.*}} -> tensor<1x1x3x3xi8>
// CHECK: %[[L:.*]] = nn.max %[[M]], %{{.*}} : tensor<1x1x3x3xi8>, tensor<i8>
// CHECK: nn.dequantize %[[L]]
func.func @down(%q: tensor<1x1x4x4xi8>) -> tensor<1x1x3x3xf32> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<3> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<1x1x4x4xi8>, tensor<f32>, tensor<i8>
  %zero = nn.constant dense<0.0> : tensor<f32>
  %0 = nn.pad %x value(%zero) {mode = #nn.pad_mode<constant>, pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>} : (tensor<1x1x4x4xf32>, tensor<f32>) -> tensor<1x1x6x6xf32>
  %1 = nn.pool %0 {kind = #nn.pool_kind<max>, kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x1x6x6xf32>) -> tensor<1x1x3x3xf32>
  %2 = nn.relu %1 : tensor<1x1x3x3xf32>
  return %2 : tensor<1x1x3x3xf32>
}

// -----

// Quantising what was dequantised alike is nothing; differently, a table.
// CHECK-LABEL: @both_ends
// CHECK: %[[G:.*]] = nn.gather %{{.*}}, %arg0 {axis = 0 : i64} : (tensor<256xui8>, tensor<4xi8>) -> tensor<4xui8>
// CHECK: return %arg0, %[[G]]
func.func @both_ends(%q: tensor<4xi8>) -> (tensor<4xi8>, tensor<4xui8>) {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.3> : tensor<f32>
  %z = nn.constant dense<3> : tensor<i8>
  %u = nn.constant dense<128> : tensor<ui8>
  %x = nn.dequantize %q, %s, %z : tensor<4xi8>, tensor<f32>, tensor<i8>
  %0 = nn.quantize %x, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  %1 = nn.quantize %x, %t, %u : tensor<4xf32>, tensor<f32>, tensor<ui8>
  return %0, %1 : tensor<4xi8>, tensor<4xui8>
}

// -----

// Parts with the same parameters are joined as integers, parts with others rescaled first.
// CHECK-LABEL: @concat
// CHECK: nn.concat %arg0, %arg1 {axis = 0 : i64} : (tensor<2xi8>, tensor<2xi8>) -> tensor<4xi8>
// CHECK: %[[G:.*]] = nn.gather {{.*}} -> tensor<2xi8>
// CHECK: nn.concat %arg0, %[[G]] {axis = 0 : i64} : (tensor<2xi8>, tensor<2xi8>) -> tensor<4xi8>
func.func @concat(%a: tensor<2xi8>, %b: tensor<2xi8>) -> (tensor<4xf32>, tensor<4xi8>) {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.3> : tensor<f32>
  %z = nn.constant dense<3> : tensor<i8>
  %x = nn.dequantize %a, %s, %z : tensor<2xi8>, tensor<f32>, tensor<i8>
  %y = nn.dequantize %b, %s, %z : tensor<2xi8>, tensor<f32>, tensor<i8>
  %w = nn.dequantize %b, %t, %z : tensor<2xi8>, tensor<f32>, tensor<i8>
  %0 = nn.concat %x, %y {axis = 0 : i64} : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  %1 = nn.concat %x, %w {axis = 0 : i64} : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  %2 = nn.quantize %1, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  return %0, %2 : tensor<4xf32>, tensor<4xi8>
}

// -----

// A limit behind a move joins what computes its operand; its integers are the range's.
// CHECK-LABEL: @limit_behind_a_move
// CHECK: nn.matmul %arg0
// CHECK-NOT: nn.clamp
// CHECK: nn.reshape {{.*}} : tensor<2x2xi8> to tensor<4xi8>
func.func @limit_behind_a_move(%a: tensor<2x3xi8>) -> tensor<4xi8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<3> : tensor<i8>
  %low = nn.constant dense<-1.0> : tensor<f32>
  %high = nn.constant dense<6.0> : tensor<f32>
  %q = nn.constant dense<7> : tensor<3x2xi8>
  %x = nn.dequantize %a, %s, %z : tensor<2x3xi8>, tensor<f32>, tensor<i8>
  %w = nn.dequantize %q, %s, %z : tensor<3x2xi8>, tensor<f32>, tensor<i8>
  %0 = nn.matmul %x, %w : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  %1 = nn.reshape %0 : tensor<2x2xf32> to tensor<4xf32>
  %2 = nn.clamp %1, %low, %high : tensor<4xf32>, tensor<f32>, tensor<f32>
  %3 = nn.relu %2 : tensor<4xf32>
  %r = nn.quantize %3, %s, %z : tensor<4xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<4xi8>
}

// -----

// What pads may be an integer of the model's.
// CHECK-LABEL: @pad_with_an_integer
// CHECK: %[[V:.*]] = nn.constant dense<7> : tensor<ui8>
// CHECK: nn.pad %arg0 value(%[[V]]) {{.*}} : (tensor<2xui8>, tensor<ui8>) -> tensor<4xui8>
func.func @pad_with_an_integer(%a: tensor<2xui8>) -> tensor<4xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<3> : tensor<ui8>
  %c = nn.constant dense<7> : tensor<ui8>
  %x = nn.dequantize %a, %s, %z : tensor<2xui8>, tensor<f32>, tensor<ui8>
  %v = nn.dequantize %c, %s, %z : tensor<ui8>, tensor<f32>, tensor<ui8>
  %0 = nn.pad %x value(%v) {mode = #nn.pad_mode<constant>, pads = array<i64: 1, 1>} : (tensor<2xf32>, tensor<f32>) -> tensor<4xf32>
  %r = nn.quantize %0, %s, %z : tensor<4xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<4xui8>
}
