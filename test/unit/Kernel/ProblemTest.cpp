//===- ProblemTest.cpp - The keys of tables -------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir::kernel;

namespace {

const char *const texts[] = {
    "conv 1x56x56x64 -> 1x28x28x128 3x3 f32 stride=2x2 pad=1x1",
    "conv 1x3x224x224 -> 1x112x112x32 3x3 f32 stride=2x2 layout=nchw",
    "conv 2x9x9x6 -> 2x5x5x4 3x3 i8 dilation=2x2 groups=2",
    "conv 1x1x1x25088 -> 1x1x1x4096 1x1 f32*f16",
    "conv 1x224x224x3 -> 1x112x112x32 3x3 i8*f32 stride=2x2 pad=1x1",
    "conv 1x28x28x128 -> 1x28x28x512 1x1 i8*i4",
    "depthwise 1x14x14x512 -> 1x14x14x512 5x5 f32 pad=2x2",
};

TEST(Problem, TextComesBack) {
  for (const char *text : texts) {
    llvm::Expected<Problem> problem = Problem::parse(text);
    ASSERT_TRUE(bool(problem)) << llvm::toString(problem.takeError());
    EXPECT_EQ(problem->str(), text);
  }
}

TEST(Problem, NothingElseIsRead) {
  const char *const bad[] = {
      "",
      "conv",
      "conv 1x8x8x16 -> 1x8x8x32 3x3",
      "matmul 1x8x8x16 -> 1x8x8x32 3x3 f32",
      "conv 1x8x8x16 => 1x8x8x32 3x3 f32",
      "conv 1x8x8x16 -> 1x8x8x32 3x3 f32 ",
      "conv  1x8x8x16 -> 1x8x8x32 3x3 f32",
      "conv 1x8x8 -> 1x8x8x32 3x3 f32",
      "conv 1x8x8x-16 -> 1x8x8x32 3x3 f32",
      "conv 1x8x8x0 -> 1x8x8x32 3x3 f32",
      "conv 1x8x8x016 -> 1x8x8x32 3x3 f32",
      "conv 1x8x8x99999999999999999999 -> 1x8x8x32 3x3 f32",
      "conv 1x8x8x16 -> 1x8x8x32 3x3 f\"2",
      "conv 1x8x8x16 -> 1x8x8x32 3x3 f32*",
      "conv 1x8x8x16 -> 1x8x8x32 3x3 f32 stride=1x1",
      "conv 1x8x8x16 -> 1x8x8x32 3x3 f32 pad=1x1 stride=2x2",
      "conv 1x8x8x16 -> 1x8x8x32 3x3 f32 pad=1x1 pad=1x1",
      "conv 1x8x8x16 -> 1x8x8x32 3x3 f32 layout=nhwc",
      "conv 1x8x8x16 -> 1x8x8x32 3x3 f32 groups=3",
      "depthwise 1x8x8x16 -> 1x8x8x16 3x3 f32 speed=9",
  };
  for (const char *text : bad) {
    llvm::Expected<Problem> problem = Problem::parse(text);
    EXPECT_FALSE(bool(problem)) << text;
    std::string message = llvm::toString(problem.takeError());
    EXPECT_NE(message.find("'" + std::string(text) + "'"), std::string::npos)
        << message;
  }
  std::string text = "conv 1x8x8x16 -> 1x8x8x32 3x3 f32 groups=3";
  EXPECT_EQ(llvm::toString(Problem::parse(text).takeError()),
            "'" + text + "': groups do not divide the channels");
}

TEST(Problem, PixelsOfAnImageWithoutWindowAreOneRow) {
  auto pixels = [](const char *text) {
    return llvm::cantFail(Problem::parse(text)).pixels();
  };
  EXPECT_EQ(pixels("conv 2x7x7x8 -> 2x7x7x8 1x1 f32"), 98);
  EXPECT_EQ(pixels("conv 2x7x7x8 -> 2x7x7x8 3x3 f32 pad=1x1"), 7);
  EXPECT_EQ(pixels("conv 1x14x14x8 -> 1x7x7x8 1x1 f32 stride=2x2"), 7);
}

/// Direct and Winograd kernels of the same convolution have the same problem.
TEST(Problem, IsReadFromKernelOps) {
  mlir::MLIRContext context;
  context.loadDialect<mlir::kernel::KernelDialect, mlir::func::FuncDialect,
                      mlir::memref::MemRefDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(
      R"(func.func @f(%x: memref<1x8x8x16xf32>, %w: memref<1x1x3x3x16x32xf32>,
             %y: memref<1x8x8x20xf32>, %s: memref<27072xf32>,
             %d: memref<5x5x16xf32>, %z: memref<1x4x4x16xf32>,
             %p: memref<1x3x8x8xf32>, %q: memref<1x1x3x3x3x32xf32>) {
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
               dilations = array<i64: 1, 1>}
      ins(%x, %w : memref<1x8x8x16xf32>, memref<1x1x3x3x16x32xf32>)
      outs(%y : memref<1x8x8x20xf32>)
  kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
      ins(%x, %w : memref<1x8x8x16xf32>, memref<1x1x3x3x16x32xf32>)
      outs(%y, %s : memref<1x8x8x20xf32>, memref<27072xf32>)
  kernel.depthwise {strides = array<i64: 2, 2>, pads = array<i64: 2, 2, 2, 2>,
               dilations = array<i64: 1, 1>}
      ins(%x, %d : memref<1x8x8x16xf32>, memref<5x5x16xf32>)
      outs(%z : memref<1x4x4x16xf32>)
  kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
               dilations = array<i64: 1, 1>, input_channels_first}
      ins(%p, %q : memref<1x3x8x8xf32>, memref<1x1x3x3x3x32xf32>)
      outs(%y : memref<1x8x8x20xf32>)
  return
})",
      &context);
  ASSERT_TRUE(module);
  std::vector<std::string> found;
  module->walk([&](mlir::Operation *op) {
    auto kernel = llvm::dyn_cast<KernelOpInterface>(op);
    if (std::optional<Problem> problem =
            kernel ? kernel.getProblem() : std::nullopt)
      found.push_back(problem->str());
  });
  EXPECT_EQ(found, (std::vector<std::string>{
                       "conv 1x8x8x16 -> 1x8x8x20 3x3 f32 pad=1x1",
                       "conv 1x8x8x16 -> 1x8x8x20 3x3 f32 pad=1x1",
                       "depthwise 1x8x8x16 -> 1x4x4x16 5x5 f32 stride=2x2 "
                       "pad=2x2",
                       "conv 1x3x8x8 -> 1x8x8x20 3x3 f32 pad=1x1 layout=nchw",
                   }));
}

} // namespace
