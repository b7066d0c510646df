// RUN: mlc-opt %s --lay-out-weights --split-input-file --verify-diagnostics

// expected-error@+1 {{constant 'missing' has no data}}
memref.global "private" constant @a : memref<4xf32> = dense_resource<missing>

// -----

// expected-error@+1 {{constant 'short' has 4 bytes, 8 are required}}
memref.global "private" constant @a : memref<2xf32> = dense_resource<short>

{-#
  dialect_resources: {
    builtin: {
      short: "0x0400000001000000"
    }
  }
#-}

// -----

// expected-error@+1 {{constant of 'memref<2xi4>' found, a value of whole bytes is required}}
memref.global "private" constant @a : memref<2xi4> = dense<1>
