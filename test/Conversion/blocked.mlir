// RUN: mlc-opt %s --nn-to-linalg="block=16" --canonicalize --split-input-file | FileCheck %s

// Eight rows of K in a lane, low bits first, each 8 more than it is. Scales lie in the same order. Leading dimensions are rows.
// CHECK-LABEL: func.func @nibbles(
// CHECK-DAG: arith.constant dense<{{\[\[\[\[}}-87, 11, 0, 0], [118, 7, 0, 0]]]]> : tensor<1x1x2x4xi8>
// CHECK-DAG: arith.constant dense<{{\[\[\[}}5.000000e-01, 2.500000e-01]]]> : tensor<1x1x2xf32>
// CHECK: kernel.blocked_matmul {block = 3 : i64} ins({{.*}} : tensor<6x3xf32>, tensor<1x1x2x4xi8>, tensor<1x1x2xf32>)
// CHECK-SAME: epilogue({{.*}} : tensor<2xf32>) outs({{.*}} : tensor<6x2xf32>) -> tensor<6x2xf32>
// CHECK: arith.addf
// CHECK: arith.maximumf
// CHECK-NOT: linalg.generic
func.func @nibbles(%x: tensor<2x3x3xf32>, %b: tensor<2xf32>) -> tensor<2x3x2xf32> {
  %q = nn.constant dense<[[1, 2, 3], [-2, -1, -1]]> : tensor<2x3xi8>
  %s = nn.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %w = nn.blocked_dequantize %q, %s {bits = 4 : i64, block = 3 : i64} : (tensor<2x3xi8>, tensor<2x1xf32>) -> tensor<2x3xf32>
  %0 = nn.matmul %x, %w bias(%b) {transpose_rhs} : (tensor<2x3x3xf32>, tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3x2xf32> {
  ^bb0(%acc: f32):
    %zero = arith.constant 0.0 : f32
    %m = arith.maximumf %acc, %zero : f32
    nn.yield %m : f32
  }
  return %0 : tensor<2x3x2xf32>
}

// -----

// Bytes, more channels than a block has lanes, blocks of K of which the last is not full, zero points: sums of one row's blocks
// are kept.
// CHECK-LABEL: func.func @bytes(
// CHECK: kernel.blocked_matmul {block = 16 : i64}
// CHECK-SAME: tensor<1x24xf32>, tensor<2x24x16xi8>, tensor<2x2x16xf32>, tensor<2x2x16xi8>)
// CHECK-SAME: scratch({{.*}} : tensor<2xf32>)
func.func @bytes(%x: tensor<1x24xf32>) -> tensor<1x20xf32> {
  %q = nn.constant dense<100> : tensor<20x24xi8>
  %s = nn.constant dense<0.5> : tensor<20x2xf32>
  %z = nn.constant dense<7> : tensor<20x2xi8>
  %w = nn.blocked_dequantize %q, %s, %z {bits = 8 : i64, block = 16 : i64} : (tensor<20x24xi8>, tensor<20x2xf32>, tensor<20x2xi8>) -> tensor<20x24xf32>
  %0 = nn.matmul %x, %w {transpose_rhs} : (tensor<1x24xf32>, tensor<20x24xf32>) -> tensor<1x20xf32>
  return %0 : tensor<1x20xf32>
}

// -----

// One row by 4 bits: its input is kept divided, in eights, and the sum of its block.
// CHECK-LABEL: func.func @row(
// CHECK: kernel.blocked_matmul {{.*}} outs({{.*}} : tensor<1x2xf32>) scratch({{.*}} : tensor<17xf32>)
func.func @row(%x: tensor<1x9xf32>) -> tensor<1x2xf32> {
  %q = nn.constant dense<3> : tensor<2x9xi8>
  %s = nn.constant dense<0.5> : tensor<2x1xf32>
  %w = nn.blocked_dequantize %q, %s {bits = 4 : i64, block = 9 : i64} : (tensor<2x9xi8>, tensor<2x1xf32>) -> tensor<2x9xf32>
  %0 = nn.matmul %x, %w {transpose_rhs} : (tensor<1x9xf32>, tensor<2x9xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

// What is no product's becomes numbers.
// CHECK-LABEL: func.func @alone(
// CHECK: arith.divui
// CHECK: arith.subi
// CHECK: arith.mulf
func.func @alone() -> tensor<1x3xf32> {
  %q = nn.constant dense<[[1, 2, 15]]> : tensor<1x3xi8>
  %s = nn.constant dense<[[0.5, 0.25]]> : tensor<1x2xf32>
  %z = nn.constant dense<[[3, 7]]> : tensor<1x2xi8>
  %0 = nn.blocked_dequantize %q, %s, %z {bits = 4 : i64, block = 2 : i64} : (tensor<1x3xi8>, tensor<1x2xf32>, tensor<1x2xi8>) -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}
