// Tables of bytes stay in registers where an instruction reads them.

// RUN: mlc-opt %s --kernel-emit="target=znver4 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefix=VBMI
// RUN: mlc-opt %s --kernel-emit="target=generic triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefix=TBL
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v3 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefix=SCALAR

// VBMI-COUNT-4: vector.load {{.*}} vector<64xi8>
// VBMI: scf.for
// VBMI-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512.vpermi2var.qi.512"
// VBMI: arith.select
// TBL-COUNT-16: vector.load {{.*}} vector<16xi8>
// TBL: llvm.call_intrinsic "llvm.aarch64.neon.tbl4"
// TBL-COUNT-3: llvm.call_intrinsic "llvm.aarch64.neon.tbx4"
// SCALAR: arith.index_castui
// SCALAR: memref.load
func.func @lookup(%x: memref<256xi8>, %t: memref<256xi8>, %o: memref<256xi8>) {
  kernel.lookup ins(%x, %t : memref<256xi8>, memref<256xi8>) outs(%o : memref<256xi8>)
  return
}
