// RUN: mlc-opt %s --nn-to-linalg | FileCheck %s

// The mean of a large image is one of means of rows, which threads divide as the layers around do.

// CHECK-LABEL: func.func @large(
// CHECK: %[[P:.*]] = kernel.pool
// CHECK-SAME: kernel = array<i64: 14, 56>
// CHECK-SAME: average
// CHECK-SAME: strides = array<i64: 14, 1>
// CHECK-SAME: -> tensor<2x4x1x24xf32>
// CHECK: kernel.pool
// CHECK-SAME: kernel = array<i64: 4, 1>
// CHECK-SAME: ins(%[[P]]
// CHECK-SAME: -> tensor<2x1x1x24xf32>
func.func @large(%x: tensor<2x56x56x24xf32>) -> tensor<2x1x1x24xf32> {
  %y = nn.pool %x {kind = #nn.pool_kind<average>, kernel = array<i64: 56, 56>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_last>} : (tensor<2x56x56x24xf32>) -> tensor<2x1x1x24xf32>
  return %y : tensor<2x1x1x24xf32>
}

// Fourteen rows are two parts.

// CHECK-LABEL: func.func @fourteen(
// CHECK: kernel = array<i64: 7, 14>
// CHECK: kernel = array<i64: 2, 1>
func.func @fourteen(%x: tensor<1x14x14x480xf32>) -> tensor<1x1x1x480xf32> {
  %y = nn.pool %x {kind = #nn.pool_kind<average>, kernel = array<i64: 14, 14>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_last>} : (tensor<1x14x14x480xf32>) -> tensor<1x1x1x480xf32>
  return %y : tensor<1x1x1x480xf32>
}

// A small one, an odd number of rows, a maximum and half precision are one kernel.

// CHECK-LABEL: func.func @as_one(
// CHECK: kernel = array<i64: 7, 7>
// CHECK: kernel = array<i64: 57, 56>
// CHECK: kernel = array<i64: 56, 56>
// CHECK: kernel = array<i64: 56, 56>
// CHECK-NOT: {{= kernel[.]pool}}
func.func @as_one(%a: tensor<1x7x7x960xf32>, %b: tensor<1x57x56x24xf32>, %c: tensor<1x56x56x24xf32>, %d: tensor<1x56x56x24xf16>)
    -> (tensor<1x1x1x960xf32>, tensor<1x1x1x24xf32>, tensor<1x1x1x24xf32>, tensor<1x1x1x24xf16>) {
  %0 = nn.pool %a {kind = #nn.pool_kind<average>, kernel = array<i64: 7, 7>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_last>} : (tensor<1x7x7x960xf32>) -> tensor<1x1x1x960xf32>
  %1 = nn.pool %b {kind = #nn.pool_kind<average>, kernel = array<i64: 57, 56>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_last>} : (tensor<1x57x56x24xf32>) -> tensor<1x1x1x24xf32>
  %2 = nn.pool %c {kind = #nn.pool_kind<max>, kernel = array<i64: 56, 56>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_last>} : (tensor<1x56x56x24xf32>) -> tensor<1x1x1x24xf32>
  %3 = nn.pool %d {kind = #nn.pool_kind<average>, kernel = array<i64: 56, 56>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layout = #nn.layout<channels_last>} : (tensor<1x56x56x24xf16>) -> tensor<1x1x1x24xf16>
  return %0, %1, %2, %3 : tensor<1x1x1x960xf32>, tensor<1x1x1x24xf32>, tensor<1x1x1x24xf32>, tensor<1x1x1x24xf16>
}
