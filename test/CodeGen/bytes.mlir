// Weights in quads: each CPU multiplies bytes by its own instruction, and what it adds to them is taken off again.

// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4+vnni triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,VNNI
// RUN: mlc-opt %s --kernel-emit="target=alderlake triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,AVXVNNI
// RUN: mlc-opt %s --kernel-emit="target=sierraforest triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,INT8
// RUN: mlc-opt %s --kernel-emit="target=novalake triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,AVX10
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,BW
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v3 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v2 triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,SSE
// RUN: mlc-opt %s --kernel-emit="target=generic triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,NEON
// RUN: mlc-opt %s --kernel-emit="target=cortex-a76 triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,DOT
// RUN: mlc-opt %s --kernel-emit="target=neoverse-v1 triple=aarch64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,I8MM
// RUN: mlc-opt %s --kernel-emit="target=generic triple=armv7-linux-gnueabihf" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,ARM
// RUN: mlc-opt %s --kernel-emit="target=generic triple=riscv64-linux-gnu" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,WIDEN

// CHECK-LABEL: func @unsigned
// VNNI-NOT: arith.xori
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"({{.*}}) : (vector<16xi32>, vector<64xi8>, vector<64xi8>) -> vector<16xi32>
// AVXVNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"
// INT8-NOT: arith.xori
// INT8: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.{{128|256}}"
// AVX10-NOT: arith.xori
// AVX10: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// BW: llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"({{.*}}) : (vector<16xi16>, vector<16xi16>) -> vector<8xi32>
// SSE: llvm.call_intrinsic "llvm.x86.sse2.pmadd.wd"
// NEON: arith.xori
// NEON: llvm.call_intrinsic "llvm.aarch64.neon.smull"({{.*}}) : (vector<8xi8>, vector<8xi8>) -> vector<8xi16>
// NEON: llvm.call_intrinsic "llvm.aarch64.neon.saddlp"
// DOT: arith.xori
// DOT: llvm.call_intrinsic "llvm.aarch64.neon.sdot"
// I8MM-NOT: arith.xori
// I8MM: llvm.call_intrinsic "llvm.aarch64.neon.usdot"
// ARM: llvm.call_intrinsic "llvm.arm.neon.vmulls"
// ARM: llvm.call_intrinsic "llvm.arm.neon.vpadals"
// WIDEN: arith.muli {{.*}} : vector<4xi32>
func.func @unsigned(%x: memref<1x1x8x32xi8>, %w: memref<1x1x1x1x9x16x4xi8>, %o: memref<1x1x8x16xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_unsigned}
      ins(%x, %w : memref<1x1x8x32xi8>, memref<1x1x1x1x9x16x4xi8>) outs(%o : memref<1x1x8x16xi32>)
  return
}

// VNNI takes signed bytes with their highest bit flipped; the sums of the weights, once a row, take off the 128.
// CHECK-LABEL: func @signed
// VNNI: %[[LESS:.*]] = arith.constant dense<-128> : vector<16xi32>
// VNNI: vector.bitcast {{.*}} : vector<64xi8> to vector<16xi32>
// VNNI: arith.muli {{.*}}, %[[LESS]]
// VNNI: arith.xori
// VNNI: "llvm.x86.avx512.vpdpbusd.512"
// INT8-NOT: arith.xori
// INT8: llvm.call_intrinsic "llvm.x86.avx2.vpdpbssd.256"({{.*}}) : (vector<8xi32>, vector<32xi8>, vector<32xi8>) -> vector<8xi32>
// AVX10-NOT: arith.xori
// AVX10: llvm.call_intrinsic "llvm.x86.avx10.vpdpbssd.512"
// AVX2-NOT: arith.xori
// AVX2: "llvm.x86.avx2.pmadd.wd"
// DOT-NOT: arith.xori
// DOT: "llvm.aarch64.neon.sdot"
// I8MM-NOT: arith.xori
// I8MM: "llvm.aarch64.neon.sdot"
func.func @signed(%x: memref<1x1x8x32xi8>, %w: memref<1x1x1x1x9x16x4xi8>, %o: memref<1x1x8x16xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x8x32xi8>, memref<1x1x1x1x9x16x4xi8>) outs(%o : memref<1x1x8x16xi32>)
  return
}

// Vectors of four pixels interleave to quads of four columns: by bytes, then by words.
// CHECK-LABEL: func @depthwise
// VNNI: vector.shuffle {{.*}} : vector<64xi8>, vector<64xi8>
// VNNI: vector.shuffle {{.*}} : vector<32xi16>, vector<32xi16>
// VNNI: "llvm.x86.avx512.vpdpbusd.512"
// DOT: vector.shuffle {{.*}} : vector<16xi8>, vector<16xi8>
// DOT: "llvm.aarch64.neon.sdot"
// NEON: "llvm.aarch64.neon.smull"
func.func @depthwise(%x: memref<1x8x8x64xi8>, %w: memref<1x4x1x4x16x4xi8>, %o: memref<1x8x8x64xi32>) {
  kernel.depthwise {columns = 3 : i64, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, input_unsigned}
      ins(%x, %w : memref<1x8x8x64xi8>, memref<1x4x1x4x16x4xi8>) outs(%o : memref<1x8x8x64xi32>)
  return
}

// Octets: two pixels by two channels. Activations enter as they are, whatever their sign.
// CHECK-LABEL: func @octets
// I8MM: vector.load {{.*}} : memref<{{.*}}xi8{{.*}}>, vector<16xi8>
// I8MM: vector.shuffle {{.*}} [0, 1, 2, 3] : vector<2xi32>, vector<2xi32>
// I8MM-NOT: arith.xori
// I8MM: llvm.call_intrinsic "llvm.aarch64.neon.usmmla"({{.*}}) : (vector<4xi32>, vector<16xi8>, vector<16xi8>) -> vector<4xi32>
// I8MM: vector.shuffle {{.*}} [0, 1, 4, 5] : vector<4xi32>, vector<4xi32>
func.func @octets(%x: memref<1x1x8x32xi8>, %w: memref<1x1x1x1x5x16x8xi8>, %o: memref<1x1x8x16xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_unsigned}
      ins(%x, %w : memref<1x1x8x32xi8>, memref<1x1x1x1x5x16x8xi8>) outs(%o : memref<1x1x8x16xi32>)
  return
}

// CHECK-LABEL: func @signed_octets
// I8MM: llvm.call_intrinsic "llvm.aarch64.neon.smmla"
func.func @signed_octets(%x: memref<1x1x8x32xi8>, %w: memref<1x1x1x1x5x16x8xi8>, %o: memref<1x1x8x16xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x8x32xi8>, memref<1x1x1x1x5x16x8xi8>) outs(%o : memref<1x1x8x16xi32>)
  return
}
