// RUN: mlc-opt %s --split-input-file --nn-collect-requirements | FileCheck %s

// The example of the pass's description.
// CHECK-LABEL: @main
// CHECK-SAME: -> (tensor<4xf32>, tensor<i1> {mlc.valid})
// CHECK-NEXT: return %arg0, %arg1
func.func @main(%x: tensor<4xf32>, %ok: tensor<i1>) -> tensor<4xf32> {
  nn.require %ok : tensor<i1>
  return %x : tensor<4xf32>
}

// -----

// What requires nothing stays as it is.
// CHECK-LABEL: @main
// CHECK-SAME: -> (tensor<4xf32> {nn.name = "y"}) {
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32> {nn.name = "y"}) {
  return %x : tensor<4xf32>
}

// -----

// The branch that is not taken requires nothing.
// CHECK-LABEL: @main
// CHECK: %[[IF:.*]]:2 = nn.if %arg1 : (tensor<i1>) -> (tensor<4xf32>, tensor<i1>) {
// CHECK-NEXT: nn.yield %arg0, %arg2
// CHECK-NEXT: } else {
// CHECK-NEXT: %[[TRUE:.*]] = nn.constant dense<true> : tensor<i1>
// CHECK-NEXT: nn.yield %arg0, %[[TRUE]]
// CHECK: return %[[IF]]#0, %[[IF]]#1
func.func @main(%x: tensor<4xf32>, %p: tensor<i1>, %ok: tensor<i1>) -> tensor<4xf32> {
  %y = nn.if %p : (tensor<i1>) -> tensor<4xf32> {
    nn.require %ok : tensor<i1>
    nn.yield %x : tensor<4xf32>
  } else {
    nn.yield %x : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// -----

// Every step of a loop counts, and what a loop inside of it requires.
// CHECK-LABEL: @main
// CHECK: nn.scan inits(%arg0, %{{.*}}) inputs(%arg1)
// CHECK-SAME: -> (tensor<2xf32>, tensor<i1>, tensor<3x2xf32>)
// CHECK-NEXT: ^bb0(%{{.*}}: tensor<i64>, %{{.*}}: tensor<2xf32>, %[[OK:.*]]: tensor<i1>, %[[ROW:.*]]: tensor<2xf32>):
// CHECK: %[[LOOP:.*]]:2 = nn.loop limit(%arg2) inits(
// CHECK: nn.and
// CHECK: nn.yield
// CHECK: %[[ALL:.*]] = nn.and %[[OK]], %[[LOOP]]#1
// CHECK: nn.yield %{{.*}}, %[[ALL]], %[[ROW]]
func.func @main(%a: tensor<2xf32>, %x: tensor<3x2xf32>, %n: tensor<i64>) -> (tensor<2xf32>, tensor<3x2xf32>) {
  %y, %z = nn.scan inits(%a) inputs(%x) {trip_count = 3 : i64,
      reverse_inputs = array<i1: false>, reverse_outputs = array<i1: false>}
      : (tensor<2xf32>, tensor<3x2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>) {
  ^bb0(%i: tensor<i64>, %sum: tensor<2xf32>, %row: tensor<2xf32>):
    %w = nn.loop limit(%n) inits(%sum) : (tensor<i64>, tensor<2xf32>) -> tensor<2xf32> {
    ^bb0(%j: tensor<i64>, %v: tensor<2xf32>):
      %ok = nn.less %j, %i : tensor<i64>, tensor<i64>
      nn.require %ok : tensor<i1>
      nn.yield %v : tensor<2xf32>
    }
    nn.yield %w, %row : tensor<2xf32>, tensor<2xf32>
  }
  return %y, %z : tensor<2xf32>, tensor<3x2xf32>
}
