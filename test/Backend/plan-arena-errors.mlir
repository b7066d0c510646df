// RUN: mlc-opt %s --plan-arena --split-input-file --verify-diagnostics

func.func @main(%x: memref<4xf32>, %p: i1, %out: memref<4xf32>) {
  %a = memref.alloc() : memref<4xf32>
  // expected-error@+1 {{buffer of 'memref<4xf32>' is chosen by control flow, one that is known at compile time is required}}
  %b = arith.select %p, %a, %x : memref<4xf32>
  linalg.exp ins(%b : memref<4xf32>) outs(%out : memref<4xf32>)
  return
}

// -----

func.func @main(%n: index) {
  // expected-error@+1 {{buffer of 'memref<?xf32>' found, static shape and elements of whole bytes are required}}
  %a = memref.alloc(%n) : memref<?xf32>
  return
}

// -----

// expected-error@+1 {{constant of 'memref<2xi4>' found, a value of whole bytes is required}}
memref.global "private" constant @a : memref<2xi4> = dense<1>
func.func @main(%out: memref<4xf32>) {
  return
}
