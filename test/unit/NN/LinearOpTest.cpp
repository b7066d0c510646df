//===- LinearOpTest.cpp - Convolutions and products alike -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::nn;

namespace {

constexpr const char *kGraph = R"mlir(
func.func @main(%x: tensor<1x4x5x5xf32>, %w: tensor<6x2x3x3xf32>, %b: tensor<6xf32>, %d: tensor<8x1x1x1xf32>,
                %l: tensor<3x7xi8>, %r: tensor<5x7xi8>, %ls: tensor<2x3x7xf32>, %rs: tensor<2x7x5xf32>) {
  %0 = nn.conv %x, %w bias(%b) {strides = array<i64: 1, 1>, pads = array<i64: 0, 1, 0, 0>,
      dilations = array<i64: 1, 1>, groups = 2 : i64, layout = #nn.layout<channels_first>}
      : (tensor<1x4x5x5xf32>, tensor<6x2x3x3xf32>, tensor<6xf32>) -> tensor<1x6x3x4xf32>
  %1 = nn.conv %x, %d {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>,
      dilations = array<i64: 1, 1>, groups = 4 : i64, layout = #nn.layout<channels_first>}
      : (tensor<1x4x5x5xf32>, tensor<8x1x1x1xf32>) -> tensor<1x8x5x5xf32>
  %2 = nn.matmul %l, %r {transpose_rhs, lhs_zero_point = -3 : i32, rhs_zero_point = 2 : i32}
      : (tensor<3x7xi8>, tensor<5x7xi8>) -> tensor<3x5xi32>
  %3 = nn.matmul %ls, %rs : (tensor<2x3x7xf32>, tensor<2x7x5xf32>) -> tensor<2x3x5xf32>
  return
}
)mlir";

class LinearOpTest : public ::testing::Test {
protected:
  LinearOpTest() {
    DialectRegistry registry;
    registry.insert<NNDialect, func::FuncDialect>();
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    module = parseSourceString<ModuleOp>(kGraph, &context);
    if (module)
      module->walk([&](LinearOpInterface op) { ops.push_back(op); });
  }

  /// What each weight links, looked up one by one in the shape.
  static void expectChannels(LinearOpInterface op) {
    WeightChannels channels = op.getWeightChannels();
    ArrayRef<int64_t> shape = shapeOf(op.getWeights());
    SmallVector<int64_t> strides = rowMajorStrides(shape);
    int64_t groups = op.getGroups();
    for (int64_t i = 0, e = ShapedType::getNumElements(shape); i < e; ++i) {
      int64_t result = i / strides[op.getWeightsResultDim()] %
                       shape[op.getWeightsResultDim()];
      int64_t input =
          i / strides[op.getWeightsInputDim()] % shape[op.getWeightsInputDim()];
      int64_t group = result / (op.getResultChannels() / groups);
      ASSERT_EQ(channels.result(i), result);
      ASSERT_EQ(channels.input(i),
                group * (op.getInputChannels() / groups) + input);
    }
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  SmallVector<LinearOpInterface> ops;
};

TEST_F(LinearOpTest, KnowsWhereChannelsAre) {
  ASSERT_EQ(ops.size(), 4u);
  for (LinearOpInterface op : ops)
    expectChannels(op);
  EXPECT_EQ(ops[0].getResultChannels(), 6);
  EXPECT_EQ(ops[0].getInputChannels(), 4);
  EXPECT_EQ(ops[2].getResultChannelDim(), 1);
  EXPECT_EQ(ops[2].getResultChannels(), 5);
  EXPECT_EQ(ops[3].getInputChannelDim(), 2);
}

TEST_F(LinearOpTest, KnowsItsOperands) {
  ASSERT_EQ(ops.size(), 4u);
  EXPECT_EQ(ops[0].getReductionSize(), 18);
  EXPECT_EQ(ops[1].getReductionSize(), 1);
  EXPECT_EQ(ops[2].getReductionSize(), 7);
  EXPECT_TRUE(ops[0].hasPadding());
  EXPECT_FALSE(ops[1].hasPadding());
  EXPECT_FALSE(ops[0].isDepthwise());
  EXPECT_TRUE(ops[1].isDepthwise());
  EXPECT_TRUE(ops[0].getBias());
  EXPECT_FALSE(ops[1].getBias());
  EXPECT_FALSE(ops[2].hasBatchedWeights());
  EXPECT_TRUE(ops[3].hasBatchedWeights());
}

/// Attributes of i32 are read as unsigned.
TEST_F(LinearOpTest, ReadsZeroPointsWithTheirSign) {
  ASSERT_EQ(ops.size(), 4u);
  EXPECT_EQ(ops[2].getInputZero(), -3);
  EXPECT_EQ(ops[2].getWeightsZero(), 2);
  EXPECT_TRUE(ops[2].canHaveWeightsZero());
  EXPECT_FALSE(ops[0].canHaveWeightsZero());
  EXPECT_EQ(ops[0].getInputZero(), 0);
}

TEST_F(LinearOpTest, MakesTheSameOfOtherOperands) {
  ASSERT_EQ(ops.size(), 4u);
  for (LinearOpInterface op : ops) {
    OpBuilder builder(op);
    LinearOpInterface made = op.createWith(
        builder, op.getLoc(), op.getResult().getType(),
        {op.getInput(), op.getWeights(), op.getBias(), {}, nullptr, nullptr});
    EXPECT_EQ(made->getName(), op->getName());
    EXPECT_EQ(made.getResult().getType(), op.getResult().getType());
    EXPECT_EQ(made.getGroups(), op.getGroups());
    EXPECT_EQ(made.getWeightsResultDim(), op.getWeightsResultDim());
    EXPECT_EQ(made.getBias(), op.getBias());
    EXPECT_EQ(made.getInputZero(), 0);
    EXPECT_TRUE(made.getEpilogue().empty());
  }
}

} // namespace
