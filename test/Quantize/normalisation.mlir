// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s --check-prefixes=CHECK,ONNX
// RUN: mlc-opt %s --nn-quantize=mode=integer --split-input-file | FileCheck %s --check-prefixes=CHECK,INT

// Exact sums of integers and of their squares, a reciprocal root a row, and one product, sum and shift an element. In mode
// onnx it is onnxruntime's, in floats.
// CHECK-LABEL: @layer_norm
// ONNX: nn.sqrt
// INT-NOT: {{[^:]}}f32
// INT: %[[X:.*]] = nn.map(%arg0) : (tensor<2x5xi8>) -> tensor<2x5xi32>
// INT: %[[SQUARE:.*]] = nn.map(%[[X]]) : (tensor<2x5xi32>) -> tensor<2x5xi32>
// INT: %[[SUM:.*]] = nn.reduce %[[X]] {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<sum>}
// INT: %[[SQUARES:.*]] = nn.reduce %[[SQUARE]] {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<sum>}
// INT: %[[ROOT:.*]] = nn.map(%[[SUM]], %[[SQUARES]]) : (tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi64>
// INT: math.ctlz
// INT: %[[PLACES:.*]] = nn.map(%[[SUM]], %[[SQUARES]]) : (tensor<2x1xi32>, tensor<2x1xi32>) -> tensor<2x1xi64>
// INT: nn.map(%[[X]], %[[SUM]], %[[ROOT]], %[[PLACES]], %{{.*}}, %{{.*}}) : (tensor<2x5xi32>, tensor<2x1xi32>, tensor<2x1xi64>, tensor<2x1xi64>, tensor<5xi64>, tensor<5xi64>) -> tensor<2x5xi8>
// INT-NOT: {{[^:]}}f32
// CHECK: return
func.func @layer_norm(%q: tensor<2x5xi8>) -> tensor<2x5xi8> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %t = nn.constant dense<0.03> : tensor<f32>
  %z = nn.constant dense<-3> : tensor<i8>
  %epsilon = nn.constant dense<1.0e-5> : tensor<f32>
  %gain = nn.constant dense<[1.0, 0.5, -0.3, 2.0, 0.0]> : tensor<5xf32>
  %bias = nn.constant dense<0.2> : tensor<f32>
  %x = nn.dequantize %q, %s, %z : tensor<2x5xi8>, tensor<f32>, tensor<i8>
  %0 = nn.reduce %x {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x5xf32>) -> tensor<2x1xf32>
  %1 = nn.sub %x, %0 : tensor<2x5xf32>, tensor<2x1xf32>
  %2 = nn.mul %1, %1 : tensor<2x5xf32>, tensor<2x5xf32>
  %3 = nn.reduce %2 {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x5xf32>) -> tensor<2x1xf32>
  %4 = nn.add %3, %epsilon : tensor<2x1xf32>, tensor<f32>
  %5 = nn.sqrt %4 : tensor<2x1xf32>
  %6 = nn.reciprocal %5 : tensor<2x1xf32>
  %7 = nn.mul %1, %6 : tensor<2x5xf32>, tensor<2x1xf32>
  %8 = nn.mul %7, %gain : tensor<2x5xf32>, tensor<5xf32>
  %9 = nn.add %8, %bias : tensor<2x5xf32>, tensor<f32>
  %r = nn.quantize %9, %t, %z : tensor<2x5xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<2x5xi8>
}

// -----

// A variance over other axes than the mean is no normalisation.
// CHECK-LABEL: @other_axes
// CHECK: nn.sqrt
func.func @other_axes(%q: tensor<2x5xi8>) -> tensor<2x5xi8> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %z = nn.constant dense<-3> : tensor<i8>
  %epsilon = nn.constant dense<1.0e-5> : tensor<f32>
  %x = nn.dequantize %q, %s, %z : tensor<2x5xi8>, tensor<f32>, tensor<i8>
  %0 = nn.reduce %x {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x5xf32>) -> tensor<2x1xf32>
  %1 = nn.sub %x, %0 : tensor<2x5xf32>, tensor<2x1xf32>
  %2 = nn.mul %1, %1 : tensor<2x5xf32>, tensor<2x5xf32>
  %3 = nn.reduce %2 {axes = array<i64: 0>, keepdims, kind = #nn.reduce_kind<mean>} : (tensor<2x5xf32>) -> tensor<1x5xf32>
  %4 = nn.add %3, %epsilon : tensor<1x5xf32>, tensor<f32>
  %5 = nn.sqrt %4 : tensor<1x5xf32>
  %6 = nn.reciprocal %5 : tensor<1x5xf32>
  %7 = nn.mul %1, %6 : tensor<2x5xf32>, tensor<1x5xf32>
  %r = nn.quantize %7, %s, %z : tensor<2x5xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<2x5xi8>
}
