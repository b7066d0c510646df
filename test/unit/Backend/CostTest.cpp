//===- CostTest.cpp - what is known of each kernel ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

using namespace mlc;
using namespace mlc::test;

namespace {

KernelInfo only(const Model &model) {
  EXPECT_EQ(model.errors, "");
  EXPECT_EQ(model.result.kernels.size(), 1u);
  return model.result.kernels.empty() ? KernelInfo()
                                      : model.result.kernels.front();
}

// Of a 3x3 window over 4x4 pixels with a border of one, rows 0 and 3 have two
// taps each inside and the others three: 10 of 12, and 100 of 144 in both
// directions.
TEST(Cost, OfConvolutionWithoutPadding) {
  Model model(R"(
    func.func @main(%x: tensor<1x4x4x8xf32>, %w: tensor<1x1x3x3x8x16xf32>)
        -> tensor<1x4x4x16xf32> {
      %e = tensor.empty() : tensor<1x4x4x16xf32>
      %r = kernel.conv {strides = array<i64: 1, 1>,
          pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
          ins(%x, %w : tensor<1x4x4x8xf32>, tensor<1x1x3x3x8x16xf32>)
          outs(%e : tensor<1x4x4x16xf32>) -> tensor<1x4x4x16xf32>
      return %r : tensor<1x4x4x16xf32>
    })");
  KernelInfo kernel = only(model);
  EXPECT_EQ(kernel.kind, "conv");
  EXPECT_EQ(kernel.element, "f32");
  EXPECT_EQ(kernel.nominalOperations, 2u * 144 * 8 * 16);
  EXPECT_EQ(kernel.operations, 2u * 100 * 8 * 16);
  EXPECT_EQ(kernel.detail, "3x3 4x4x8 -> 4x4x16");
}

TEST(Cost, OfPoolsAndStrides) {
  Model model(R"(
    func.func @main(%x: tensor<1x6x6x8xf32>) -> tensor<1x3x3x8xf32> {
      %e = tensor.empty() : tensor<1x3x3x8xf32>
      %r = kernel.pool {kind = #kernel.pool_kind<max>,
          kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>,
          pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
          ins(%x : tensor<1x6x6x8xf32>)
          outs(%e : tensor<1x3x3x8xf32>) -> tensor<1x3x3x8xf32>
      return %r : tensor<1x3x3x8xf32>
    })");
  KernelInfo kernel = only(model);
  EXPECT_EQ(kernel.operations, 9u * 4 * 8);
  EXPECT_EQ(kernel.detail, "2x2/2 6x6x8 -> 3x3x8");
}

TEST(Cost, OfMatmul) {
  Model model(R"(
    func.func @main(%x: tensor<5x7xf32>, %y: tensor<7x3xf32>)
        -> tensor<5x3xf32> {
      %e = tensor.empty() : tensor<5x3xf32>
      %r = kernel.matmul ins(%x, %y : tensor<5x7xf32>, tensor<7x3xf32>)
          outs(%e : tensor<5x3xf32>) -> tensor<5x3xf32>
      return %r : tensor<5x3xf32>
    })");
  EXPECT_EQ(only(model).operations, 2u * 5 * 3 * 7);
}

TEST(Cost, OfElementwiseBodies) {
  Model model(R"(
    #id = affine_map<(d0) -> (d0)>
    func.func @main(%x: tensor<10xf32>) -> tensor<10xf32> {
      %two = arith.constant 2.0 : f32
      %e = tensor.empty() : tensor<10xf32>
      %r = linalg.generic {indexing_maps = [#id, #id],
          iterator_types = ["parallel"]}
          ins(%x : tensor<10xf32>) outs(%e : tensor<10xf32>) {
      ^bb0(%a: f32, %o: f32):
        %b = arith.mulf %a, %two : f32
        %c = arith.addf %b, %a : f32
        linalg.yield %c : f32
      } -> tensor<10xf32>
      return %r : tensor<10xf32>
    })");
  EXPECT_EQ(only(model).operations, 20u);
}

} // namespace
