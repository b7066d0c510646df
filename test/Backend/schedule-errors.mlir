// RUN: mlc-opt %s --schedule="triple=x86_64-linux-gnu cpus=x86-64-v4" --split-input-file --verify-diagnostics

// expected-error @+1 {{has no 'mlc.variant' below 1, which clone-variants gives it}}
func.func @no_variant(%s: memref<4x16xf32>) {
  kernel.softmax ins(%s : memref<4x16xf32>) outs(%s : memref<4x16xf32>)
  return
}

// -----

func.func @strides(%s: memref<4x16xf32, strided<[?, 1]>>) attributes {mlc.variant = 0 : i64} {
  // expected-error @+1 {{cannot be scheduled: strides must be static, the innermost stride 1}}
  kernel.softmax ins(%s : memref<4x16xf32, strided<[?, 1]>>) outs(%s : memref<4x16xf32, strided<[?, 1]>>)
  return
}
