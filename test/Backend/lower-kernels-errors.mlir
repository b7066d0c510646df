// RUN: mlc-opt %s --clone-variants --lower-kernels --split-input-file --verify-diagnostics

func.func @main(%a: memref<4xf80>) {
  linalg.generic {indexing_maps = [affine_map<(d) -> (d)>], iterator_types = ["parallel"]} outs(%a : memref<4xf80>) {
  ^bb0(%x: f80):
    // expected-error@+1 {{'math.exp' on 'f80' would call the C library, an operation with an expansion is required}}
    %y = math.exp %x : f80
    linalg.yield %y : f80
  }
  return
}
