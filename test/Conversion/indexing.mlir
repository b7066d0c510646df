// RUN: mlc-opt --nn-to-linalg %s | FileCheck %s

// Rows meet in order; places from data are brought into the tensor.
// CHECK-LABEL: @scatter
// CHECK: scf.for {{.*}} iter_args
// CHECK: arith.maxsi
// CHECK: %[[PLACE:.*]] = arith.minsi
// CHECK: scf.for %[[COLUMN:.*]] = {{.*}} iter_args(%[[ACC:.*]] =
// CHECK: %[[UPDATE:.*]] = tensor.extract
// CHECK: %[[OLD:.*]] = tensor.extract %[[ACC]][%[[PLACE]], %[[COLUMN]]]
// CHECK: %[[SUM:.*]] = arith.addf %[[OLD]], %[[UPDATE]]
// CHECK: tensor.insert %[[SUM]] into %[[ACC]][%[[PLACE]], %[[COLUMN]]]
func.func @scatter(%x: tensor<4x3xf32>, %i: tensor<2xi64>, %u: tensor<2x3xf32>) -> tensor<4x3xf32> {
  %y = nn.scatter %x, %i, %u {kind = #nn.scatter_kind<add>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>) -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}

// Nothing to write.
// CHECK-LABEL: @scatter_none
// CHECK-SAME: (%[[X:.*]]: tensor<4x3xf32>,
// CHECK-NEXT: return %[[X]]
func.func @scatter_none(%x: tensor<4x3xf32>, %i: tensor<0xi64>, %u: tensor<0x3xf32>) -> tensor<4x3xf32> {
  %y = nn.scatter %x, %i, %u {kind = #nn.scatter_kind<assign>} : (tensor<4x3xf32>, tensor<0xi64>, tensor<0x3xf32>) -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}

// A count without branches; of equal elements the first comes first.
// CHECK-LABEL: @rank
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "reduction"]
// CHECK: arith.cmpi ugt, %{{.*}}, %{{.*}} : i8
// CHECK: arith.cmpi eq
// CHECK: arith.cmpi ult, {{.*}} : index
// CHECK: arith.extui
// CHECK: arith.addi
func.func @rank(%x: tensor<4x3xui8>) -> tensor<4x3xi64> {
  %y = nn.rank %x {axis = 1 : i64, descending} : (tensor<4x3xui8>) -> tensor<4x3xi64>
  return %y : tensor<4x3xi64>
}

// The innermost loop runs along rows that a tap weighs as a whole.
// CHECK-LABEL: @resample
// CHECK-NOT: linalg.transpose
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction", "parallel"]
// CHECK: tensor.extract
// CHECK: arith.mulf
// CHECK: arith.addf
func.func @resample(%x: tensor<4x3x8xf32>, %i: tensor<5x2xi64>, %w: tensor<5x2xf32>) -> tensor<4x5x8xf32> {
  %y = nn.resample %x, %i, %w {axis = 1 : i64} : (tensor<4x3x8xf32>, tensor<5x2xi64>, tensor<5x2xf32>) -> tensor<4x5x8xf32>
  return %y : tensor<4x5x8xf32>
}

// Where the axis is innermost, the outer dimensions come there.
// CHECK-LABEL: @resample_innermost
// CHECK: linalg.transpose {{.*}} permutation = [2, 1, 0]
// CHECK: linalg.generic
// CHECK: linalg.transpose {{.*}} permutation = [2, 1, 0]
func.func @resample_innermost(%x: tensor<4x3xf32>, %i: tensor<5x2xi64>, %w: tensor<5x2xf32>) -> tensor<4x5xf32> {
  %y = nn.resample %x, %i, %w {axis = 1 : i64} : (tensor<4x3xf32>, tensor<5x2xi64>, tensor<5x2xf32>) -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}
