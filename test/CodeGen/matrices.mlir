// Convolutions by the registers of a matrix unit (Intel AMX).

// RUN: mlc-opt %s --kernel-emit="target=sapphirerapids triple=x86_64-linux-gnu" --canonicalize --cse | FileCheck %s
// Where the CPU has no unit, or none for the elements, vectors multiply.
// RUN: mlc-opt %s --kernel-emit="target=x86-64-v4+vnni triple=x86_64-linux-gnu" | FileCheck %s --check-prefix=NONE
// NONE-NOT: llvm.x86.t
// NONE-NOT: llvm.x86.ldtilecfg

// Unsigned bytes, read as they lie: 32 pixels by 32 channels, of 64 input channels in one step. Registers are shaped before
// the loop over pixels, zero in it, and released at the end.
// CHECK-LABEL: func @bytes
// CHECK: llvm.call_intrinsic "llvm.x86.ldtilecfg"
// CHECK: scf.for
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.x86.tilezero"
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.tileloadd64"
// CHECK: llvm.call_intrinsic "llvm.x86.tileloadd64"
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.tdpbusd"
// CHECK: llvm.call_intrinsic "llvm.x86.tileloadd64"
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.tdpbusd"
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.x86.tilestored64"
// CHECK: vector.store {{.*}} vector<16xi32>
// CHECK: llvm.call_intrinsic "llvm.x86.tilerelease"
// CHECK-NOT: llvm.call_intrinsic
// CHECK: return
func.func @bytes(%x: memref<1x8x16x64xi8>, %w: memref<1x1x1x1x17x32x4xi8>, %o: memref<1x8x16x32xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_unsigned}
      ins(%x, %w : memref<1x8x16x64xi8>, memref<1x1x1x1x17x32x4xi8>) outs(%o : memref<1x8x16x32xi32>)
  return
}

// Signed bytes whose windows reach into the padding: a copy of the input has the zero point around it, and what that adds is
// taken off by the sums that lie behind the weights.
// CHECK-LABEL: func @padded
// CHECK-DAG: %[[PADDING:.*]] = arith.constant dense<3> : vector<64xi8>
// CHECK-DAG: %[[MINUS:.*]] = arith.constant dense<-3> : vector<16xi32>
// CHECK-DAG: memref.alloca() {alignment = 64 : i64} : memref<{{.*}}xi8>
// CHECK: vector.store %[[PADDING]]
// CHECK: arith.muli {{.*}}, %[[MINUS]] : vector<16xi32>
// CHECK: llvm.call_intrinsic "llvm.x86.tdpbssd"
func.func @padded(%x: memref<1x14x14x64xi8>, %w: memref<1x1x3x3x17x16x4xi8>, %o: memref<1x14x14x16xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, input_zero_point = 3 : i32}
      ins(%x, %w : memref<1x14x14x64xi8>, memref<1x1x3x3x17x16x4xi8>) outs(%o : memref<1x14x14x16xi32>)
  return
}

// CHECK-LABEL: func @halves
// CHECK: llvm.call_intrinsic "llvm.x86.tdpbf16ps"
// CHECK: vector.store {{.*}} vector<16xf32>
func.func @halves(%x: memref<1x8x16x64xbf16>, %w: memref<1x1x1x1x32x32x2xbf16>, %o: memref<1x8x16x32xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x16x64xbf16>, memref<1x1x1x1x32x32x2xbf16>) outs(%o : memref<1x8x16x32xf32>)
  return
}

// The last register of 49 pixels has 10, the others 13.
// CHECK-LABEL: func @last_register
// CHECK-DAG: arith.constant dense<[1, 0, {{.*}}, 13, 13, 13, 13, 16, 16, 13, 13, 0, 0, 0, 0, 0, 0, 0, 0]> : vector<64xi8>
// CHECK-DAG: arith.constant dense<[1, 0, {{.*}}, 13, 13, 10, 10, 16, 16, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0]> : vector<64xi8>
func.func @last_register(%x: memref<1x7x7x64xi8>, %w: memref<1x1x1x1x17x32x4xi8>, %o: memref<1x7x7x32xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x7x64xi8>, memref<1x1x1x1x17x32x4xi8>) outs(%o : memref<1x7x7x32xi32>)
  return
}

// Of one pixel a register would have one row: vectors take less time.
// CHECK-LABEL: func @one_pixel
// CHECK-NOT: llvm.x86.t
// CHECK: return
func.func @one_pixel(%x: memref<1x1x1x64xi8>, %w: memref<1x1x1x1x17x32x4xi8>, %o: memref<1x1x1x32xi32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x1x1x64xi8>, memref<1x1x1x1x17x32x4xi8>) outs(%o : memref<1x1x1x32xi32>)
  return
}
