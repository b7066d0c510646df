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

// Only rows below the count are written.
// CHECK-LABEL: @scatter_counted
// CHECK: %[[N:.*]] = tensor.extract %{{.*}}[] : tensor<i64>
// CHECK: arith.index_cast %[[N]]
// CHECK: arith.maxsi
// CHECK: %[[END:.*]] = arith.minsi
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[END]] step
func.func @scatter_counted(%x: tensor<4x3xf32>, %i: tensor<2xi64>, %u: tensor<2x3xf32>, %n: tensor<i64>) -> tensor<4x3xf32> {
  %y = nn.scatter %x, %i, %u count(%n) {kind = #nn.scatter_kind<add>} : (tensor<4x3xf32>, tensor<2xi64>, tensor<2x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}

// A few of many sink into a sorted list, which most do not enter.
// CHECK-LABEL: @order_few
// CHECK: scf.for {{.*}} -> (tensor<4x2xi64>)
// CHECK: scf.for {{.*}} -> (tensor<4x2xi64>)
// CHECK: arith.cmpi ugt, %{{.*}}, %{{.*}} : i8
// CHECK: %[[STEPS:.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : index
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[STEPS]]
func.func @order_few(%x: tensor<4x90xui8>) -> tensor<4x2xi64> {
  %y = nn.order %x {axis = 1 : i64, count = 2 : i64, descending} : (tensor<4x90xui8>) -> tensor<4x2xi64>
  return %y : tensor<4x2xi64>
}

// Many are merged, in rows: another axis is brought there and back.
// CHECK-LABEL: @order_many
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1]
// CHECK: scf.for {{.*}} -> (tensor<3x90xi64>, tensor<90xi64>, tensor<90xi64>)
// CHECK: arith.minui
// CHECK: arith.cmpf ord
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1]
func.func @order_many(%x: tensor<90x3xf32>) -> tensor<90x3xi64> {
  %y = nn.order %x {axis = 0 : i64, count = 90 : i64} : (tensor<90x3xf32>) -> tensor<90x3xi64>
  return %y : tensor<90x3xi64>
}

// Each sample's weights are computed once for all channels.
// CHECK-LABEL: @roi_align
// CHECK: math.ceil
// CHECK: scf.for {{.*}} -> (tensor<5x3x2x3xf32>)
// CHECK: arith.fptosi
// CHECK: scf.for {{.*}} -> (tensor<5x3x2x3xf32>)
// CHECK-COUNT-4: tensor.extract %{{.*}} : tensor<2x9x8x3xf32>
func.func @roi_align(%x: tensor<2x9x8x3xf32>, %r: tensor<5x4xf32>, %i: tensor<5xi64>) -> tensor<5x3x2x3xf32> {
  %y = nn.roi_align %x, %r, %i {height = 3 : i64, sampling_ratio = 0 : i64, spatial_scale = 0.5 : f64, width = 2 : i64} : (tensor<2x9x8x3xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x3x2x3xf32>
  return %y : tensor<5x3x2x3xf32>
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
