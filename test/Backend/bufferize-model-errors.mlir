// RUN: mlc-opt %s --to-destinations --bufferize-model --split-input-file --verify-diagnostics

// A loop that moves on to another buffer with each iteration.

func.func @main(%x: tensor<4xf32>, %n: tensor<index>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end = tensor.extract %n[] : tensor<index>
  %r = scf.for %i = %c0 to %end step %c1 iter_args(%t = %x) -> tensor<4xf32> {
    %e = tensor.empty() : tensor<4xf32>
    %s = linalg.negf ins(%t : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    // expected-error@+1 {{not equivalent to the corresponding iter bbArg}}
    scf.yield %s : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
