// RUN: mlc-opt %s --nn-prune-channels=max-rounds=0 --verify-diagnostics

// expected-error@+1 {{nn-prune-channels: max-rounds is 0, at least 1 is required}}
module {
}
