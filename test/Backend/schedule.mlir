// RUN: mlc-opt %s --clone-variants="targets=2" --schedule="triple=x86_64-linux-gnu cpus=x86-64-v4,x86-64-v2" | FileCheck %s

// The same kernel for two CPUs: each has its own lanes and tiles. A schedule that is there stays.
// CHECK-LABEL: func.func private @k0_v0(
// CHECK: kernel.conv {{.*}}#kernel.schedule<lanes = 16, tile = [{{.*}}], rest = [{{.*}}], merge = images, prefetch = weights, epilogue = [4, 8]>
// CHECK: kernel.softmax {{.*}}#kernel.schedule<lanes = 2>
// CHECK-LABEL: func.func private @k0_v1(
// CHECK: kernel.conv {{.*}}#kernel.schedule<lanes = 4, tile = [{{.*}}], merge = images, prefetch = weights, epilogue = [4, 8]>
// CHECK: kernel.softmax {{.*}}#kernel.schedule<lanes = 2>
func.func private @k0(%x: memref<1x7x8x16xf32>, %w: memref<1x2x1x1x16x32xf32>, %o: memref<1x7x8x48xf32>, %s: memref<4x16xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x7x8x16xf32>, memref<1x2x1x1x16x32xf32>) outs(%o : memref<1x7x8x48xf32>)
  kernel.softmax {kernel.schedule = #kernel.schedule<lanes = 2>} ins(%s : memref<4x16xf32>) outs(%s : memref<4x16xf32>)
  return
}
