// f16 where the CPU computes in it: products and sums of 64 terms in f16, sums of these in f32. Others convert first.

// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4+fp16 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,X86
// RUN: mlc-opt %s --kernel-emit="target=cortex-a76 triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,NEON,FCVT
// RUN: mlc-opt %s --kernel-emit="target=neoverse-v1 triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,NEON,FMLAL
// RUN: mlc-opt %s --kernel-emit="target=generic triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,F32
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v3 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,F32

// Pieces of 64 products; of 96, where f16 become f32 by a conversion, which takes longer. A loop of pieces, and within it
// that of one piece's products and that which adds them to the sums on the stack.
// CHECK-LABEL: func @pieces
// X86: memref.alloca() {{.*}}memref<{{.*}}xf32>
// X86: scf.for {{.*}} = %c0 to %c192 step %c64 {
// X86: scf.for {{.*}} = %c0 to %c64 step %c4 iter_args({{.*}}vector<32xf16>
// X86: vector.fma {{.*}} : vector<32xf16>
// X86: arith.extf {{.*}} : vector<16xf16> to vector<16xf32>
// X86: arith.addf {{.*}} : vector<16xf32>
// FCVT: scf.for {{.*}} = %c0 to %c192 step %c96 {
// FMLAL: scf.for {{.*}} = %c0 to %c192 step %c64 {
// A pixel's eight channels are one vector, of which lanes multiply.
// NEON: scf.for {{.*}} = %c0 to %c{{64|96}} step %c8 iter_args({{.*}}vector<8xf16>
// NEON: vector.load {{.*}}, vector<8xf16>
// NEON: vector.fma {{.*}} : vector<8xf16>
// FCVT: arith.extf {{.*}} : vector<4xf16> to vector<4xf32>
// FCVT: arith.addf {{.*}} : vector<4xf32>
// FMLAL: llvm.call_intrinsic "llvm.aarch64.neon.fmlal"({{.*}}) : (vector<4xf32>, vector<8xf16>, vector<8xf16>) -> vector<4xf32>
// FMLAL: llvm.call_intrinsic "llvm.aarch64.neon.fmlal2"
// F32: arith.extf
// F32: vector.fma {{.*}}xf32>
// F32-NOT: vector.fma {{.*}}xf16>
func.func @pieces(%x: memref<1x4x4x192xf16>, %w: memref<1x1x1x1x192x32xf16>, %o: memref<1x4x4x32xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x192xf16>, memref<1x1x1x1x192x32xf16>) outs(%o : memref<1x4x4x32xf32>)
  return
}

// One piece: sums are converted once.
// CHECK-LABEL: func @piece
// X86-NOT: vector<16xf32>
// X86: vector.fma {{.*}} : vector<32xf16>
// X86-NOT: arith.addf
// X86: arith.extf {{.*}} : vector<16xf16> to vector<16xf32>
// NEON: vector.fma {{.*}} : vector<8xf16>
// NEON-NOT: arith.addf
// NEON: arith.extf {{.*}} : vector<4xf16> to vector<4xf32>
// CHECK: return
func.func @piece(%x: memref<1x4x4x48xf16>, %w: memref<1x1x1x1x48x32xf16>, %o: memref<1x4x4x32xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x48xf16>, memref<1x1x1x1x48x32xf16>) outs(%o : memref<1x4x4x32xf32>)
  return
}

// Two activations: as weights are where the right side has columns side by side; with rows along which both run a vector of
// partial sums each, of which a piece is 64 terms of each lane.
// CHECK-LABEL: func @product
// X86: memref.alloca() {{.*}}memref<{{.*}}xf32>
// X86: scf.for {{.*}} = %c0 to %c192 step %c64 {
// X86: vector.fma {{.*}} : vector<32xf16>
// X86: arith.addf {{.*}} : vector<16xf32>
// NEON: vector.fma {{.*}} : vector<8xf16>
// F32-NOT: vector.fma {{.*}}xf16>
// F32: vector.fma {{.*}}xf32>
func.func @product(%l: memref<12x192xf16>, %r: memref<192x64xf16>, %o: memref<12x64xf32>) {
  kernel.matmul ins(%l, %r : memref<12x192xf16>, memref<192x64xf16>) outs(%o : memref<12x64xf32>)
  return
}

// CHECK-LABEL: func @dots
// X86-NOT: memref.alloca
// X86: scf.for {{.*}} = %c0 to %c64 step %c32 iter_args({{.*}}vector<32xf16>
// X86: vector.fma {{.*}} : vector<32xf16>
// X86: arith.extf {{.*}} : vector<32xf16> to vector<32xf32>
// X86: vector.reduction <add>, {{.*}} : vector<32xf32> into f32
// NEON: vector.fma {{.*}} : vector<8xf16>
// F32-NOT: vector.fma {{.*}}xf16>
// F32: vector.fma {{.*}}xf32>
func.func @dots(%l: memref<12x64xf16>, %r: memref<12x64xf16>, %o: memref<12x12xf32>) {
  kernel.matmul {transpose_rhs} ins(%l, %r : memref<12x64xf16>, memref<12x64xf16>) outs(%o : memref<12x12xf32>)
  return
}

// Weights alone in f16: products of f32.
// CHECK-LABEL: func @weights
// X86: vector.fma {{.*}} : vector<16xf32>
// NEON: vector.fma {{.*}} : vector<4xf32>
// CHECK: return
func.func @weights(%x: memref<1x4x4x48xf32>, %w: memref<1x1x1x1x48x32xf16>, %o: memref<1x4x4x32xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x4x4x48xf32>, memref<1x1x1x1x48x32xf16>) outs(%o : memref<1x4x4x32xf32>)
  return
}
