// A number that an epilogue limits, rounds and stores as a byte, each step spelt out, is rounded and packed by
// instructions that limit on the way.

// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefix=BW
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v2 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefix=SSE
// RUN: mlc-opt %s --kernel-emit="target=generic triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefix=NEON

// BW-COUNT-4: "llvm.x86.avx512.mask.cvtps2dq.512"
// BW-COUNT-2: "llvm.x86.avx512.packssdw.512"
// BW: "llvm.x86.avx512.packuswb.512"
// BW: vector.store {{.*}} vector<64xi8>
// SSE: "llvm.x86.sse2.cvtps2dq"
// SSE: "llvm.x86.sse2.packuswb.128"
// NEON-NOT: llvm.x86
// NEON: arith.trunci
func.func @byte(%x: memref<1x1x8x32xi8>, %w: memref<1x2x1x1x9x32x4xi8>, %o: memref<1x1x8x64xi8>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_unsigned}
      ins(%x, %w : memref<1x1x8x32xi8>, memref<1x2x1x1x9x32x4xi8>) outs(%o : memref<1x1x8x64xi8>) {
  ^bb0(%acc: i32):
    %low = arith.constant 0.0 : f32
    %high = arith.constant 255.0 : f32
    %scale = arith.constant 0.03125 : f32
    %magic = arith.constant 12582912.0 : f32
    %bits = arith.constant 1262485504 : i32
    %f = arith.sitofp %acc : i32 to f32
    %v = arith.mulf %f, %scale : f32
    %0 = arith.cmpf ogt, %v, %low : f32
    %1 = arith.select %0, %v, %low : f32
    %2 = arith.cmpf ogt, %high, %1 : f32
    %3 = arith.select %2, %1, %high : f32
    %4 = arith.addf %3, %magic : f32
    %5 = arith.bitcast %4 : f32 to i32
    %6 = arith.subi %5, %bits : i32
    %7 = arith.trunci %6 : i32 to i8
    kernel.yield %7 : i8
  }
  return
}
