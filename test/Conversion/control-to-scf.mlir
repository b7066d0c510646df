// RUN: mlc-opt %s --nn-control-to-scf | FileCheck %s

// A branch reads what is around it.

// CHECK-LABEL: func.func @branch(
// CHECK: %[[P:.*]] = tensor.extract %arg0[] : tensor<i1>
// CHECK: %[[Y:.*]] = scf.if %[[P]] -> (tensor<4xf32>) {
// CHECK: %[[N:.*]] = nn.neg %arg1
// CHECK: scf.yield %[[N]]
// CHECK: } else {
// CHECK: scf.yield %arg1
// CHECK: return %[[Y]]
func.func @branch(%p: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.if %p : (tensor<i1>) -> tensor<4xf32> {
    %n = nn.neg %x : tensor<4xf32>
    nn.yield %n : tensor<4xf32>
  } else {
    nn.yield %x : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// An input that is read backwards, a stack that is written forwards.

// CHECK-LABEL: func.func @scan(
// CHECK: %[[STACK:.*]] = tensor.empty() : tensor<3x2xf32>
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[SUM:.*]] = %arg0, %[[SUMS:.*]] = %[[STACK]])
// CHECK: %[[BACK:.*]] = arith.subi %{{.*}}, %[[I]]
// CHECK: %[[ROW:.*]] = tensor.extract_slice %arg1[%[[BACK]], 0] [1, 2] [1, 1] : tensor<3x2xf32> to tensor<2xf32>
// CHECK: %[[NEXT:.*]] = nn.add %[[SUM]], %[[ROW]]
// CHECK: %[[ALL:.*]] = tensor.insert_slice %[[NEXT]] into %[[SUMS]][%[[I]], 0] [1, 2] [1, 1]
// CHECK: scf.yield %[[NEXT]], %[[ALL]]
func.func @scan(%zero: tensor<2xf32>, %x: tensor<3x2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>) {
  %sum, %sums = nn.scan inits(%zero) inputs(%x) {trip_count = 3 : i64, reverse_inputs = array<i1: true>, reverse_outputs = array<i1: false>} : (tensor<2xf32>, tensor<3x2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>) {
  ^bb0(%i: tensor<i64>, %sum_in: tensor<2xf32>, %row: tensor<2xf32>):
    %next = nn.add %sum_in, %row : tensor<2xf32>, tensor<2xf32>
    nn.yield %next, %next : tensor<2xf32>, tensor<2xf32>
  }
  return %sum, %sums : tensor<2xf32>, tensor<3x2xf32>
}

// CHECK-LABEL: func.func @counted(
// CHECK: %[[N:.*]] = tensor.extract %arg0[] : tensor<i64>
// CHECK: %[[LIMIT:.*]] = arith.index_cast %[[N]] : i64 to index
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[LIMIT]]
func.func @counted(%n: tensor<i64>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.loop limit(%n) inits(%x) : (tensor<i64>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<4xf32>):
    %twice = nn.add %a, %a : tensor<4xf32>, tensor<4xf32>
    nn.yield %twice : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// CHECK-LABEL: func.func @conditional(
// CHECK: scf.while
// CHECK: arith.cmpi slt
// CHECK: %[[GOES_ON:.*]] = arith.andi
// CHECK: scf.condition(%[[GOES_ON]])
// CHECK: nn.add
// CHECK: arith.addi
// CHECK: scf.yield
func.func @conditional(%n: tensor<i64>, %p: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %y = nn.loop limit(%n) condition(%p) inits(%x) : (tensor<i64>, tensor<i1>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<4xf32>):
    %twice = nn.add %a, %a : tensor<4xf32>, tensor<4xf32>
    nn.yield %p, %twice : tensor<i1>, tensor<4xf32>
  }
  return %y : tensor<4xf32>
}
