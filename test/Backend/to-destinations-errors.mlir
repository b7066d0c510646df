// RUN: mlc-opt %s --to-destinations --split-input-file --verify-diagnostics

// expected-error@+1 {{argument 0 of 'main' is 'tensor<?xf32>', a tensor of static shape}}
func.func @main(%x: tensor<?xf32>) {
  return
}

// -----

// expected-error@+1 {{result 0 of 'main' is 'tensor<4xi4>', a tensor of static shape whose elements are whole bytes is required}}
func.func @main() -> tensor<4xi4> {
  %x = arith.constant dense<1> : tensor<4xi4>
  return %x : tensor<4xi4>
}

// -----

// expected-error@+1 {{no function 'main' with a body found}}
module {
  func.func @other() {
    return
  }
}
