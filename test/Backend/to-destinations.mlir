// RUN: mlc-opt %s --to-destinations | FileCheck %s

// The example of the pass's description: results become arguments to write.

// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[IN:.*]]: memref<4xf32>, %[[OUT:.*]]: memref<8xf32>)
// CHECK-SAME: mlc.inputs = 1 : i64, mlc.outputs = 1 : i64
// CHECK: bufferization.to_tensor %[[IN]] restrict : memref<4xf32> to tensor<4xf32>
// CHECK: tensor.concat
// CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[OUT]]
// CHECK: return{{$}}
func.func @main(%x: tensor<4xf32>) -> tensor<8xf32> {
  %y = tensor.concat dim(0) %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}
