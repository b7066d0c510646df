// RUN: mlc-opt %s --lower-to-llvm --verify-diagnostics

func.func private @expf(f32) -> f32
func.func @k0(%x: f32) {
  // expected-error@+1 {{call of 'expf' found, generated code may call nothing but memory functions and the runtime}}
  %y = call @expf(%x) : (f32) -> f32
  return
}
