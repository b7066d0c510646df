// RUN: mlc-opt %s | mlc-opt | FileCheck %s
// RUN: mlc-opt %s --cse | FileCheck %s --check-prefix=CSE
// RUN: mlc-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" | FileCheck %s --check-prefix=BUF

// Weights that are still to be packed are constants of the shape that kernels
// read; what has its default is left out.

// BUF: memref.global "private" constant @{{.*}} : memref<1x1x3x3x3x32xf32> = #kernel.packed<dense<5.000000e-01> : tensor<20x3x3x3xf32>, <kind = conv, block = 32>>

// CHECK-LABEL: func @conv
// CHECK: arith.constant #kernel.packed<dense<5.000000e-01> : tensor<20x3x3x3xf32>, <kind = conv, block = 32>> : tensor<1x1x3x3x3x32xf32>
func.func @conv() -> tensor<1x1x3x3x3x32xf32> {
  %w = arith.constant #kernel.packed<dense<0.5> : tensor<20x3x3x3xf32>, #kernel.layout<kind = conv, step = single, groups = 1, block = 32>> : tensor<1x1x3x3x3x32xf32>
  return %w : tensor<1x1x3x3x3x32xf32>
}

// CHECK-LABEL: func @steps
// CHECK: #kernel.packed<dense<1.000000e+00> : tensor<4x3x1x1xbf16>, <kind = conv, step = halves, block = 4>> : tensor<1x1x1x1x2x4x2xbf16>
// CHECK: #kernel.packed<dense<1> : tensor<8x5x1x1xi8>, <kind = conv, step = quads, groups = 2, block = 4>> : tensor<2x1x1x1x3x4x4xi8>
// CHECK: #kernel.packed<dense<1> : tensor<9x4xi8>, <kind = matmul, step = octets, block = 4>> : tensor<1x1x1x1x3x4x8xi8>
// CHECK: #kernel.packed<dense<1> : tensor<4x9xi8>, <kind = matmul_transposed, step = nibbles, block = 4>> : tensor<1x1x1x1x3x4x4xi8>
// CHECK: #kernel.packed<dense<1> : tensor<70x1x3x3xi8>, <kind = depthwise>> : tensor<3x3x70xi8>
// CHECK: #kernel.packed<dense<1> : tensor<70x1x3x3xi8>, <kind = depthwise, step = quads>> : tensor<2x4x1x4x16x4xi8>
func.func @steps() -> (tensor<1x1x1x1x2x4x2xbf16>, tensor<2x1x1x1x3x4x4xi8>, tensor<1x1x1x1x3x4x8xi8>, tensor<1x1x1x1x3x4x4xi8>, tensor<3x3x70xi8>, tensor<2x4x1x4x16x4xi8>) {
  %0 = arith.constant #kernel.packed<dense<1.0> : tensor<4x3x1x1xbf16>, <kind = conv, step = halves, block = 4>> : tensor<1x1x1x1x2x4x2xbf16>
  %1 = arith.constant #kernel.packed<dense<1> : tensor<8x5x1x1xi8>, <kind = conv, step = quads, groups = 2, block = 4>> : tensor<2x1x1x1x3x4x4xi8>
  %2 = arith.constant #kernel.packed<dense<1> : tensor<9x4xi8>, <kind = matmul, step = octets, block = 4>> : tensor<1x1x1x1x3x4x8xi8>
  %3 = arith.constant #kernel.packed<dense<1> : tensor<4x9xi8>, <kind = matmul_transposed, step = nibbles, block = 4>> : tensor<1x1x1x1x3x4x4xi8>
  %4 = arith.constant #kernel.packed<dense<1> : tensor<70x1x3x3xi8>, <kind = depthwise>> : tensor<3x3x70xi8>
  %5 = arith.constant #kernel.packed<dense<1> : tensor<70x1x3x3xi8>, <kind = depthwise, step = quads>> : tensor<2x4x1x4x16x4xi8>
  return %0, %1, %2, %3, %4, %5 : tensor<1x1x1x1x2x4x2xbf16>, tensor<2x1x1x1x3x4x4xi8>, tensor<1x1x1x1x3x4x8xi8>, tensor<1x1x1x1x3x4x4xi8>, tensor<3x3x70xi8>, tensor<2x4x1x4x16x4xi8>
}

// Equal ones are one; a square matrix and its transposed one are of one type,
// and two.

// CSE-LABEL: func @equal
// CSE: %[[A:.*]] = arith.constant #kernel.packed<{{.*}}, <kind = matmul, block = 2>>
// CSE: %[[B:.*]] = arith.constant #kernel.packed<{{.*}}, <kind = matmul_transposed, block = 2>>
// CSE: return %[[A]], %[[A]], %[[B]]
func.func @equal() -> (tensor<1x1x1x1x2x2xf32>, tensor<1x1x1x1x2x2xf32>, tensor<1x1x1x1x2x2xf32>) {
  %a = arith.constant #kernel.packed<dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>, <kind = matmul, block = 2>> : tensor<1x1x1x1x2x2xf32>
  %b = arith.constant #kernel.packed<dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>, <kind = matmul, block = 2>> : tensor<1x1x1x1x2x2xf32>
  %c = arith.constant #kernel.packed<dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>, <kind = matmul_transposed, block = 2>> : tensor<1x1x1x1x2x2xf32>
  return %a, %b, %c : tensor<1x1x1x1x2x2xf32>, tensor<1x1x1x1x2x2xf32>, tensor<1x1x1x1x2x2xf32>
}
