// RUN: mlc-opt %s --lay-out-weights --split-input-file --verify-diagnostics

// expected-error@+1 {{constant 'missing' has no data}}
memref.global "private" constant @a : memref<16xi8> {mlc.constant = dense_resource<missing> : tensor<4xf32>}

// -----

// expected-error@+1 {{constant 'short' has 4 bytes, 8 are required}}
memref.global "private" constant @a : memref<8xi8> {mlc.constant = dense_resource<short> : tensor<2xf32>}

{-#
  dialect_resources: {
    builtin: {
      short: "0x0400000001000000"
    }
  }
#-}

// -----

// Of weights that are packed, those of the value count.

// expected-error@+1 {{constant 'few' has 4 bytes, 8 are required}}
memref.global "private" constant @a : memref<16xi8> {mlc.constant = #kernel.packed<dense_resource<few> : tensor<2x1x1x1xf32>, <kind = conv, block = 4>> : tensor<1x1x1x1x1x4xf32>}

{-#
  dialect_resources: {
    builtin: {
      few: "0x0400000001000000"
    }
  }
#-}

// -----

// expected-error@+1 {{no attribute 'mlc.constant' found, run plan-arena first}}
memref.global "private" constant @a : memref<4xf32> = dense<1.0>

// -----

// expected-error@+1 {{constant of unknown form found, dense elements are required}}
memref.global "private" constant @a : memref<4xi8> {mlc.constant = sparse<0, 1> : tensor<4xi8>}

// -----

// expected-error@+1 {{packed constant of unknown form found, dense elements are required}}
memref.global "private" constant @a : memref<4xi8> {mlc.constant = #kernel.packed<sparse<[[0, 0]], 1> : tensor<1x1xi8>, <kind = matmul, block = 4>> : tensor<1x1x1x1x1x4xi8>}

// -----

memref.global "private" constant @a : memref<4xi8> {mlc.constant = dense<1> : tensor<4xi8>}
func.func @main(%y: memref<4xi8>) {
  %a = memref.get_global @a : memref<4xi8>
  // expected-error@+1 {{bytes of a constant found, a view of them is required}}
  memref.copy %a, %y : memref<4xi8> to memref<4xi8>
  return
}
