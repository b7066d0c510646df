// RUN: mlc-opt %s --nn-to-linalg="fc-weights=f16" -split-input-file 2>%t | FileCheck %s
// RUN: FileCheck %s --check-prefix=WARN --input-file=%t

// One row: reading the weights takes all the time.

// WARN: warning: weights kept as f16, largest error 2.44e-05, largest weight 1.00e-01
// CHECK-LABEL: func.func @one_row(
// CHECK-DAG: arith.constant #kernel.packed<dense<{{.*}}> : tensor<8x4xf16>, <kind = matmul, block = 32>> : tensor<1x1x1x1x8x32xf16>
// CHECK: kernel.conv {{.*}} tensor<1x1x1x8xf32>, tensor<1x1x1x1x8x32xf16>
func.func @one_row(%x: tensor<1x8xf32>) -> tensor<1x4xf32> {
  %w = nn.constant dense<0.1> : tensor<8x4xf32>
  %y = nn.matmul %x, %w : (tensor<1x8xf32>, tensor<8x4xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// -----

// Many rows: they stay.

// CHECK-LABEL: func.func @rows(
// CHECK: kernel.conv {{.*}} tensor<1x1x1x1x8x32xf32>
func.func @rows(%x: tensor<100x8xf32>) -> tensor<100x4xf32> {
  %w = nn.constant dense<0.1> : tensor<8x4xf32>
  %y = nn.matmul %x, %w : (tensor<100x8xf32>, tensor<8x4xf32>) -> tensor<100x4xf32>
  return %y : tensor<100x4xf32>
}

// -----

// Weights that f16 does not hold: they stay.

// WARN: warning: weight 1.000000e+06 found, f16 holds none of that size; all weights of the node stay f32
// CHECK-LABEL: func.func @large(
// CHECK: kernel.conv {{.*}} tensor<1x1x1x1x8x32xf32>
func.func @large(%x: tensor<1x8xf32>) -> tensor<1x4xf32> {
  %w = nn.constant dense<1.0e+6> : tensor<8x4xf32>
  %y = nn.matmul %x, %w : (tensor<1x8xf32>, tensor<8x4xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
