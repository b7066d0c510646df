// RUN: mlc-opt %s --split-input-file --choose-layouts="triple=x86_64-linux-gnu cpus=x86-64-v4+vnni,x86-64-v3" | FileCheck %s
// RUN: mlc-opt %s --split-input-file --choose-layouts="triple=x86_64-linux-gnu cpus=x86-64-v4+vnni,x86-64-v3" --lay-out-weights --schedule="triple=x86_64-linux-gnu cpus=x86-64-v4+vnni,x86-64-v3" --lower-kernels="triple=x86_64-linux-gnu cpus=x86-64-v4+vnni,x86-64-v3" | FileCheck %s --check-prefix=CODE
// RUN: mlc-opt %s --split-input-file --choose-layouts="triple=aarch64-linux-gnu cpus=generic+i8mm,generic" | FileCheck %s --check-prefix=ARM
// RUN: mlc-opt %s --split-input-file --choose-layouts="triple=aarch64-linux-gnu cpus=neoverse-v2,neoverse-v1" | FileCheck %s --check-prefix=ALL
// RUN: mlc-opt %s --split-input-file --choose-layouts="triple=aarch64-linux-gnu cpus=neoverse-v2,neoverse-v1 own=false" | FileCheck %s --check-prefix=ALL
// RUN: mlc-opt %s --split-input-file --choose-layouts="triple=aarch64-linux-gnu cpus=generic+i8mm,generic own=false" | FileCheck %s --check-prefix=SHARED --implicit-check-not=octets --implicit-check-not=@a_
// RUN: mlc-opt %s --split-input-file --choose-layouts="triple=x86_64-linux-gnu cpus=x86-64-v4+vnni,x86-64-v3 own=false" | FileCheck %s --check-prefix=SHARED --implicit-check-not=extra_quads --implicit-check-not=@a_

// What every CPU can read stays for the one that has 512-bit vectors; the other
// one has 256 bits and multiplies pairs: constants of its own, with room for as
// many extra quads as the weights of all calls need.

// CHECK: memref.global "private" constant @a : memref<640xi8> {alignment = 64 : i64, mlc.constant = #kernel.packed<dense<1> : tensor<4x16x1x1xi8>, <kind = conv, step = quads, block = 32>> : tensor<1x1x1x1x5x32x4xi8>}
// CHECK-NEXT: memref.global "private" constant @a_1 : memref<448xi8> {alignment = 64 : i64, mlc.constant = dense_resource<pairs{{.*}}> : tensor<1x1x1x1x7x16x4xi8>}
// CHECK-NEXT: @b : memref<640xi8>
// CHECK-NEXT: @b_1 : memref<448xi8>
// CHECK: func.func private @k0_conv_v0(%{{.*}}, %[[W:.*]]: memref<1x1x1x1x5x32x4xi8> {llvm.align = 64 : i64}, %{{.*}}) attributes {mlc.kernel = {function = "k0_conv", input_bytes = 1000 : i64, weight_bytes = 640 : i64}
// CHECK-NOT: extra_quads
// CHECK: kernel.conv
// CHECK: func.func private @k0_conv_v1(%{{.*}}, %[[W:.*]]: memref<1x1x1x1x7x16x4xi8> {llvm.align = 64 : i64}, %{{.*}})
// CHECK: kernel.conv {{{.*}}extra_quads = 1 : i64, {{.*}}} ins(%{{.*}}, %[[W]] : memref<1x4x4x16xi8>, memref<1x1x1x1x7x16x4xi8>)
// CHECK: func.func @main_v0
// CHECK: memref.get_global @a : memref<640xi8>
// CHECK: memref.get_global @b : memref<640xi8>
// CHECK: func.func @main_v1
// CHECK: %[[A:.*]] = memref.get_global @a_1 : memref<448xi8>
// CHECK: %[[VIEW:.*]] = memref.view %[[A]][%{{.*}}][] : memref<448xi8> to memref<1x1x1x1x7x16x4xi8>
// CHECK: call @k0_conv_v1(%{{.*}}, %[[VIEW]], %{{.*}})
// CHECK: memref.get_global @b_1 : memref<448xi8>
// CHECK-NOT: memref.get_global

// The code of each is emitted.
// CODE-LABEL: func.func private @k0_conv_v0
// CODE: llvm.x86.avx512.vpdpbusd
// CODE-LABEL: func.func private @k0_conv_v1
// CODE: llvm.x86.ssse3.pmadd.ub.sw.128

// The CPU with i8mm has octets, by blocks of its vectors.

// ARM: @a : memref<640xi8>
// ARM: memref.global "private" constant @a_1 : memref<384xi8> {alignment = 64 : i64, mlc.constant = #kernel.packed<dense<1> : tensor<4x16x1x1xi8>, <kind = conv, step = octets, block = 16>>
// ARM: func.func private @k0_conv_v0(%{{.*}}, %{{.*}}: memref<1x1x1x1x3x16x8xi8>
// ARM-SAME: input_bytes = 744 : i64, weight_bytes = 384 : i64
// ARM: func.func private @k0_conv_v1(%{{.*}}, %{{.*}}: memref<1x1x1x1x5x32x4xi8>

// What no CPU reads any more is not there; equal ones are one. Where all CPUs
// want octets they share them; where one does not, quads.

// SHARED: @a : memref<640xi8>
// SHARED: func.func private @k0_conv_v0(

// ALL-NOT: @a :
// ALL: memref.global "private" constant @a_1 : memref<384xi8>
// ALL: memref.global "private" constant @b_1 : memref<384xi8>
// ALL-NEXT: func.func private @k0_conv_v0
memref.global "private" constant @a : memref<640xi8> {alignment = 64 : i64, mlc.constant = #kernel.packed<dense<1> : tensor<4x16x1x1xi8>, <kind = conv, step = quads, block = 32>> : tensor<1x1x1x1x5x32x4xi8>}
memref.global "private" constant @b : memref<640xi8> {alignment = 64 : i64, mlc.constant = #kernel.packed<dense_resource<large> : tensor<4x16x1x1xi8>, <kind = conv, step = quads, block = 32>> : tensor<1x1x1x1x5x32x4xi8>}
func.func private @k0_conv_v0(%x: memref<1x4x4x16xi8>, %w: memref<1x1x1x1x5x32x4xi8> {llvm.align = 64 : i64}, %y: memref<1x4x4x4xi32>) attributes {mlc.kernel = {function = "k0_conv", input_bytes = 1000 : i64, weight_bytes = 640 : i64}, mlc.variant = 0 : i64} {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_unsigned}
      ins(%x, %w : memref<1x4x4x16xi8>, memref<1x1x1x1x5x32x4xi8>) outs(%y : memref<1x4x4x4xi32>)
  return
}
func.func private @k0_conv_v1(%x: memref<1x4x4x16xi8>, %w: memref<1x1x1x1x5x32x4xi8> {llvm.align = 64 : i64}, %y: memref<1x4x4x4xi32>) attributes {mlc.variant = 1 : i64} {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, input_unsigned}
      ins(%x, %w : memref<1x4x4x16xi8>, memref<1x1x1x1x5x32x4xi8>) outs(%y : memref<1x4x4x4xi32>)
  return
}
func.func @main_v0(%x: memref<1x4x4x16xi8>, %y: memref<1x4x4x4xi32>) attributes {mlc.inputs = 1 : i64, mlc.outputs = 1 : i64, mlc.variant = 0 : i64} {
  %c0 = arith.constant 0 : index
  %0 = memref.get_global @a : memref<640xi8>
  %a = memref.view %0[%c0][] : memref<640xi8> to memref<1x1x1x1x5x32x4xi8>
  %1 = memref.get_global @b : memref<640xi8>
  %b = memref.view %1[%c0][] : memref<640xi8> to memref<1x1x1x1x5x32x4xi8>
  call @k0_conv_v0(%x, %a, %y) : (memref<1x4x4x16xi8>, memref<1x1x1x1x5x32x4xi8>, memref<1x4x4x4xi32>) -> ()
  call @k0_conv_v0(%x, %b, %y) : (memref<1x4x4x16xi8>, memref<1x1x1x1x5x32x4xi8>, memref<1x4x4x4xi32>) -> ()
  return
}
func.func @main_v1(%x: memref<1x4x4x16xi8>, %y: memref<1x4x4x4xi32>) attributes {mlc.inputs = 1 : i64, mlc.outputs = 1 : i64, mlc.variant = 1 : i64} {
  %c0 = arith.constant 0 : index
  %0 = memref.get_global @a : memref<640xi8>
  %a = memref.view %0[%c0][] : memref<640xi8> to memref<1x1x1x1x5x32x4xi8>
  %1 = memref.get_global @b : memref<640xi8>
  %b = memref.view %1[%c0][] : memref<640xi8> to memref<1x1x1x1x5x32x4xi8>
  call @k0_conv_v1(%x, %a, %y) : (memref<1x4x4x16xi8>, memref<1x1x1x1x5x32x4xi8>, memref<1x4x4x4xi32>) -> ()
  call @k0_conv_v1(%x, %b, %y) : (memref<1x4x4x16xi8>, memref<1x1x1x1x5x32x4xi8>, memref<1x4x4x4xi32>) -> ()
  return
}

{-#
  dialect_resources: {
    builtin: {
      large: "0x010000007F0202020202020202020202020202027F0202020202020202020202020202027F0202020202020202020202020202027F020202020202020202020202020202"
    }
  }
#-}

// -----

// Other weights stay: floats, a product's quads, nibbles, what the kernel does
// more with than multiply by it, and what is packed already. By octets products
// are multiplied, too.

// CHECK: func.func private @k_v1(
// CHECK-SAME: memref<1x1x1x1x4x32xf32>
// CHECK-SAME: memref<1x1x1x1x3x32x4xi8>
// CHECK-SAME: memref<1x1x1x1x2x32x4xi8>
// CHECK-SAME: memref<1x1x1x1x3x32x4xi8>
// CHECK-SAME: memref<1x1x1x1x3x32x4xi8>
// ALL: func.func private @k_v1(
// ALL-SAME: memref<1x1x1x1x4x32xf32>
// ALL-SAME: memref<1x2x1x1x2x16x8xi8>
// ALL-SAME: memref<1x1x1x1x2x32x4xi8>
// ALL-SAME: memref<1x1x1x1x3x32x4xi8>
// ALL-SAME: memref<1x1x1x1x3x32x4xi8>
memref.global "private" constant @f : memref<512xi8> {mlc.constant = #kernel.packed<dense<1.0> : tensor<20x4x1x1xf32>, <kind = conv, block = 32>> : tensor<1x1x1x1x4x32xf32>}
memref.global "private" constant @m : memref<384xi8> {mlc.constant = #kernel.packed<dense<1> : tensor<8x20xi8>, <kind = matmul, step = quads, block = 32>> : tensor<1x1x1x1x3x32x4xi8>}
memref.global "private" constant @n : memref<256xi8> {mlc.constant = #kernel.packed<dense<1> : tensor<20x8xi8>, <kind = matmul_transposed, step = nibbles, block = 32>> : tensor<1x1x1x1x2x32x4xi8>}
memref.global "private" constant @p : memref<384xi8> {mlc.constant = dense<1> : tensor<1x1x1x1x3x32x4xi8>}
func.func private @k_v0() attributes {mlc.variant = 0 : i64} {
  return
}
func.func private @k_v1(%x: memref<1x1x4x4xf32>, %q: memref<1x1x16x8xi8>, %f: memref<1x1x1x1x4x32xf32>, %m: memref<1x1x1x1x3x32x4xi8>, %n: memref<1x1x1x1x2x32x4xi8>, %p: memref<1x1x1x1x3x32x4xi8>, %twice: memref<1x1x1x1x3x32x4xi8>, %y: memref<1x1x4x20xf32>, %z: memref<1x1x16x20xi32>) attributes {mlc.variant = 1 : i64} {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %f : memref<1x1x4x4xf32>, memref<1x1x1x1x4x32xf32>) outs(%y : memref<1x1x4x20xf32>)
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%q, %m : memref<1x1x16x8xi8>, memref<1x1x1x1x3x32x4xi8>) outs(%z : memref<1x1x16x20xi32>)
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, nibbles}
      ins(%q, %n : memref<1x1x16x8xi8>, memref<1x1x1x1x2x32x4xi8>) outs(%z : memref<1x1x16x20xi32>)
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%q, %p : memref<1x1x16x8xi8>, memref<1x1x1x1x3x32x4xi8>) outs(%z : memref<1x1x16x20xi32>)
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%q, %twice : memref<1x1x16x8xi8>, memref<1x1x1x1x3x32x4xi8>) outs(%z : memref<1x1x16x20xi32>)
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%q, %twice : memref<1x1x16x8xi8>, memref<1x1x1x1x3x32x4xi8>) outs(%z : memref<1x1x16x20xi32>)
  return
}
func.func @main_v1(%x: memref<1x1x4x4xf32>, %q: memref<1x1x16x8xi8>, %y: memref<1x1x4x20xf32>, %z: memref<1x1x16x20xi32>) attributes {mlc.inputs = 2 : i64, mlc.outputs = 2 : i64, mlc.variant = 1 : i64} {
  %c0 = arith.constant 0 : index
  %0 = memref.get_global @f : memref<512xi8>
  %f = memref.view %0[%c0][] : memref<512xi8> to memref<1x1x1x1x4x32xf32>
  %1 = memref.get_global @m : memref<384xi8>
  %m = memref.view %1[%c0][] : memref<384xi8> to memref<1x1x1x1x3x32x4xi8>
  %2 = memref.get_global @n : memref<256xi8>
  %n = memref.view %2[%c0][] : memref<256xi8> to memref<1x1x1x1x2x32x4xi8>
  %3 = memref.get_global @p : memref<384xi8>
  %p = memref.view %3[%c0][] : memref<384xi8> to memref<1x1x1x1x3x32x4xi8>
  call @k_v1(%x, %q, %f, %m, %n, %p, %m, %y, %z) : (memref<1x1x4x4xf32>, memref<1x1x16x8xi8>, memref<1x1x1x1x4x32xf32>, memref<1x1x1x1x3x32x4xi8>, memref<1x1x1x1x2x32x4xi8>, memref<1x1x1x1x3x32x4xi8>, memref<1x1x1x1x3x32x4xi8>, memref<1x1x4x20xf32>, memref<1x1x16x20xi32>) -> ()
  return
}
