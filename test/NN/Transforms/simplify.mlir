// RUN: mlc-opt %s --nn-simplify | FileCheck %s

// The example of the pass's description.
// CHECK-LABEL: @example
func.func @example(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: return %arg0
  %zero = nn.constant dense<0.0> : tensor<f32>
  %0 = nn.add %x, %zero : tensor<4xf32>, tensor<f32>
  %1 = nn.neg %0 : tensor<4xf32>
  %2 = nn.neg %1 : tensor<4xf32>
  return %2 : tensor<4xf32>
}

// CHECK-LABEL: @neutral
func.func @neutral(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // CHECK-NEXT: return %arg0
  %one = nn.constant dense<1.0> : tensor<4xf32>
  %zero = nn.constant dense<0.0> : tensor<1x4xf32>
  %0 = nn.mul %one, %x : tensor<4xf32>, tensor<2x4xf32>
  %1 = nn.div %0, %one : tensor<2x4xf32>, tensor<4xf32>
  %2 = nn.sub %1, %zero : tensor<2x4xf32>, tensor<1x4xf32>
  return %2 : tensor<2x4xf32>
}

// A neutral operand that broadcasts the other one stays, and so does 0 - x.
// CHECK-LABEL: @not_neutral
func.func @not_neutral(%x: tensor<4xf32>) -> (tensor<2x4xf32>, tensor<4xf32>) {
  // CHECK: nn.add
  // CHECK: nn.sub
  %zeros = nn.constant dense<0.0> : tensor<2x4xf32>
  %zero = nn.constant dense<0.0> : tensor<f32>
  %0 = nn.add %x, %zeros : tensor<4xf32>, tensor<2x4xf32>
  %1 = nn.sub %zero, %x : tensor<f32>, tensor<4xf32>
  return %0, %1 : tensor<2x4xf32>, tensor<4xf32>
}

// CHECK-LABEL: @repetitions
func.func @repetitions(%x: tensor<4xf32>, %b: tensor<4xi1>) -> (tensor<4xf32>, tensor<4xi1>) {
  // CHECK-NEXT: %[[R:.*]] = nn.relu %arg0
  // CHECK-NEXT: return %[[R]], %arg1
  %0 = nn.relu %x : tensor<4xf32>
  %1 = nn.relu %0 : tensor<4xf32>
  %2 = nn.max %1, %1 : tensor<4xf32>, tensor<4xf32>
  %3 = nn.not %b : tensor<4xi1>
  %4 = nn.not %3 : tensor<4xi1>
  %5 = nn.and %4, %4 : tensor<4xi1>, tensor<4xi1>
  return %2, %5 : tensor<4xf32>, tensor<4xi1>
}

// CHECK-LABEL: @select
func.func @select(%c: tensor<2x4xi1>, %x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<2x4xf32>, tensor<4xf32>) {
  // CHECK-NEXT: %[[B:.*]] = nn.broadcast %arg1
  // CHECK-NEXT: return %[[B]], %arg2
  %false = nn.constant dense<false> : tensor<i1>
  %0 = nn.select %c, %x, %x : tensor<2x4xi1>, tensor<4xf32>, tensor<4xf32>
  %1 = nn.select %false, %x, %y : tensor<i1>, tensor<4xf32>, tensor<4xf32>
  return %0, %1 : tensor<2x4xf32>, tensor<4xf32>
}

// CHECK-LABEL: @pow
func.func @pow(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: nn.mul %arg0, %arg0
  // CHECK: nn.pow
  %two = nn.constant dense<2.0> : tensor<f32>
  %half = nn.constant dense<2.5> : tensor<f32>
  %0 = nn.pow %x, %two : tensor<4xf32>, tensor<f32>
  %1 = nn.pow %x, %half : tensor<4xf32>, tensor<f32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: @casts
func.func @casts(%x: tensor<4xui8>, %y: tensor<4xf32>) -> (tensor<4xui8>, tensor<4xf32>) {
  // CHECK-NEXT: %[[H:.*]] = nn.cast %arg1 : tensor<4xf32> to tensor<4xf16>
  // CHECK-NEXT: %[[S:.*]] = nn.cast %[[H]] : tensor<4xf16> to tensor<4xf32>
  // CHECK-NEXT: return %arg0, %[[S]]
  %0 = nn.cast %x : tensor<4xui8> to tensor<4xf32>
  %1 = nn.cast %0 : tensor<4xf32> to tensor<4xui8>
  %2 = nn.cast %y : tensor<4xf32> to tensor<4xf16>
  %3 = nn.cast %2 : tensor<4xf16> to tensor<4xf32>
  return %1, %3 : tensor<4xui8>, tensor<4xf32>
}

// CHECK-LABEL: @broadcast_operand
func.func @broadcast_operand(%x: tensor<1x4xf32>, %y: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // CHECK-NEXT: nn.add %arg0, %arg1
  %0 = nn.broadcast %x : tensor<1x4xf32> to tensor<2x4xf32>
  %1 = nn.add %0, %y : tensor<2x4xf32>, tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}

// CHECK-LABEL: @concat_of_slices
func.func @concat_of_slices(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
  // CHECK-NEXT: return %arg0
  %0 = nn.slice %x {starts = array<i64: 0, 0>, sizes = array<i64: 4, 2>, steps = array<i64: 1, 1>} : (tensor<4x6xf32>) -> tensor<4x2xf32>
  %1 = nn.slice %x {starts = array<i64: 0, 2>, sizes = array<i64: 4, 4>, steps = array<i64: 1, 1>} : (tensor<4x6xf32>) -> tensor<4x4xf32>
  %2 = nn.concat %0, %1 {axis = 1 : i64} : (tensor<4x2xf32>, tensor<4x4xf32>) -> tensor<4x6xf32>
  return %2 : tensor<4x6xf32>
}

// CHECK-LABEL: @slice_of_concat
func.func @slice_of_concat(%x: tensor<2xf32>, %y: tensor<4xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  // CHECK: %[[S:.*]] = nn.slice %arg1 {sizes = array<i64: 2>, starts = array<i64: 2>, steps = array<i64: 1>}
  // CHECK: return %arg0, %[[S]]
  %0 = nn.concat %x, %y {axis = 0 : i64} : (tensor<2xf32>, tensor<4xf32>) -> tensor<6xf32>
  %1 = nn.slice %0 {starts = array<i64: 0>, sizes = array<i64: 2>, steps = array<i64: 1>} : (tensor<6xf32>) -> tensor<2xf32>
  %2 = nn.slice %0 {starts = array<i64: 4>, sizes = array<i64: 2>, steps = array<i64: 1>} : (tensor<6xf32>) -> tensor<2xf32>
  return %1, %2 : tensor<2xf32>, tensor<2xf32>
}

// CHECK-LABEL: @slice_of_slice
func.func @slice_of_slice(%x: tensor<20xf32>) -> tensor<3xf32> {
  // CHECK-NEXT: nn.slice %arg0 {sizes = array<i64: 3>, starts = array<i64: 4>, steps = array<i64: 6>}
  %0 = nn.slice %x {starts = array<i64: 2>, sizes = array<i64: 9>, steps = array<i64: 2>} : (tensor<20xf32>) -> tensor<9xf32>
  %1 = nn.slice %0 {starts = array<i64: 1>, sizes = array<i64: 3>, steps = array<i64: 3>} : (tensor<9xf32>) -> tensor<3xf32>
  return %1 : tensor<3xf32>
}

// CHECK-LABEL: @gather_progression
func.func @gather_progression(%x: tensor<5x3xf32>) -> (tensor<2x3xf32>, tensor<3xf32>) {
  // CHECK: nn.slice %arg0 {sizes = array<i64: 2, 3>, starts = array<i64: 1, 0>, steps = array<i64: 2, 1>}
  // CHECK: nn.slice %arg0 {sizes = array<i64: 1, 3>, starts = array<i64: 4, 0>, steps = array<i64: 1, 1>}
  %i = nn.constant dense<[1, 3]> : tensor<2xi64>
  %last = nn.constant dense<-1> : tensor<i64>
  %0 = nn.gather %x, %i {axis = 0 : i64} : (tensor<5x3xf32>, tensor<2xi64>) -> tensor<2x3xf32>
  %1 = nn.gather %x, %last {axis = 0 : i64} : (tensor<5x3xf32>, tensor<i64>) -> tensor<3xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<3xf32>
}

// CHECK-LABEL: @gather_same
func.func @gather_same(%x: tensor<5xf32>) -> tensor<2xf32> {
  // CHECK: nn.gather
  %i = nn.constant dense<1> : tensor<2xi64>
  %0 = nn.gather %x, %i {axis = 0 : i64} : (tensor<5xf32>, tensor<2xi64>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: @pads
func.func @pads(%x: tensor<4xf32>) -> (tensor<8xf32>, tensor<4xf32>) {
  // CHECK: %[[P:.*]] = nn.pad %arg0 value({{.*}}) {mode = #nn.pad_mode<constant>, pads = array<i64: 1, 3>}
  // CHECK: return %[[P]], %arg0
  %zero = nn.constant dense<0.0> : tensor<f32>
  %0 = nn.pad %x value(%zero) {pads = array<i64: 1, 1>, mode = #nn.pad_mode<constant>} : (tensor<4xf32>, tensor<f32>) -> tensor<6xf32>
  %1 = nn.pad %0 value(%zero) {pads = array<i64: 0, 2>, mode = #nn.pad_mode<constant>} : (tensor<6xf32>, tensor<f32>) -> tensor<8xf32>
  %2 = nn.pad %x value(%zero) {pads = array<i64: 0, 0>, mode = #nn.pad_mode<constant>} : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %1, %2 : tensor<8xf32>, tensor<4xf32>
}

// CHECK-LABEL: @pool_of_one
func.func @pool_of_one(%x: tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32> {
  // CHECK-NEXT: return %arg0
  %0 = nn.pool %x {kind = #nn.pool_kind<max>, kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_first>} : (tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  return %0 : tensor<1x2x3x3xf32>
}

// CHECK-LABEL: @reduce_one
func.func @reduce_one(%x: tensor<2x1x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  // CHECK: nn.reshape %arg0
  // CHECK: nn.reduce %arg0 {{.*}}l2
  %0 = nn.reduce %x {kind = #nn.reduce_kind<mean>, axes = array<i64: 1>} : (tensor<2x1x3xf32>) -> tensor<2x3xf32>
  %1 = nn.reduce %x {kind = #nn.reduce_kind<l2>, axes = array<i64: 1>} : (tensor<2x1x3xf32>) -> tensor<2x3xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<2x3xf32>
}

// CHECK-LABEL: @matmul_of_transpose
func.func @matmul_of_transpose(%x: tensor<2x4xf32>, %w: tensor<3x4xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT: nn.matmul %arg0, %arg1 {transpose_rhs}
  %0 = nn.transpose %w {permutation = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %1 = nn.matmul %x, %0 : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// CHECK-LABEL: @folds_and_dead_code
func.func @folds_and_dead_code(%x: tensor<3xf32>) -> tensor<3xf32> {
  // CHECK-NEXT: %[[C:.*]] = nn.constant dense<[3.000000e+00, 5.000000e+00, 7.000000e+00]>
  // CHECK-NEXT: nn.mul %arg0, %[[C]]
  // CHECK-NEXT: return
  %a = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %two = nn.constant dense<2.0> : tensor<f32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %0 = nn.mul %a, %two : tensor<3xf32>, tensor<f32>
  %1 = nn.add %0, %one : tensor<3xf32>, tensor<f32>
  %dead = nn.exp %x : tensor<3xf32>
  %2 = nn.mul %x, %1 : tensor<3xf32>, tensor<3xf32>
  return %2 : tensor<3xf32>
}

// CHECK-LABEL: @duplicates
func.func @duplicates(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  // CHECK-NEXT: %[[E:.*]] = nn.exp
  // CHECK-NEXT: return %[[E]], %[[E]]
  %0 = nn.exp %x : tensor<3xf32>
  %1 = nn.exp %x : tensor<3xf32>
  return %0, %1 : tensor<3xf32>, tensor<3xf32>
}

// Shapes are products of dimensions.
// CHECK-LABEL: @integer_reductions
func.func @integer_reductions() -> (tensor<i64>, tensor<2x1xi64>, tensor<3xi64>, tensor<3xi64>) {
  // CHECK-DAG: dense<-720> : tensor<i64>
  // CHECK-DAG: dense<{{\[\[}}4], [15]]> : tensor<2x1xi64>
  // CHECK-DAG: dense<[4, 5, 6]> : tensor<3xi64>
  // CHECK-DAG: dense<[-1, 2, 3]> : tensor<3xi64>
  %x = nn.constant dense<[[-1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>
  %0 = nn.reduce %x {kind = #nn.reduce_kind<prod>, axes = array<i64: 0, 1>} : (tensor<2x3xi64>) -> tensor<i64>
  %1 = nn.reduce %x {kind = #nn.reduce_kind<sum>, axes = array<i64: 1>, keepdims} : (tensor<2x3xi64>) -> tensor<2x1xi64>
  %2 = nn.reduce %x {kind = #nn.reduce_kind<max>, axes = array<i64: 0>} : (tensor<2x3xi64>) -> tensor<3xi64>
  %3 = nn.reduce %x {kind = #nn.reduce_kind<min>, axes = array<i64: 0>} : (tensor<2x3xi64>) -> tensor<3xi64>
  return %0, %1, %2, %3 : tensor<i64>, tensor<2x1xi64>, tensor<3xi64>, tensor<3xi64>
}

// Exporters also take the largest of floats that are sizes.
// CHECK-LABEL: @float_extremes
func.func @float_extremes() -> (tensor<f32>, tensor<2xf16>, tensor<2xf64>) {
  // CHECK-DAG: dense<3.200000e+02> : tensor<f32>
  // CHECK-DAG: dense<[-2.000000e+00, 0x7E00]> : tensor<2xf16>
  // CHECK-DAG: dense<[1.250000e-01, 7.500000e-01]> : tensor<2xf64>
  %x = nn.constant dense<[96.0, 320.0, 128.0]> : tensor<3xf32>
  %y = nn.constant dense<[[1.0, -2.0], [0x7E00, 3.0]]> : tensor<2x2xf16>
  %z = nn.constant dense<[[0.125, 0.75], [0.25, 0.875]]> : tensor<2x2xf64>
  %0 = nn.reduce %x {kind = #nn.reduce_kind<max>, axes = array<i64: 0>} : (tensor<3xf32>) -> tensor<f32>
  %1 = nn.reduce %y {kind = #nn.reduce_kind<min>, axes = array<i64: 1>} : (tensor<2x2xf16>) -> tensor<2xf16>
  %2 = nn.reduce %z {kind = #nn.reduce_kind<min>, axes = array<i64: 0>} : (tensor<2x2xf64>) -> tensor<2xf64>
  return %0, %1, %2 : tensor<f32>, tensor<2xf16>, tensor<2xf64>
}

// Results without elements are constants; what reads no elements stays.
// CHECK-LABEL: @without_elements
func.func @without_elements(%x: tensor<3x0xf32>, %i: tensor<0xi64>, %y: tensor<4x5xf32>) -> (tensor<0x3xf32>, tensor<0x5xf32>, tensor<3xf32>) {
  // CHECK-DAG: nn.constant dense<> : tensor<0x3xf32>
  // CHECK-DAG: nn.constant dense<> : tensor<0x5xf32>
  // CHECK-DAG: nn.reduce %arg0
  // CHECK-NOT: nn.transpose
  // CHECK-NOT: nn.gather
  %0 = nn.transpose %x {permutation = array<i64: 1, 0>} : (tensor<3x0xf32>) -> tensor<0x3xf32>
  %1 = nn.gather %y, %i {axis = 0 : i64} : (tensor<4x5xf32>, tensor<0xi64>) -> tensor<0x5xf32>
  %2 = nn.reduce %x {kind = #nn.reduce_kind<sum>, axes = array<i64: 1>} : (tensor<3x0xf32>) -> tensor<3xf32>
  return %0, %1, %2 : tensor<0x3xf32>, tensor<0x5xf32>, tensor<3xf32>
}

// Products over nothing are 0, or the bias along its dimension.
// CHECK-LABEL: @products_over_nothing
// CHECK-DAG: %[[ZERO:.*]] = nn.constant dense<0.000000e+00> : tensor<2x3xf32>
// CHECK-DAG: %[[INTS:.*]] = nn.constant dense<0> : tensor<4x2x3xi32>
// CHECK-DAG: %[[BIAS:.*]] = nn.reshape %arg4 : tensor<3xf32> to tensor<1x3x1x1xf32>
// CHECK: %[[CONV:.*]] = nn.add {{.*}}%[[BIAS]]{{.*}} : tensor<1x3x4x5xf32>, tensor<1x3x1x1xf32>
// CHECK: return %[[ZERO]], %[[INTS]], %[[CONV]]
func.func @products_over_nothing(%a: tensor<2x0xf32>, %b: tensor<4x2x0xi8>, %c: tensor<1x0x4x5xf32>, %w: tensor<3x0x1x1xf32>, %bias: tensor<3xf32>) -> (tensor<2x3xf32>, tensor<4x2x3xi32>, tensor<1x3x4x5xf32>) {
  %0 = nn.constant dense<> : tensor<0x3xf32>
  %1 = nn.constant dense<> : tensor<0x3xi8>
  %2 = nn.matmul %a, %0 : (tensor<2x0xf32>, tensor<0x3xf32>) -> tensor<2x3xf32>
  %3 = nn.matmul %b, %1 {lhs_zero_point = 3 : i32} : (tensor<4x2x0xi8>, tensor<0x3xi8>) -> tensor<4x2x3xi32>
  %4 = nn.conv %c, %w bias(%bias) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x0x4x5xf32>, tensor<3x0x1x1xf32>, tensor<3xf32>) -> tensor<1x3x4x5xf32>
  return %2, %3, %4 : tensor<2x3xf32>, tensor<4x2x3xi32>, tensor<1x3x4x5xf32>
}
