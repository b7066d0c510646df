//===- ModelsTest.cpp - small models through the whole backend ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <cmath>
#include <numeric>

using namespace mlc;
using namespace mlc::test;

namespace {

std::vector<float> ramp(size_t count, float step = 0.125f) {
  std::vector<float> result(count);
  for (size_t i = 0; i < count; ++i)
    result[i] = step * (float(i % 37) - 11);
  return result;
}

TEST(Models, ChainRunsInPlace) {
  Model model(R"(
    func.func @main(%x: tensor<4x64xf32>) -> tensor<4x64xf32> {
      %e = tensor.empty() : tensor<4x64xf32>
      %a = linalg.negf ins(%x : tensor<4x64xf32>) outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
      %b = linalg.abs ins(%a : tensor<4x64xf32>) outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
      %c = linalg.mul ins(%b, %b : tensor<4x64xf32>, tensor<4x64xf32>) outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
      %d = linalg.add ins(%c, %x : tensor<4x64xf32>, tensor<4x64xf32>) outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
      return %d : tensor<4x64xf32>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  // Nothing is larger than one tensor at any time.
  EXPECT_LE(model.result.arenaSize, 4u * 64 * 4);
  std::vector<float> x = ramp(256);
  std::vector<float> y = values<float>(model.run({bytes(x)})[0]);
  for (size_t i = 0; i < x.size(); ++i)
    EXPECT_EQ(y[i], x[i] * x[i] + x[i]);
}

TEST(Models, MatmulAndReduction) {
  Model model(R"(
    func.func @main(%a: tensor<5x7xf32>, %b: tensor<7x9xf32>) -> (tensor<5x9xf32>, tensor<5xf32>) {
      %zero = arith.constant 0.0 : f32
      %e = tensor.empty() : tensor<5x9xf32>
      %f = linalg.fill ins(%zero : f32) outs(%e : tensor<5x9xf32>) -> tensor<5x9xf32>
      %c = linalg.matmul ins(%a, %b : tensor<5x7xf32>, tensor<7x9xf32>) outs(%f : tensor<5x9xf32>) -> tensor<5x9xf32>
      %e1 = tensor.empty() : tensor<5xf32>
      %f1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<5xf32>) -> tensor<5xf32>
      %s = linalg.reduce { arith.addf } ins(%c : tensor<5x9xf32>) outs(%f1 : tensor<5xf32>) dimensions = [1]
      return %c, %s : tensor<5x9xf32>, tensor<5xf32>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<float> a = ramp(35), b = ramp(63, 0.5f);
  std::vector<Bytes> out = model.run({bytes(a), bytes(b)});
  std::vector<float> c = values<float>(out[0]), s = values<float>(out[1]);
  for (int i = 0; i < 5; ++i) {
    float row = 0;
    for (int j = 0; j < 9; ++j) {
      float sum = 0;
      for (int k = 0; k < 7; ++k)
        sum += a[i * 7 + k] * b[k * 9 + j];
      EXPECT_FLOAT_EQ(c[i * 9 + j], sum);
      row += sum;
    }
    EXPECT_NEAR(s[i], row, 1e-4);
  }
}

TEST(Models, ConcatIsAddressing) {
  Model model(R"(
    func.func @main(%x: tensor<2x3xf32>, %y: tensor<2x5xf32>) -> tensor<2x8xf32> {
      %e0 = tensor.empty() : tensor<2x3xf32>
      %a = linalg.negf ins(%x : tensor<2x3xf32>) outs(%e0 : tensor<2x3xf32>) -> tensor<2x3xf32>
      %e1 = tensor.empty() : tensor<2x5xf32>
      %b = linalg.abs ins(%y : tensor<2x5xf32>) outs(%e1 : tensor<2x5xf32>) -> tensor<2x5xf32>
      %c = tensor.concat dim(1) %a, %b : (tensor<2x3xf32>, tensor<2x5xf32>) -> tensor<2x8xf32>
      return %c : tensor<2x8xf32>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  EXPECT_EQ(model.count("forward-copies", "memref.copy"), 0u);
  EXPECT_EQ(model.result.arenaSize, 0u);
  std::vector<float> x = ramp(6), y = ramp(10);
  std::vector<float> c = values<float>(model.run({bytes(x), bytes(y)})[0]);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 8; ++j)
      EXPECT_EQ(c[i * 8 + j],
                j < 3 ? -x[i * 3 + j] : std::fabs(y[i * 5 + j - 3]));
}

TEST(Models, SlicesAreViews) {
  Model model(R"(
    func.func @main(%x: tensor<4x8xf32>) -> tensor<2x4xf32> {
      %s = tensor.extract_slice %x[1, 2] [2, 4] [1, 1] : tensor<4x8xf32> to tensor<2x4xf32>
      %e = tensor.empty() : tensor<2x4xf32>
      %a = linalg.negf ins(%s : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
      return %a : tensor<2x4xf32>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  EXPECT_EQ(model.count("forward-copies", "memref.copy"), 0u);
  std::vector<float> x = ramp(32);
  std::vector<float> y = values<float>(model.run({bytes(x)})[0]);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 4; ++j)
      EXPECT_EQ(y[i * 4 + j], -x[(i + 1) * 8 + j + 2]);
}

TEST(Models, EqualKernelsAndConstantsAreShared) {
  Model model(R"(
    func.func @main(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
      %w = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32>
      %v = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32>
      %u = tensor.collapse_shape %v [[0, 1]] : tensor<2x4xf32> into tensor<8xf32>
      %e = tensor.empty() : tensor<8xf32>
      %a = linalg.mul ins(%x, %w : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
      %b = linalg.mul ins(%x, %u : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32>
      return %a, %b : tensor<8xf32>, tensor<8xf32>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  EXPECT_EQ(model.result.weights.getData().size(), 32u);
  ASSERT_EQ(model.result.kernels.size(), 1u);
  EXPECT_EQ(model.result.kernels[0].calls, 2u);
  std::vector<float> x = ramp(8);
  std::vector<Bytes> out = model.run({bytes(x)});
  for (const Bytes &one : out)
    for (int i = 0; i < 8; ++i)
      EXPECT_EQ(values<float>(one)[i], x[i] * (i + 1));
}

TEST(Models, ArgumentsAndConstantsPassThrough) {
  Model model(R"(
    func.func @main(%x: tensor<3xi64>) -> (tensor<3xi64>, tensor<2xi8>, tensor<3xi64>) {
      %w = arith.constant dense<[7, -8]> : tensor<2xi8>
      return %x, %w, %x : tensor<3xi64>, tensor<2xi8>, tensor<3xi64>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<int64_t> x = {1, -2, int64_t(1) << 40};
  std::vector<Bytes> out = model.run({bytes(x)});
  EXPECT_EQ(values<int64_t>(out[0]), x);
  EXPECT_EQ(values<int8_t>(out[1]), (std::vector<int8_t>{7, -8}));
  EXPECT_EQ(values<int64_t>(out[2]), x);
}

TEST(Models, BitsAreBytes) {
  Model model(R"(
    #id = affine_map<(d0) -> (d0)>
    func.func @main(%x: tensor<5xf32>, %m: tensor<5xi1>) -> (tensor<5xi1>, tensor<5xi1>) {
      %k = arith.constant dense<[true, false, true, true, false]> : tensor<5xi1>
      %e = tensor.empty() : tensor<5xi1>
      %a = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
          ins(%x, %m : tensor<5xf32>, tensor<5xi1>) outs(%e : tensor<5xi1>) {
        ^bb0(%v: f32, %b: i1, %o: i1):
          %zero = arith.constant 0.0 : f32
          %p = arith.cmpf ogt, %v, %zero : f32
          %r = arith.andi %p, %b : i1
          linalg.yield %r : i1
      } -> tensor<5xi1>
      return %a, %k : tensor<5xi1>, tensor<5xi1>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<float> x = {1, -1, 2, 3, -4};
  std::vector<int8_t> mask = {1, 1, 0, 1, 0};
  std::vector<Bytes> out = model.run({bytes(x), bytes(mask)});
  EXPECT_EQ(values<int8_t>(out[0]), (std::vector<int8_t>{1, 0, 0, 1, 0}));
  EXPECT_EQ(values<int8_t>(out[1]), (std::vector<int8_t>{1, 0, 1, 1, 0}));
}

TEST(Models, ReverseAndTranspose) {
  Model model(R"(
    func.func @main(%x: tensor<3x5xi8>) -> (tensor<5x3xi8>, tensor<3x5xi8>) {
      %e = tensor.empty() : tensor<5x3xi8>
      %t = linalg.transpose ins(%x : tensor<3x5xi8>) outs(%e : tensor<5x3xi8>) permutation = [1, 0]
      %e2 = tensor.empty() : tensor<3x5xi8>
      %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (2 - i, 4 - j)>, affine_map<(i, j) -> (i, j)>],
          iterator_types = ["parallel", "parallel"]} ins(%x : tensor<3x5xi8>) outs(%e2 : tensor<3x5xi8>) {
        ^bb0(%v: i8, %o: i8):
          linalg.yield %v : i8
      } -> tensor<3x5xi8>
      return %t, %r : tensor<5x3xi8>, tensor<3x5xi8>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<int8_t> x(15);
  std::iota(x.begin(), x.end(), -7);
  std::vector<Bytes> out = model.run({bytes(x)});
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 5; ++j) {
      EXPECT_EQ(values<int8_t>(out[0])[j * 3 + i], x[i * 5 + j]);
      EXPECT_EQ(values<int8_t>(out[1])[i * 5 + j], x[(2 - i) * 5 + 4 - j]);
    }
}

} // namespace
