// RUN: mlc-opt %s --outline-kernels --split-input-file --verify-diagnostics

// expected-error@+1 {{no attribute 'mlc.inputs' found, run to-destinations first}}
func.func @main() {
  return
}

// -----

func.func @main(%a: memref<?xf32>) attributes {mlc.inputs = 0 : i64, mlc.outputs = 1 : i64} {
  // expected-error@+1 {{operand of type 'memref<?xf32>' found, static shape and strides are required}}
  linalg.exp ins(%a : memref<?xf32>) outs(%a : memref<?xf32>)
  return
}
