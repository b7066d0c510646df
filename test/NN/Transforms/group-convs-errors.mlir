// RUN: mlc-opt %s --nn-group-convs=max-shuffles=-1 --verify-diagnostics
// RUN: not mlc-opt %s --nn-group-convs=move-cost=-2 2>&1 | FileCheck %s

// CHECK: error: nn-group-convs: move-cost is -2, at least 0 is required

// expected-error@+1 {{nn-group-convs: max-shuffles is -1, at least 0 is required}}
module {
}
