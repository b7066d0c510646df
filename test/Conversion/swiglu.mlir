// SwiGLU on scalars: limits on both sides, the product in f32, one rounding in the end and, where it is asked for, one before.
// RUN: mlc-opt %s --nn-to-linalg | FileCheck %s

// CHECK-LABEL: func @limited
// CHECK: %[[GATE:.*]] = arith.minimumf %{{.*}}, %{{.*}} fastmath<nsz> : f32
// CHECK: %[[LESS:.*]] = arith.minimumf
// CHECK: %[[LINEAR:.*]] = arith.maximumf %[[LESS]],
// CHECK: %[[INNER:.*]] = arith.mulf %[[GATE]],
// CHECK: arith.negf %[[INNER]]
// CHECK: %[[SWISH:.*]] = arith.mulf %[[GATE]],
// CHECK: %[[SUM:.*]] = arith.addf %[[LINEAR]],
// CHECK: arith.mulf %[[SWISH]], %[[SUM]]
func.func @limited(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = nn.swiglu %x, %y {alpha = 1.702 : f64, beta = 1.0 : f64, limit = 7.0 : f64} : tensor<4xf32>, tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @unlimited
// CHECK-NOT: arith.minimumf
// CHECK-NOT: arith.addf %{{.*}}, %cst
// CHECK: %[[GATE:.*]] = arith.extf %{{.*}} : f16 to f32
// CHECK: %[[SWISH:.*]] = arith.mulf %[[GATE]],
// CHECK-NOT: arith.truncf
// CHECK: %[[RESULT:.*]] = arith.mulf %[[SWISH]],
// CHECK: arith.truncf %[[RESULT]] : f32 to f16
func.func @unlimited(%x: tensor<4xf16>, %y: tensor<4xf16>) -> tensor<4xf16> {
  %0 = nn.swiglu %x, %y {alpha = 1.0 : f64, beta = 0.0 : f64, limit = 0x7FF0000000000000 : f64} : tensor<4xf16>, tensor<4xf16>
  return %0 : tensor<4xf16>
}

// CHECK-LABEL: func @rounded
// CHECK: %[[ONCE:.*]] = arith.truncf %{{.*}} : f32 to f16
// CHECK: %[[SWISH:.*]] = arith.extf %[[ONCE]] : f16 to f32
// CHECK: %[[RESULT:.*]] = arith.mulf %[[SWISH]],
// CHECK: arith.truncf %[[RESULT]] : f32 to f16
func.func @rounded(%x: tensor<4xf16>, %y: tensor<4xf16>) -> tensor<4xf16> {
  %0 = nn.swiglu %x, %y {alpha = 1.0 : f64, beta = 0.0 : f64, limit = 0x7FF0000000000000 : f64, rounds} : tensor<4xf16>, tensor<4xf16>
  return %0 : tensor<4xf16>
}
