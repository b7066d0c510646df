// RUN: mlc-opt %s --nn-quantize --split-input-file | FileCheck %s --check-prefixes=CHECK,ONNX
// RUN: mlc-opt %s --nn-quantize=mode=integer --split-input-file | FileCheck %s --check-prefixes=CHECK,INT

// The greatest number is that of the greatest integer, before or behind a change of scale.
// CHECK-LABEL: @greatest
// CHECK-NOT: {{[^:]}}f32
// CHECK: %[[M:.*]] = nn.reduce %arg0 {axes = array<i64: 1>, kind = #nn.reduce_kind<max>} : (tensor<2x5xui8>) -> tensor<2xui8>
// CHECK: nn.gather %{{.*}}, %[[M]]
// CHECK-NOT: {{[^:]}}f32
// CHECK: return
func.func @greatest(%q: tensor<2x5xui8>) -> tensor<2xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.3> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %x = nn.dequantize %q, %s, %z : tensor<2x5xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.reduce %x {axes = array<i64: 1>, kind = #nn.reduce_kind<max>} : (tensor<2x5xf32>) -> tensor<2xf32>
  %r = nn.quantize %0, %t, %z : tensor<2xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<2xui8>
}

// -----

// Of nothing there is none.
// CHECK-LABEL: @of_nothing
// CHECK: nn.reduce {{.*}} : (tensor<2x0xf32>) -> tensor<2xf32>
func.func @of_nothing(%q: tensor<2x0xui8>) -> tensor<2xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %x = nn.dequantize %q, %s, %z : tensor<2x0xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.reduce %x {axes = array<i64: 1>, kind = #nn.reduce_kind<max>} : (tensor<2x0xf32>) -> tensor<2xf32>
  %r = nn.quantize %0, %s, %z : tensor<2xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<2xui8>
}

// -----

// A sum is exact, and requantised once.
// CHECK-LABEL: @sum
// CHECK: %[[X:.*]] = nn.map(%arg0) : (tensor<2x5x3xui8>) -> tensor<2x5x3xi32>
// CHECK: %[[SUM:.*]] = nn.reduce %[[X]] {axes = array<i64: 0, 2>, kind = #nn.reduce_kind<sum>} : (tensor<2x5x3xi32>) -> tensor<5xi32>
// CHECK: nn.map(%[[SUM]]) : (tensor<5xi32>) -> tensor<5xui8> {
// ONNX: arith.mulf
// INT-NOT: {{[^:]}}f32
// INT: arith.shrsi
// CHECK: return
func.func @sum(%q: tensor<2x5x3xui8>) -> tensor<5xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.3> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %x = nn.dequantize %q, %s, %z : tensor<2x5x3xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.reduce %x {axes = array<i64: 0, 2>, kind = #nn.reduce_kind<sum>} : (tensor<2x5x3xf32>) -> tensor<5xf32>
  %r = nn.quantize %0, %t, %z : tensor<5xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<5xui8>
}

// -----

// More bytes than a sum of 32 bits holds stay in floats.
// CHECK-LABEL: @too_many
// CHECK: nn.reduce {{.*}} : (tensor<8421505xf32>) -> tensor<f32>
func.func @too_many(%q: tensor<8421505xui8>) -> tensor<ui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %x = nn.dequantize %q, %s, %z : tensor<8421505xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.reduce %x {axes = array<i64: 0>, kind = #nn.reduce_kind<sum>} : (tensor<8421505xf32>) -> tensor<f32>
  %r = nn.quantize %0, %s, %z : tensor<f32>, tensor<f32>, tensor<ui8>
  return %r : tensor<ui8>
}

// -----

// Each operand gets the result's scale, and integers are compared.
// CHECK-LABEL: @greater
// CHECK-NOT: {{[^:]}}f32
// CHECK: %[[A:.*]] = nn.gather %{{.*}}, %arg0
// CHECK: nn.max %[[A]], %arg1 : tensor<4xui8>, tensor<4xui8>
// CHECK-NOT: {{[^:]}}f32
// CHECK: return
func.func @greater(%q: tensor<4xui8>, %p: tensor<4xui8>) -> tensor<4xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.3> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %x = nn.dequantize %q, %s, %z : tensor<4xui8>, tensor<f32>, tensor<ui8>
  %y = nn.dequantize %p, %t, %z : tensor<4xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.max %x, %y : tensor<4xf32>, tensor<4xf32>
  %r = nn.quantize %0, %t, %z : tensor<4xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<4xui8>
}

// -----

// Softmax is integers in mode integer alone.
// CHECK-LABEL: @softmax
// ONNX: nn.softmax
// INT-NOT: {{[^:]}}f32
// INT: %[[MOST:.*]] = nn.reduce %arg0 {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<max>}
// INT: %[[D:.*]] = nn.map(%arg0, %[[MOST]])
// INT: %[[E:.*]] = nn.gather %{{.*}}, %[[D]] {axis = 0 : i64} : (tensor<256xi32>, tensor<2x5xui8>) -> tensor<2x5xi32>
// INT: nn.reduce %{{.*}} {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<sum>} : (tensor<2x5xi64>) -> tensor<2x1xi64>
// INT: arith.divsi
// INT: nn.map(%[[E]], %{{.*}}) : (tensor<2x5xi32>, tensor<2x1xi64>) -> tensor<2x5xi8>
// INT-NOT: {{[^:]}}f32
// CHECK: return
func.func @softmax(%q: tensor<2x5xi8>) -> tensor<2x5xi8> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %t = nn.constant dense<0.00390625> : tensor<f32>
  %z = nn.constant dense<-128> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<2x5xi8>, tensor<f32>, tensor<i8>
  %0 = nn.softmax %x {axis = 1 : i64} : (tensor<2x5xf32>) -> tensor<2x5xf32>
  %r = nn.quantize %0, %t, %z : tensor<2x5xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<2x5xi8>
}

// -----

// So is interpolation: a gather a tap, dimension by dimension, and one requantisation.
// CHECK-LABEL: @interpolation
// ONNX-COUNT-2: nn.resample
// INT-NOT: {{[^:]}}f32
// INT: %[[WIDE:.*]] = nn.map(%arg0) : (tensor<2x3xi8>) -> tensor<2x3xi32>
// INT: %[[A:.*]] = nn.gather %[[WIDE]], %{{.*}} {axis = 0 : i64} : (tensor<2x3xi32>, tensor<3xi64>) -> tensor<3x3xi32>
// INT: %[[B:.*]] = nn.gather %[[WIDE]], %{{.*}} {axis = 0 : i64} : (tensor<2x3xi32>, tensor<3xi64>) -> tensor<3x3xi32>
// INT: %[[ROWS:.*]] = nn.map(%[[A]], %[[B]], %{{.*}}, %{{.*}}) : (tensor<3x3xi32>, tensor<3x3xi32>, tensor<3x1xi32>, tensor<3x1xi32>) -> tensor<3x3xi32>
// INT: nn.gather %[[ROWS]], %{{.*}} {axis = 1 : i64} : (tensor<3x3xi32>, tensor<1xi64>) -> tensor<3x1xi32>
// INT: nn.map({{.*}}) : (tensor<3x1xi32>) -> tensor<3x1xi8>
// INT-NOT: {{[^:]}}f32
// CHECK: return
func.func @interpolation(%q: tensor<2x3xi8>) -> tensor<3x1xi8> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %t = nn.constant dense<0.07> : tensor<f32>
  %z = nn.constant dense<-3> : tensor<i8>
  %rows = nn.constant dense<[[0, 1], [0, 1], [1, 1]]> : tensor<3x2xi64>
  %rowWeights = nn.constant dense<[[1.0, 0.0], [0.3, 0.7], [1.0, 0.0]]> : tensor<3x2xf32>
  %columns = nn.constant dense<[[0, 1, 2]]> : tensor<1x3xi64>
  %columnWeights = nn.constant dense<[[0.25, 0.5, 0.25]]> : tensor<1x3xf32>
  %x = nn.dequantize %q, %s, %z : tensor<2x3xi8>, tensor<f32>, tensor<i8>
  %0 = nn.resample %x, %rows, %rowWeights {axis = 0 : i64} : (tensor<2x3xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<3x3xf32>
  %1 = nn.resample %0, %columns, %columnWeights {axis = 1 : i64} : (tensor<3x3xf32>, tensor<1x3xi64>, tensor<1x3xf32>) -> tensor<3x1xf32>
  %r = nn.quantize %1, %t, %z : tensor<3x1xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<3x1xi8>
}

// -----

// Places that are computed are not known here.
// CHECK-LABEL: @computed_places
// CHECK: nn.resample
func.func @computed_places(%q: tensor<2x3xi8>, %rows: tensor<3x2xi64>) -> tensor<3x3xi8> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %z = nn.constant dense<-3> : tensor<i8>
  %weights = nn.constant dense<[[1.0, 0.0], [0.3, 0.7], [1.0, 0.0]]> : tensor<3x2xf32>
  %x = nn.dequantize %q, %s, %z : tensor<2x3xi8>, tensor<f32>, tensor<i8>
  %0 = nn.resample %x, %rows, %weights {axis = 0 : i64} : (tensor<2x3xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<3x3xf32>
  %r = nn.quantize %0, %s, %z : tensor<3x3xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<3x3xi8>
}

// -----

// Its logarithm is a difference to that of the sum, which lies between two entries of a table.
// CHECK-LABEL: @log_softmax
// ONNX: nn.softmax
// INT-NOT: {{[^:]}}f32
// INT: %[[D:.*]] = nn.map(%arg0, %{{.*}}) : (tensor<2x5xi8>, tensor<2x1xi8>) -> tensor<2x5xui8>
// INT: nn.reduce %{{.*}} {axes = array<i64: 1>, keepdims, kind = #nn.reduce_kind<sum>} : (tensor<2x5xi64>) -> tensor<2x1xi64>
// INT-COUNT-2: nn.gather %{{.*}}, %{{.*}} {axis = 0 : i64} : (tensor<256xi64>, tensor<2x1xui8>) -> tensor<2x1xi64>
// INT: nn.gather %{{.*}}, %[[D]] {axis = 0 : i64} : (tensor<256xi64>, tensor<2x5xui8>) -> tensor<2x5xi64>
// INT-NOT: {{[^:]}}f32
// CHECK: return
func.func @log_softmax(%q: tensor<2x5xi8>) -> tensor<2x5xi8> {
  %s = nn.constant dense<0.1> : tensor<f32>
  %t = nn.constant dense<0.0625> : tensor<f32>
  %z = nn.constant dense<127> : tensor<i8>
  %x = nn.dequantize %q, %s, %z : tensor<2x5xi8>, tensor<f32>, tensor<i8>
  %0 = nn.softmax %x {axis = 1 : i64, log} : (tensor<2x5xf32>) -> tensor<2x5xf32>
  %r = nn.quantize %0, %t, %z : tensor<2x5xf32>, tensor<f32>, tensor<i8>
  return %r : tensor<2x5xi8>
}

// -----

// The scale takes in a number that all are divided by.
// CHECK-LABEL: @divided
// CHECK: nn.reduce %{{.*}} {axes = array<i64: 0, 2>, kind = #nn.reduce_kind<sum>} : (tensor<2x5x3xi32>) -> tensor<5xi32>
// ONNX: arith.constant 2.500000e-01 : f32
// INT-NOT: {{[^:]}}f32
// CHECK: return
func.func @divided(%q: tensor<2x5x3xui8>) -> tensor<5xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %t = nn.constant dense<0.25> : tensor<f32>
  %z = nn.constant dense<128> : tensor<ui8>
  %eight = nn.constant dense<8.0> : tensor<f32>
  %x = nn.dequantize %q, %s, %z : tensor<2x5x3xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.div %x, %eight : tensor<2x5x3xf32>, tensor<f32>
  %1 = nn.reduce %0 {axes = array<i64: 0, 2>, kind = #nn.reduce_kind<sum>} : (tensor<2x5x3xf32>) -> tensor<5xf32>
  %r = nn.quantize %1, %t, %z : tensor<5xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<5xui8>
}
