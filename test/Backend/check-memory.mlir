// RUN: mlc-opt %s --check-memory --split-input-file --verify-diagnostics | FileCheck %s

// A fixed piece of stack, before the loop that uses it.

// CHECK-LABEL: func.func @fine
// CHECK: memref.alloca
func.func @fine(%out: memref<8xf32>, %n: index) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %spare = memref.alloca() : memref<8xf32>
  scf.for %i = %zero to %n step %one {
    memref.copy %spare, %out : memref<8xf32> to memref<8xf32>
  }
  return
}

// -----

func.func @heap(%out: memref<8xf32>) {
  // expected-error @+1 {{memory is allocated when the code runs, a place in the arena is required}}
  %buffer = memref.alloc() : memref<8xf32>
  memref.copy %buffer, %out : memref<8xf32> to memref<8xf32>
  return
}

// -----

func.func @loop(%out: memref<8xf32>, %n: index) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  scf.for %i = %zero to %n step %one {
    // expected-error @+1 {{stack is taken in each step of a loop, a place before it is required}}
    %spare = memref.alloca() : memref<8xf32>
    memref.copy %spare, %out : memref<8xf32> to memref<8xf32>
  }
  return
}

// -----

func.func @unknown(%n: index) {
  // expected-error @+1 {{stack of 'memref<?xf32>' is taken, a static size is required}}
  %spare = memref.alloca(%n) : memref<?xf32>
  return
}
