// RUN: not mlc-opt %s --share-kernels="threads=0" 2>&1 | FileCheck %s

// CHECK: error: 0 threads found, at least one is required
module {
}
