// RUN: mlc-opt %s --pass-pipeline="builtin.module(func.func(nn-average-first{pool-cost=-1}))" --verify-diagnostics

// expected-error@+1 {{nn-average-first: pool-cost is -1, at least 0 is required}}
func.func @f() {
  return
}
