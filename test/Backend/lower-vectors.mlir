// RUN: mlc-opt %s --lower-vectors | FileCheck %s

// CHECK-LABEL: func.func @transpose(
// CHECK-NOT: vector.transpose
// CHECK: %[[POISON:.*]] = ub.poison : vector<4x2xf32>
// CHECK: %[[FIRST:.*]] = vector.extract %{{.*}}[0, 0] : f32 from vector<2x4xf32>
// CHECK: %[[WITH:.*]] = vector.insert %[[FIRST]], %[[POISON]] [0, 0] : f32 into vector<4x2xf32>
// CHECK: %[[SECOND:.*]] = vector.extract %{{.*}}[0, 1]
// CHECK: vector.insert %[[SECOND]], %[[WITH]] [1, 0]
func.func @transpose(%a: vector<2x4xf32>) -> vector<4x2xf32> {
  %y = vector.transpose %a, [1, 0] : vector<2x4xf32> to vector<4x2xf32>
  return %y : vector<4x2xf32>
}
