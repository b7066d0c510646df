// What kernels of bytes take: constant weights in quads, four input channels side by side, and tables.

// RUN: mlc-opt %s --nn-to-linalg="block=4" | FileCheck %s
// RUN: mlc-opt %s --nn-to-linalg="block=8 words=true" | FileCheck %s --check-prefix=WORDS
// RUN: mlc-opt %s --nn-to-linalg="block=8 words=true byte-winograd=false" | FileCheck %s --check-prefix=DIRECT
// RUN: mlc-opt %s --nn-to-linalg="block=16 words=true pairs=true" | FileCheck %s --check-prefix=PAIRS

// One filter of [1, 2, 3, 4, 50]: two rows of quads, and their sum.
// CHECK-LABEL: func @conv
// CHECK: arith.constant #kernel.packed<{{.*}}, <kind = conv, step = quads, block = 4>> : tensor<1x1x1x1x3x4x4xi8>
// CHECK: kernel.conv {{.*}}input_unsigned{{.*}} tensor<1x1x1x1x3x4x4xi8>)
func.func @conv(%x: tensor<1x5x2x2xui8>) -> tensor<1x1x2x2xi32> {
  %w = nn.constant dense<[[[[1]], [[2]], [[3]], [[4]], [[50]]]]> : tensor<1x5x1x1xi8>
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x5x2x2xui8>, tensor<1x5x1x1xi8>) -> tensor<1x1x2x2xi32>
  return %y : tensor<1x1x2x2xi32>
}

// CHECK-LABEL: func @matmul
// CHECK: kernel.conv {{.*}} tensor<1x1x1x1x2x4x4xi8>)
func.func @matmul(%x: tensor<2x3xi8>) -> tensor<2x2xi32> {
  %w = nn.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi8>
  %y = nn.matmul %x, %w : (tensor<2x3xi8>, tensor<3x2xi8>) -> tensor<2x2xi32>
  return %y : tensor<2x2xi32>
}

// Unsigned weights are not.
// CHECK-LABEL: func @unsigned
// CHECK: kernel.conv {{.*}}weights_unsigned{{.*}} tensor<1x1x1x1x3x4xi8>)
func.func @unsigned(%x: tensor<2x3xi8>) -> tensor<2x2xi32> {
  %w = nn.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xui8>
  %y = nn.matmul %x, %w : (tensor<2x3xi8>, tensor<3x2xui8>) -> tensor<2x2xi32>
  return %y : tensor<2x2xi32>
}

// Bytes that choose among 256 are a table.
// CHECK-LABEL: func @table
// CHECK: kernel.lookup ins({{.*}} : tensor<1x3xi8>, tensor<256xi8>)
func.func @table(%x: tensor<1x3xui8>, %t: tensor<256xi8>) -> tensor<1x3xi8> {
  %y = nn.gather %t, %x {axis = 0 : i64} : (tensor<256xi8>, tensor<1x3xui8>) -> tensor<1x3xi8>
  return %y : tensor<1x3xi8>
}

// The columns of a window in quads are written out: not of such a window.
// CHECK-LABEL: func @wide
// CHECK: kernel.conv {{.*}} tensor<1x1x1x17x1x4xi8>)
func.func @wide(%x: tensor<1x1x1x20xi8>) -> tensor<1x1x1x4xi32> {
  %w = nn.constant dense<1> : tensor<1x1x1x17xi8>
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_first>} : (tensor<1x1x1x20xi8>, tensor<1x1x1x17xi8>) -> tensor<1x1x1x4xi32>
  return %y : tensor<1x1x1x4xi32>
}

// Of a depthwise window four columns make a quad, where the window is small.
// CHECK-LABEL: func @depthwise
// CHECK: kernel.depthwise {columns = 3 : i64, {{.*}} tensor<1x4x1x4x16x4xi8>)
// CHECK: kernel.depthwise {dilations{{.*}} tensor<5x5x2xi8>)
func.func @depthwise(%x: tensor<1x7x7x2xi8>) -> tensor<1x3x3x2xi32> {
  %w = nn.constant dense<1> : tensor<2x1x3x3xi8>
  %v = nn.constant dense<1> : tensor<2x1x5x5xi8>
  %y = nn.conv %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64, layout = #nn.layout<channels_last>} : (tensor<1x7x7x2xi8>, tensor<2x1x3x3xi8>) -> tensor<1x3x3x2xi32>
  %z = nn.conv %x, %v {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64, layout = #nn.layout<channels_last>} : (tensor<1x7x7x2xi8>, tensor<2x1x5x5xi8>) -> tensor<1x3x3x2xi32>
  %r = nn.add %y, %z : tensor<1x3x3x2xi32>, tensor<1x3x3x2xi32>
  return %r : tensor<1x3x3x2xi32>
}

// Where all CPUs multiply words, F(4, 3) takes fewer: exactly, unless a sum may be 2^25 or more, as of 128 channels of the
// largest bytes.
// CHECK-LABEL: func @winograd(
// CHECK: kernel.conv
// WORDS-LABEL: func @winograd(
// WORDS: %[[SCRATCH:.*]] = tensor.empty() : tensor<{{[0-9]+}}xi32>
// WORDS: kernel.winograd {input_unsigned, input_zero_point = 7 : i32, pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64} ins({{.*}} : tensor<1x16x16x128xi8>, tensor<1x16x3x3x33x8x4xi8>) outs({{.*}}, %[[SCRATCH]] :
// WORDS: kernel.conv
// DIRECT-LABEL: func @winograd(
// DIRECT-NOT: kernel.winograd
// DIRECT-COUNT-2: kernel.conv
func.func @winograd(%x: tensor<1x16x16x128xui8>) -> tensor<1x16x16x128xi32> {
  %w = nn.constant dense<100> : tensor<128x128x3x3xi8>
  %v = nn.constant dense<-128> : tensor<128x128x3x3xi8>
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>, input_zero_point = 7 : i32} : (tensor<1x16x16x128xui8>, tensor<128x128x3x3xi8>) -> tensor<1x16x16x128xi32>
  %z = nn.conv %x, %v {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>, input_zero_point = 7 : i32} : (tensor<1x16x16x128xui8>, tensor<128x128x3x3xi8>) -> tensor<1x16x16x128xi32>
  %r = nn.add %y, %z : tensor<1x16x16x128xi32>, tensor<1x16x16x128xi32>
  return %r : tensor<1x16x16x128xi32>
}

// Windows that step by two, and few channels, are not.
// WORDS-LABEL: func @direct(
// WORDS-NOT: kernel.winograd
func.func @direct(%x: tensor<1x16x16x128xui8>, %u: tensor<1x16x16x12xui8>) -> (tensor<1x8x8x128xi32>, tensor<1x16x16x128xi32>) {
  %w = nn.constant dense<1> : tensor<128x128x3x3xi8>
  %v = nn.constant dense<1> : tensor<128x12x3x3xi8>
  %y = nn.conv %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x16x16x128xui8>, tensor<128x128x3x3xi8>) -> tensor<1x8x8x128xi32>
  %z = nn.conv %u, %v {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x16x16x12xui8>, tensor<128x12x3x3xi8>) -> tensor<1x16x16x128xi32>
  return %y, %z : tensor<1x8x8x128xi32>, tensor<1x16x16x128xi32>
}

// Where these multiply pairs of bytes too, weights are packed in such as fit 16 bits; not where most do not, of few channels
// or of few pixels.
// PAIRS-LABEL: func @pairs(
// PAIRS: kernel.conv {{{.*}}extra_quads = 0 : i64{{.*}} tensor<1x1x1x1x10x16x4xi8>)
// PAIRS-NOT: extra_quads
// PAIRS: return
func.func @pairs(%x: tensor<1x4x4x32xui8>, %few: tensor<1x4x4x12xui8>, %one: tensor<1x1x1x32xui8>) -> (tensor<1x4x4x16xi32>, tensor<1x4x4x16xi32>, tensor<1x4x4x16xi32>, tensor<1x1x1x16xi32>) {
  %w = nn.constant dense<64> : tensor<16x32x1x1xi8>
  %large = nn.constant dense<65> : tensor<16x32x1x1xi8>
  %v = nn.constant dense<64> : tensor<16x12x1x1xi8>
  %y = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x4x4x32xui8>, tensor<16x32x1x1xi8>) -> tensor<1x4x4x16xi32>
  %0 = nn.conv %x, %large {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x4x4x32xui8>, tensor<16x32x1x1xi8>) -> tensor<1x4x4x16xi32>
  %1 = nn.conv %few, %v {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x4x4x12xui8>, tensor<16x12x1x1xi8>) -> tensor<1x4x4x16xi32>
  %2 = nn.conv %one, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x1x1x32xui8>, tensor<16x32x1x1xi8>) -> tensor<1x1x1x16xi32>
  return %y, %0, %1, %2 : tensor<1x4x4x16xi32>, tensor<1x4x4x16xi32>, tensor<1x4x4x16xi32>, tensor<1x1x1x16xi32>
}

// Weights of -8 to 7, whatever their type was, are two quads a row: of convolutions, whether or not pairs of bytes are multiplied,
// and of products, also by Winograd's algorithm. Not of one quad alone, where one weight is larger, of depthwise ones, and where a
// sum may be 2^27 or more, as of 70000 channels.
// CHECK-LABEL: func @nibbles(
// CHECK: kernel.conv {{{.*}}nibbles, {{.*}} tensor<1x4x1x1x5x4x4xi8>)
// CHECK: kernel.conv {{{.*}}nibbles, {{.*}} tensor<1x1x1x1x3x4x4xi8>)
// CHECK-NOT: nibbles
// CHECK: return
// PAIRS-LABEL: func @nibbles(
// PAIRS: kernel.conv {{{.*}}nibbles, {{.*}} tensor<1x1x1x1x5x16x4xi8>)
// PAIRS: kernel.conv {{{.*}}nibbles, {{.*}} tensor<1x1x1x1x3x16x4xi8>)
// PAIRS-NOT: nibbles
// PAIRS: extra_quads
func.func @nibbles(%x: tensor<1x4x4x32xui8>, %few: tensor<1x4x4x4xui8>, %m: tensor<2x12xi8>, %k: tensor<1x70000xui8>) -> (tensor<1x4x4x16xi32>, tensor<1x4x4x16xi32>, tensor<1x4x4x16xi32>, tensor<1x4x4x32xi32>, tensor<2x2xi32>, tensor<1x1xi32>) {
  %w = nn.constant dense<-8> : tensor<16x32x1x1xi8>
  %large = nn.constant dense<8> : tensor<16x32x1x1xi8>
  %quad = nn.constant dense<7> : tensor<16x4x1x1xi8>
  %alone = nn.constant dense<7> : tensor<32x1x3x3xi8>
  %matrix = nn.constant dense<7> : tensor<12x2xi8>
  %long = nn.constant dense<7> : tensor<70000x1xi8>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x4x4x32xui8>, tensor<16x32x1x1xi8>) -> tensor<1x4x4x16xi32>
  %4 = nn.matmul %m, %matrix : (tensor<2x12xi8>, tensor<12x2xi8>) -> tensor<2x2xi32>
  %1 = nn.conv %x, %large {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x4x4x32xui8>, tensor<16x32x1x1xi8>) -> tensor<1x4x4x16xi32>
  %2 = nn.conv %few, %quad {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layout = #nn.layout<channels_last>} : (tensor<1x4x4x4xui8>, tensor<16x4x1x1xi8>) -> tensor<1x4x4x16xi32>
  %3 = nn.conv %x, %alone {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 32 : i64, layout = #nn.layout<channels_last>} : (tensor<1x4x4x32xui8>, tensor<32x1x3x3xi8>) -> tensor<1x4x4x32xi32>
  %5 = nn.matmul %k, %long : (tensor<1x70000xui8>, tensor<70000x1xi8>) -> tensor<1x1xi32>
  return %0, %1, %2, %3, %4, %5 : tensor<1x4x4x16xi32>, tensor<1x4x4x16xi32>, tensor<1x4x4x16xi32>, tensor<1x4x4x32xi32>, tensor<2x2xi32>, tensor<1x1xi32>
}
