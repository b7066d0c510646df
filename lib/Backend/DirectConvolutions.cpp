//===- DirectConvolutions.cpp - no Winograd for a matrix unit -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Winograd's algorithms save products and take additions for them. A CPU of a
// library that multiplies by matrices takes so little time for products that it
// computes the convolution as it is, from the same weights, whatever the graph
// was lowered to for the others.
//
//===----------------------------------------------------------------------===//

#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "Kernel/IR/Kernel.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_DIRECTCONVOLUTIONS
#include "Backend/Passes.h.inc"

/// Whether `target` has a matrix unit for the products of `op`.
static bool multipliesByMatrices(kernel::WinogradOp op,
                                 const TargetInfo &target) {
  return op.hasHalves()  ? target.matrixBf16
         : op.hasQuads() ? target.matrixBytes && !op.getNibbles()
                         : false;
}

static void makeDirect(kernel::WinogradOp op) {
  OpBuilder b(op);
  auto direct = kernel::ConvOp::create(
      b, op.getLoc(), TypeRange(), op.getInput(), op.getWeights(),
      /*table=*/Value(), op.getEpilogueOperands(), op.getInit(),
      /*strides=*/ArrayRef<int64_t>{1, 1}, op.getPads(),
      /*dilations=*/ArrayRef<int64_t>{1, 1}, op.getInputZeroPointAttr(),
      op.getInputUnsigned(), /*weights_unsigned=*/false,
      /*input_channels_first=*/false, /*extra_quads=*/IntegerAttr(),
      op.getNibbles());
  direct.getEpilogue().takeBody(op.getEpilogue());
  op.erase();
}

namespace {
struct DirectConvolutions
    : mlc::impl::DirectConvolutionsBase<DirectConvolutions> {
  using DirectConvolutionsBase::DirectConvolutionsBase;

  LogicalResult initialize(MLIRContext *context) override {
    auto resolved = targetsOf(context, triple, cpus);
    if (failed(resolved))
      return failure();
    targets = std::make_shared<std::vector<TargetInfo>>(std::move(*resolved));
    return success();
  }

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    FailureOr<const TargetInfo *> target = targetOf(function, *targets);
    if (failed(target))
      return signalPassFailure();
    function.walk([&](kernel::WinogradOp op) {
      if (multipliesByMatrices(op, **target))
        makeDirect(op);
    });
  }

  std::shared_ptr<const std::vector<TargetInfo>> targets;
};
} // namespace

} // namespace mlc
