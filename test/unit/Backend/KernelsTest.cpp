//===- KernelsTest.cpp - kernel operations and weights end to end ---------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Parser/Parser.h"

using namespace mlc;
using namespace mlc::test;

namespace {

// A pointwise convolution whose epilogue adds a value that dies there. The
// destination is another buffer, as converters make it.
const char *const residual = R"(
  func.func @main(%x: tensor<1x4x4x8xf32>, %y: tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32> {
    %w = arith.constant dense<0.5> : tensor<1x1x1x1x8x8xf32>
    %e = tensor.empty() : tensor<1x4x4x8xf32>
    %a = linalg.negf ins(%y : tensor<1x4x4x8xf32>) outs(%e : tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
    %d = tensor.empty() : tensor<1x4x4x8xf32>
    %r = kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        ins(%x, %w : tensor<1x4x4x8xf32>, tensor<1x1x1x1x8x8xf32>)
        epilogue(%a : tensor<1x4x4x8xf32>) outs(%d : tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32> {
      ^bb0(%acc: f32, %old: f32):
        %s = arith.addf %acc, %old : f32
        kernel.yield %s : f32
    }
    %f = tensor.empty() : tensor<1x4x4x8xf32>
    %n = kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        ins(%r, %w : tensor<1x4x4x8xf32>, tensor<1x1x1x1x8x8xf32>)
        outs(%f : tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
    return %n : tensor<1x4x4x8xf32>
  })";

TEST(Kernels, ResidualIsAddedInPlace) {
  Model model(residual);
  ASSERT_TRUE(model.ok()) << model.errors;
  EXPECT_EQ(model.result.arenaSize, 4u * 4 * 8 * 4);
  std::vector<float> x(128), y(128);
  for (int i = 0; i < 128; ++i)
    x[i] = i % 8, y[i] = i % 5;
  auto z = values<float>(model.run({bytes(x), bytes(y)})[0]);
  for (int pixel = 0; pixel < 16; ++pixel) {
    float sum = 0;
    for (int c = 0; c < 8; ++c)
      sum += 14 - y[pixel * 8 + c]; // Half of 0 + ... + 7.
    for (int c = 0; c < 8; ++c)
      EXPECT_FLOAT_EQ(z[pixel * 8 + c], sum / 2);
  }
}

TEST(Kernels, WeightsMoveOutOfTheirBlobs) {
  const char *ir = R"(
    func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> {
      %w = arith.constant dense_resource<w> : tensor<3xf32>
      %v = arith.constant dense_resource<v> : tensor<3xf32>
      %e = tensor.empty() : tensor<3xf32>
      %a = linalg.mul ins(%x, %w : tensor<3xf32>, tensor<3xf32>) outs(%e : tensor<3xf32>) -> tensor<3xf32>
      %b = linalg.add ins(%a, %v : tensor<3xf32>, tensor<3xf32>) outs(%e : tensor<3xf32>) -> tensor<3xf32>
      return %b : tensor<3xf32>
    }
    {-# dialect_resources: { builtin: {
      w: "0x040000000000803F0000004000004040",
      v: "0x040000000000803F0000004000004040" } } #-})";
  for (bool free : {true, false}) {
    mlir::DialectRegistry registry;
    registerBackendDialects(registry);
    mlir::MLIRContext context(registry);
    auto module = mlir::parseSourceString<mlir::ModuleOp>(ir, &context);
    ASSERT_TRUE(module);
    std::vector<mlir::DenseResourceElementsAttr> resources;
    module->walk([&](mlir::Operation *op) {
      for (mlir::NamedAttribute attr : op->getAttrs())
        if (auto resource = mlir::dyn_cast<mlir::DenseResourceElementsAttr>(
                attr.getValue()))
          resources.push_back(resource);
    });
    ASSERT_EQ(resources.size(), 2u);
    std::vector<TargetInfo> targets = {llvm::cantFail(hostTarget())};
    CompileOptions options;
    options.prefix = "model";
    options.targets = targets;
    options.freeConstants = free;
    auto result = compile(*module, options);
    ASSERT_TRUE(succeeded(result));
    // Equal contents are stored once, and filled up to a whole cache line.
    std::vector<float> line(16);
    line[0] = 1, line[1] = 2, line[2] = 3;
    llvm::ArrayRef<char> bytes = result->weights.getData();
    EXPECT_EQ(values<float>(Bytes(bytes.begin(), bytes.end())), line);
    for (mlir::DenseResourceElementsAttr resource : resources)
      EXPECT_EQ(resource.getRawHandle().getBlob()->getData().size(),
                free ? 0u : 12u);
  }
}

TEST(Kernels, NamesOfNodesAreKept) {
  Model model(R"(
    func.func @main(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
      %e = tensor.empty() : tensor<8xf32>
      %a = linalg.exp ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32> loc("n1"(fused<{index = 0 : i64, name = "first", op = "Exp", opset = 17 : i64}>["m.onnx":1:0]))
      %b = linalg.exp ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) -> tensor<8xf32> loc("n2"(fused<{index = 1 : i64, name = "second", op = "Exp", opset = 17 : i64}>["m.onnx":2:0]))
      return %a, %b : tensor<8xf32>, tensor<8xf32>
    })");
  ASSERT_TRUE(model.ok()) << model.errors;
  ASSERT_EQ(model.result.kernels.size(), 1u);
  const KernelInfo &kernel = model.result.kernels[0];
  EXPECT_EQ(kernel.function, "k0_exp");
  EXPECT_EQ(kernel.kind, "exp");
  EXPECT_EQ(kernel.nodes, (std::vector<NodeId>{{"first", "Exp", 17, 0},
                                               {"second", "Exp", 17, 1}}));
  EXPECT_EQ(kernel.inputBytes, 32u);
  EXPECT_EQ(kernel.outputBytes, 32u);
}

TEST(Kernels, VariantsAreFunctionsForTheirCpus) {
#if defined(__x86_64__)
  Model model(residual, "x86-64-v3,x86-64");
  ASSERT_EQ(model.result.entries,
            (std::vector<std::string>{"model_main_v0", "model_main_v1"}))
      << model.errors;
#else
  GTEST_SKIP() << "the variants are of x86";
#endif
}

} // namespace
