// RUN: mlc-opt %s --nn-group-convs=max-shuffles=-1 --verify-diagnostics

// expected-error@+1 {{nn-group-convs: max-shuffles is -1, at least 0 is required}}
module {
}
