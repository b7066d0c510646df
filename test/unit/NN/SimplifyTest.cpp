//===- SimplifyTest.cpp - nn-simplify with an evaluator ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/Transforms/Passes.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::nn;

namespace {
// Two constant subgraphs that no folder computes (nn.softmax has none), one of
// which swells from 2 to 4 M elements.
constexpr const char *kGraph = R"mlir(
func.func @main(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<2000000x2xf32>) {
  %c = nn.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %0 = nn.softmax %c {axis = 0 : i64} : (tensor<3xf32>) -> tensor<3xf32>
  %1 = nn.softmax %0 {axis = 0 : i64} : (tensor<3xf32>) -> tensor<3xf32>
  %2 = nn.mul %x, %1 : tensor<3xf32>, tensor<3xf32>
  %d = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %3 = nn.broadcast %d : tensor<2xf32> to tensor<2000000x2xf32>
  return %2, %3 : tensor<3xf32>, tensor<2000000x2xf32>
}
)mlir";

class SimplifyTest : public ::testing::Test {
protected:
  SimplifyTest() {
    DialectRegistry registry;
    registry.insert<NNDialect, func::FuncDialect>();
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    module = parseSourceString<ModuleOp>(kGraph, &context);
  }

  LogicalResult simplify(ConstantEvaluator evaluator) {
    PassManager pipeline(&context);
    buildSimplifyPipeline(pipeline, std::move(evaluator));
    return pipeline.run(*module);
  }

  template <typename OpTy>
  int count(Operation *root) {
    int n = 0;
    root->walk([&](OpTy) { ++n; });
    return n;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

TEST_F(SimplifyTest, EvaluatesMaximalSubgraphsInOneModule) {
  ASSERT_TRUE(module);
  int calls = 0;
  ASSERT_TRUE(succeeded(
      simplify([&](ModuleOp constants) -> FailureOr<SmallVector<ElementsAttr>> {
        ++calls;
        EXPECT_TRUE(succeeded(constants.verify()));
        auto main = constants.lookupSymbol<func::FuncOp>("main");
        EXPECT_EQ(main.getNumArguments(), 0u);
        EXPECT_EQ(main.getNumResults(), 1u);
        EXPECT_EQ(count<SoftmaxOp>(constants), 2);
        auto type = cast<RankedTensorType>(main.getResultTypes()[0]);
        return SmallVector<ElementsAttr>{
            DenseElementsAttr::get<float>(type, {5, 6, 7})};
      })));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(count<SoftmaxOp>(*module), 0);
  EXPECT_EQ(count<BroadcastOp>(*module), 1)
      << "a constant must not swell the model";
  auto main = module->lookupSymbol<func::FuncOp>("main");
  auto product =
      main.front().getTerminator()->getOperand(0).getDefiningOp<MulOp>();
  ASSERT_TRUE(product);
  auto constant = product.getRhs().getDefiningOp<ConstantOp>();
  ASSERT_TRUE(constant);
  EXPECT_EQ(*constantDoubles(constant.getValue()),
            (SmallVector<double>{5, 6, 7}));
}

TEST_F(SimplifyTest, KeepsTheGraphWhereTheEvaluatorFails) {
  ASSERT_TRUE(
      succeeded(simplify([](ModuleOp) -> FailureOr<SmallVector<ElementsAttr>> {
        return failure();
      })));
  EXPECT_EQ(count<SoftmaxOp>(*module), 2);
}

TEST_F(SimplifyTest, KeepsTheGraphWithoutAnEvaluator) {
  ASSERT_TRUE(succeeded(simplify(nullptr)));
  EXPECT_EQ(count<SoftmaxOp>(*module), 2);
}

/// Two subgraphs of 48 MB, counting what each op reads and makes, and two small
/// ones between them.
constexpr const char *kLargeGraph = R"mlir(
func.func @main() -> (tensor<3000000xf32>, tensor<2xf32>, tensor<2xf32>, tensor<3000000xf32>) {
  %l = nn.constant dense<1.0> : tensor<3000000xf32>
  %0 = nn.softmax %l {axis = 0 : i64} : (tensor<3000000xf32>) -> tensor<3000000xf32>
  %1 = nn.softmax %0 {axis = 0 : i64} : (tensor<3000000xf32>) -> tensor<3000000xf32>
  %c = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %2 = nn.softmax %c {axis = 0 : i64} : (tensor<2xf32>) -> tensor<2xf32>
  %d = nn.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %3 = nn.softmax %d {axis = 0 : i64} : (tensor<2xf32>) -> tensor<2xf32>
  %m = nn.constant dense<2.0> : tensor<3000000xf32>
  %4 = nn.softmax %m {axis = 0 : i64} : (tensor<3000000xf32>) -> tensor<3000000xf32>
  %5 = nn.softmax %4 {axis = 0 : i64} : (tensor<3000000xf32>) -> tensor<3000000xf32>
  return %1, %2, %3, %5 : tensor<3000000xf32>, tensor<2xf32>, tensor<2xf32>, tensor<3000000xf32>
}
)mlir";

/// Gives large constants bytes of their own, as equal ones are kept as one.
void fillLargeConstants(ModuleOp module) {
  module.walk([](ConstantOp op) {
    auto type = cast<RankedTensorType>(op.getType());
    if (type.getNumElements() < 1000)
      return;
    std::vector<float> values(type.getNumElements());
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = i % 7;
    op.setValueAttr(makeConstant(
        type, ArrayRef(reinterpret_cast<const char *>(values.data()),
                       values.size() * sizeof(float))));
  });
}

TEST_F(SimplifyTest, EvaluatesLargeSubgraphsOneBehindTheOther) {
  module = parseSourceString<ModuleOp>(kLargeGraph, &context);
  ASSERT_TRUE(module);
  fillLargeConstants(*module);
  std::vector<int> softmaxes, results;
  ASSERT_TRUE(succeeded(
      simplify([&](ModuleOp constants) -> FailureOr<SmallVector<ElementsAttr>> {
        EXPECT_TRUE(succeeded(constants.verify()));
        softmaxes.push_back(count<SoftmaxOp>(constants));
        auto main = constants.lookupSymbol<func::FuncOp>("main");
        results.push_back(main.getNumResults());
        SmallVector<ElementsAttr> values;
        for (Type type : main.getResultTypes())
          values.push_back(DenseElementsAttr::get(cast<RankedTensorType>(type),
                                                  0.5f + softmaxes.size()));
        return values;
      })));
  EXPECT_EQ(softmaxes, (std::vector<int>{2, 2, 2}));
  EXPECT_EQ(results, (std::vector<int>{1, 2, 1}));
  EXPECT_EQ(count<SoftmaxOp>(*module), 0);
  auto main = module->lookupSymbol<func::FuncOp>("main");
  SmallVector<double> firsts;
  for (Value value : main.front().getTerminator()->getOperands()) {
    auto constant = value.getDefiningOp<ConstantOp>();
    ASSERT_TRUE(constant);
    firsts.push_back(
        cast<DenseElementsAttr>(constant.getValue()).getSplatValue<float>());
  }
  EXPECT_EQ(firsts, (SmallVector<double>{1.5, 2.5, 2.5, 3.5}));
}

// A loop over constants: `steps` times, and another `steps` times inside.
std::string nestedLoops(int64_t steps) {
  std::string head = "{trip_count = " + std::to_string(steps) + R"mlir( : i64,
      reverse_inputs = array<i1>, reverse_outputs = array<i1>}
      : (tensor<2xf32>) -> tensor<2xf32> )mlir";
  return R"mlir(
func.func @main() -> tensor<2xf32> {
  %c = nn.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %y = nn.scan inits(%c) )mlir" +
         head + R"mlir({
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    %z = nn.scan inits(%a) )mlir" +
         head + R"mlir({
    ^bb0(%j: tensor<i64>, %b: tensor<2xf32>):
      %n = nn.exp %b : tensor<2xf32>
      nn.yield %n : tensor<2xf32>
    }
    nn.yield %z : tensor<2xf32>
  }
  return %y : tensor<2xf32>
}
)mlir";
}

TEST_F(SimplifyTest, EvaluatesOnlyLoopsOfFewSteps) {
  for (auto [steps, expected] :
       {std::pair<int64_t, int>{3, 1}, {1000, 0}, {int64_t(1) << 60, 0}}) {
    module = parseSourceString<ModuleOp>(nestedLoops(steps), &context);
    ASSERT_TRUE(module);
    int calls = 0;
    ASSERT_TRUE(succeeded(simplify(
        [&](ModuleOp constants) -> FailureOr<SmallVector<ElementsAttr>> {
          ++calls;
          auto main = constants.lookupSymbol<func::FuncOp>("main");
          auto type = cast<RankedTensorType>(main.getResultTypes()[0]);
          return SmallVector<ElementsAttr>{
              DenseElementsAttr::get<float>(type, {5, 6})};
        })));
    EXPECT_EQ(calls, expected) << steps << " steps, twice";
  }
}

} // namespace
