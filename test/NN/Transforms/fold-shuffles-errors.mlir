// RUN: mlc-opt %s --nn-fold-shuffles=min-run=0 --verify-diagnostics

// expected-error@+1 {{nn-fold-shuffles: min-run is 0, at least 1 is required}}
module {
}
