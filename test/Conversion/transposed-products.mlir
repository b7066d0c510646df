// RUN: mlc-opt %s --nn-to-linalg | FileCheck %s

// Many rows read the right side: its columns are put side by side first, so that sums are elements of vectors.

// CHECK-LABEL: func.func @many(
// CHECK: %[[T:.*]] = linalg.transpose ins(%arg1 : tensor<2x10x16xf32>) outs(%{{.*}} : tensor<2x16x10xf32>) permutation = [0, 2, 1]
// CHECK: kernel.matmul ins(%arg0, %[[T]] : tensor<2x64x16xf32>, tensor<2x16x10xf32>)
func.func @many(%l: tensor<2x64x16xf32>, %r: tensor<2x10x16xf32>) -> tensor<2x64x10xf32> {
  %y = nn.matmul %l, %r {transpose_rhs} : (tensor<2x64x16xf32>, tensor<2x10x16xf32>) -> tensor<2x64x10xf32>
  return %y : tensor<2x64x10xf32>
}

// Few do not pay for that.

// CHECK-LABEL: func.func @few(
// CHECK-NOT: linalg.transpose
// CHECK: kernel.matmul {transpose_rhs} ins(%arg0, %arg1 :
func.func @few(%l: tensor<2x63x16xf32>, %r: tensor<2x10x16xf32>) -> tensor<2x63x10xf32> {
  %y = nn.matmul %l, %r {transpose_rhs} : (tensor<2x63x16xf32>, tensor<2x10x16xf32>) -> tensor<2x63x10xf32>
  return %y : tensor<2x63x10xf32>
}

// Integers stay as they are: it was not measured to pay.

// CHECK-LABEL: func.func @integers(
// CHECK-NOT: linalg.transpose
// CHECK: kernel.matmul {transpose_rhs}
func.func @integers(%l: tensor<2x64x16xi8>, %r: tensor<2x10x16xi8>) -> tensor<2x64x10xi32> {
  %y = nn.matmul %l, %r {transpose_rhs} : (tensor<2x64x16xi8>, tensor<2x10x16xi8>) -> tensor<2x64x10xi32>
  return %y : tensor<2x64x10xi32>
}
