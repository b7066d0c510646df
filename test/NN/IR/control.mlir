// RUN: mlc-opt %s | mlc-opt | FileCheck %s
// RUN: mlc-opt %s --canonicalize | FileCheck %s --check-prefix=KNOWN

// CHECK-LABEL: @branch
func.func @branch(%p: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: nn.if %arg0 : (tensor<i1>) -> tensor<4xf32> {
  // CHECK: nn.yield
  // CHECK: } else {
  // CHECK: nn.yield %arg1 : tensor<4xf32>
  %y = nn.if %p : (tensor<i1>) -> tensor<4xf32> {
    %n = nn.neg %x : tensor<4xf32>
    nn.yield %n : tensor<4xf32>
  } else {
    nn.yield %x : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// A constant condition folds away.

// KNOWN-LABEL: @known_branch
// KNOWN-NOT: nn.if
// KNOWN: %[[Y:.*]] = nn.neg %arg0
// KNOWN: return %[[Y]]
func.func @known_branch(%x: tensor<4xf32>) -> tensor<4xf32> {
  %p = nn.constant dense<true> : tensor<i1>
  %y = nn.if %p : (tensor<i1>) -> tensor<4xf32> {
    %n = nn.neg %x : tensor<4xf32>
    nn.yield %n : tensor<4xf32>
  } else {
    nn.yield %x : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// CHECK-LABEL: @scan
func.func @scan(%zero: tensor<2xf32>, %x: tensor<3x2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>) {
  // CHECK: nn.scan inits(%arg0) inputs(%arg1) {reverse_inputs = array<i1: true>, reverse_outputs = array<i1: false>, trip_count = 3 : i64} : (tensor<2xf32>, tensor<3x2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>) {
  // CHECK: ^bb0(%{{.*}}: tensor<i64>, %{{.*}}: tensor<2xf32>, %{{.*}}: tensor<2xf32>):
  %sum, %sums = nn.scan inits(%zero) inputs(%x) {trip_count = 3 : i64, reverse_inputs = array<i1: true>, reverse_outputs = array<i1: false>} : (tensor<2xf32>, tensor<3x2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>) {
  ^bb0(%i: tensor<i64>, %sum_in: tensor<2xf32>, %row: tensor<2xf32>):
    %next = nn.add %sum_in, %row : tensor<2xf32>, tensor<2xf32>
    nn.yield %next, %next : tensor<2xf32>, tensor<2xf32>
  }
  return %sum, %sums : tensor<2xf32>, tensor<3x2xf32>
}

// CHECK-LABEL: @loop
func.func @loop(%n: tensor<i64>, %p: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: nn.loop limit(%arg0) condition(%arg1) inits(%arg2) : (tensor<i64>, tensor<i1>, tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.loop limit(%n) condition(%p) inits(%x) : (tensor<i64>, tensor<i1>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<4xf32>):
    %twice = nn.add %a, %a : tensor<4xf32>, tensor<4xf32>
    nn.yield %p, %twice : tensor<i1>, tensor<4xf32>
  }
  return %y : tensor<4xf32>
}
