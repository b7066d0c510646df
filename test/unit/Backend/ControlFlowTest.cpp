//===- ControlFlowTest.cpp - loops and branches at run time ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

using namespace mlc;
using namespace mlc::test;

namespace {

TEST(ControlFlow, ForCarriesItsDestination) {
  Model model(R"(
    func.func @main(%x: tensor<6xf32>, %n: tensor<i64>) -> tensor<6xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %count = tensor.extract %n[] : tensor<i64>
      %end = arith.index_cast %count : i64 to index
      %d = tensor.empty() : tensor<6xf32>
      %init = linalg.copy ins(%x : tensor<6xf32>) outs(%d : tensor<6xf32>) -> tensor<6xf32>
      %r = scf.for %i = %c0 to %end step %c1 iter_args(%t = %init) -> tensor<6xf32> {
        %e = tensor.empty() : tensor<6xf32>
        %s = linalg.add ins(%t, %x : tensor<6xf32>, tensor<6xf32>) outs(%e : tensor<6xf32>) -> tensor<6xf32>
        %c = linalg.copy ins(%s : tensor<6xf32>) outs(%t : tensor<6xf32>) -> tensor<6xf32>
        scf.yield %c : tensor<6xf32>
      }
      return %r : tensor<6xf32>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<float> x = {1, 2, 3, 4, 5, -6};
  for (int64_t n : {0, 1, 5}) {
    auto out = model.run({bytes(x), bytes(std::vector<int64_t>{n})});
    for (int i = 0; i < 6; ++i)
      EXPECT_EQ(values<float>(out[0])[i], x[i] * (n + 1));
  }
}

TEST(ControlFlow, SlicesAtRunTimeOffsets) {
  Model model(R"(
    func.func @main(%x: tensor<4x3xf32>) -> tensor<4x3xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %c3 = arith.constant 3 : index
      %d = tensor.empty() : tensor<4x3xf32>
      %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%t = %d) -> tensor<4x3xf32> {
        %j = arith.subi %c3, %i : index
        %s = tensor.extract_slice %x[%i, 0] [1, 3] [1, 1] : tensor<4x3xf32> to tensor<1x3xf32>
        %e = tensor.empty() : tensor<1x3xf32>
        %n = linalg.negf ins(%s : tensor<1x3xf32>) outs(%e : tensor<1x3xf32>) -> tensor<1x3xf32>
        %u = tensor.insert_slice %n into %t[%j, 0] [1, 3] [1, 1] : tensor<1x3xf32> into tensor<4x3xf32>
        scf.yield %u : tensor<4x3xf32>
      }
      return %r : tensor<4x3xf32>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<float> x = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  auto y = values<float>(model.run({bytes(x)})[0]);
  for (int i = 0; i < 4; ++i)
    for (int k = 0; k < 3; ++k)
      EXPECT_EQ(y[(3 - i) * 3 + k], -x[i * 3 + k]);
}

TEST(ControlFlow, WhileStopsOnData) {
  Model model(R"(
    func.func @main(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<i64>) {
      %limit = arith.constant 100.0 : f32
      %c0 = arith.constant 0 : index
      %z = arith.constant 0 : i64
      %one = arith.constant 1 : i64
      %d = tensor.empty() : tensor<3xf32>
      %init = linalg.copy ins(%x : tensor<3xf32>) outs(%d : tensor<3xf32>) -> tensor<3xf32>
      %w:2 = scf.while (%k = %z, %t = %init) : (i64, tensor<3xf32>) -> (i64, tensor<3xf32>) {
        %v = tensor.extract %t[%c0] : tensor<3xf32>
        %go = arith.cmpf olt, %v, %limit : f32
        scf.condition(%go) %k, %t : i64, tensor<3xf32>
      } do {
        ^bb0(%k: i64, %t: tensor<3xf32>):
          %e = tensor.empty() : tensor<3xf32>
          %s = linalg.add ins(%t, %t : tensor<3xf32>, tensor<3xf32>) outs(%e : tensor<3xf32>) -> tensor<3xf32>
          %c = linalg.copy ins(%s : tensor<3xf32>) outs(%t : tensor<3xf32>) -> tensor<3xf32>
          %n = arith.addi %k, %one : i64
          scf.yield %n, %c : i64, tensor<3xf32>
      }
      %count = tensor.from_elements %w#0 : tensor<i64>
      return %w#1, %count : tensor<3xf32>, tensor<i64>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  auto out = model.run({bytes(std::vector<float>{3, 4, 5})});
  EXPECT_EQ(values<float>(out[0]), (std::vector<float>{192, 256, 320}));
  EXPECT_EQ(values<int64_t>(out[1]), (std::vector<int64_t>{6}));
}

TEST(ControlFlow, IfWritesOneBuffer) {
  Model model(R"(
    func.func @main(%x: tensor<4xf32>, %p: tensor<i1>) -> tensor<4xf32> {
      %c = tensor.extract %p[] : tensor<i1>
      %r = scf.if %c -> tensor<4xf32> {
        %e = tensor.empty() : tensor<4xf32>
        %n = linalg.negf ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
        scf.yield %n : tensor<4xf32>
      } else {
        scf.yield %x : tensor<4xf32>
      }
      %e2 = tensor.empty() : tensor<4xf32>
      %y = linalg.add ins(%r, %r : tensor<4xf32>, tensor<4xf32>) outs(%e2 : tensor<4xf32>) -> tensor<4xf32>
      return %y : tensor<4xf32>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  std::vector<float> x = {1, -2, 3, 4};
  for (char p : {0, 1}) {
    auto y = values<float>(model.run({bytes(x), Bytes{p}})[0]);
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(y[i], p ? -2 * x[i] : 2 * x[i]);
  }
}

TEST(ControlFlow, RefusesBuffersThatALoopReplaces) {
  Model model(R"(
    func.func @main(%x: tensor<4xf32>, %n: tensor<index>) -> tensor<4xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %end = tensor.extract %n[] : tensor<index>
      %r = scf.for %i = %c0 to %end step %c1 iter_args(%t = %x) -> tensor<4xf32> {
        %e = tensor.empty() : tensor<4xf32>
        %s = linalg.negf ins(%t : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
        scf.yield %s : tensor<4xf32>
      }
      return %r : tensor<4xf32>
    })");
  EXPECT_FALSE(model.ok());
  EXPECT_NE(model.errors.find("equivalent"), std::string::npos) << model.errors;
}

} // namespace
