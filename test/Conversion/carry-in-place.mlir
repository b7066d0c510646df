// RUN: mlc-opt %s --carry-in-place | FileCheck %s

// What a step makes is written into what the loop carries.

// CHECK-LABEL: func.func @carried(
// CHECK: %[[OWN:.*]] = linalg.copy ins(%arg0 : tensor<4xf32>)
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %[[OWN]])
// CHECK: %[[E:.*]] = linalg.exp
// CHECK: %[[NEXT:.*]] = linalg.copy ins(%[[E]] : tensor<4xf32>) outs(%[[A]] : tensor<4xf32>)
// CHECK: scf.yield %[[NEXT]]
func.func @carried(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %y = scf.for %i = %c0 to %c3 step %c1 iter_args(%a = %x) -> tensor<4xf32> {
    %to = tensor.empty() : tensor<4xf32>
    %e = linalg.exp ins(%a : tensor<4xf32>) outs(%to : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %e : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// Values that change places are copied before either is overwritten.

// CHECK-LABEL: func.func @swapped(
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}})
// CHECK: %[[OLD_B:.*]] = linalg.copy ins(%[[B]] : tensor<4xf32>) outs(%{{.*}}
// CHECK: %[[OLD_A:.*]] = linalg.copy ins(%[[A]] : tensor<4xf32>) outs(%{{.*}}
// CHECK: %[[NEW_A:.*]] = linalg.copy ins(%[[OLD_B]] : tensor<4xf32>) outs(%[[A]]
// CHECK: %[[NEW_B:.*]] = linalg.copy ins(%[[OLD_A]] : tensor<4xf32>) outs(%[[B]]
// CHECK: scf.yield %[[NEW_A]], %[[NEW_B]]
func.func @swapped(%x: tensor<4xf32>, %z: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %y:2 = scf.for %i = %c0 to %c3 step %c1 iter_args(%a = %x, %b = %z) -> (tensor<4xf32>, tensor<4xf32>) {
    scf.yield %b, %a : tensor<4xf32>, tensor<4xf32>
  }
  return %y#0, %y#1 : tensor<4xf32>, tensor<4xf32>
}

// A stack already is in its place.

// CHECK-LABEL: func.func @stack(
// CHECK: scf.for
// CHECK-NOT: linalg.copy
// CHECK: %[[ALL:.*]] = tensor.insert_slice
// CHECK-NEXT: scf.yield %[[ALL]]
func.func @stack(%x: tensor<2xf32>) -> tensor<3x2xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %empty = tensor.empty() : tensor<3x2xf32>
  %y = scf.for %i = %c0 to %c3 step %c1 iter_args(%a = %empty) -> tensor<3x2xf32> {
    %all = tensor.insert_slice %x into %a[%i, 0] [1, 2] [1, 1] : tensor<2xf32> into tensor<3x2xf32>
    scf.yield %all : tensor<3x2xf32>
  }
  return %y : tensor<3x2xf32>
}

// One element a step, in a loop around another: no tensor is copied but the first.

// CHECK-LABEL: func.func @nested(
// CHECK: %[[OWN:.*]] = linalg.copy ins(%arg0 : tensor<4x3xf32>)
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %[[OWN]])
// CHECK-NEXT: scf.for {{.*}} iter_args(%[[B:.*]] = %[[A]])
// CHECK-NOT: linalg.copy
// CHECK: return
func.func @nested(%x: tensor<4x3xf32>, %v: f32) -> tensor<4x3xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %y = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %x) -> tensor<4x3xf32> {
    %z = scf.for %j = %c0 to %c3 step %c1 iter_args(%b = %a) -> tensor<4x3xf32> {
      %n = tensor.insert %v into %b[%i, %j] : tensor<4x3xf32>
      scf.yield %n : tensor<4x3xf32>
    }
    scf.yield %z : tensor<4x3xf32>
  }
  return %y : tensor<4x3xf32>
}

// An element that is read before the inner loop begins does not keep it from writing in place.

// CHECK-LABEL: func.func @read_before(
// CHECK: %[[OWN:.*]] = linalg.copy ins(%arg0 : tensor<4xf32>)
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %[[OWN]])
// CHECK-NEXT: %[[V:.*]] = tensor.extract %[[A]]
// CHECK-NEXT: scf.for {{.*}} iter_args(%{{.*}} = %[[A]])
// CHECK-NOT: linalg.copy
// CHECK: return
func.func @read_before(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %y = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %x) -> tensor<4xf32> {
    %v = tensor.extract %a[%i] : tensor<4xf32>
    %z = scf.for %j = %c0 to %c4 step %c1 iter_args(%b = %a) -> tensor<4xf32> {
      %n = tensor.insert %v into %b[%j] : tensor<4xf32>
      scf.yield %n : tensor<4xf32>
    }
    scf.yield %z : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// An element that every step of the inner loop reads does.

// CHECK-LABEL: func.func @read_within(
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}})
// CHECK: %[[COPY:.*]] = linalg.copy ins(%[[A]] : tensor<4xf32>)
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[COPY]])
func.func @read_within(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %y = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %x) -> tensor<4xf32> {
    %z = scf.for %j = %c0 to %c4 step %c1 iter_args(%b = %a) -> tensor<4xf32> {
      %v = tensor.extract %a[%i] : tensor<4xf32>
      %n = tensor.insert %v into %b[%j] : tensor<4xf32>
      scf.yield %n : tensor<4xf32>
    }
    scf.yield %z : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// What the outer loop still reads is not overwritten by the inner one.

// CHECK-LABEL: func.func @read_after(
// CHECK: scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}})
// CHECK: %[[COPY:.*]] = linalg.copy ins(%[[A]] : tensor<4xf32>)
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[COPY]])
func.func @read_after(%x: tensor<4xf32>, %v: f32) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %y = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %x) -> tensor<4xf32> {
    %z = scf.for %j = %c0 to %c4 step %c1 iter_args(%b = %a) -> tensor<4xf32> {
      %n = tensor.insert %v into %b[%j] : tensor<4xf32>
      scf.yield %n : tensor<4xf32>
    }
    %to = tensor.empty() : tensor<4xf32>
    %s = linalg.add ins(%a, %z : tensor<4xf32>, tensor<4xf32>) outs(%to : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %s : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}
