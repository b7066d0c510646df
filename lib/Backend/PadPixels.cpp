//===- PadPixels.cpp - keep pixels out of each other's cache sets ---------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// L1 keeps a line in one of some sets, which the low bits of its
// address choose. Where pixels are a multiple of 1 KiB long, one vector of
// channels of all pixels of a window falls into a few sets, and they evict each
// other before the next window reads them. Convolutions that take channels in
// small groups read images like that.
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_PADPIXELS
#include "Backend/Passes.h.inc"

static constexpr int64_t kLine = 64, kCollision = 1024;

static bool isEpilogueOperand(OpOperand &use) {
  auto kernelOp = cast<kernel::KernelOpInterface>(use.getOwner());
  return llvm::is_contained(kernelOp.getEpilogueUses(), &use);
}

/// Images that kernels alone access. An epilogue's operand may share its memory
/// with the result, in the same layout only.
static bool shouldPad(memref::AllocOp alloc) {
  MemRefType type = alloc.getType();
  if (type.getRank() != 4 || !type.hasStaticShape() ||
      !type.getLayout().isIdentity())
    return false;
  int64_t bytes = elementBytes(type.getElementType());
  ArrayRef<int64_t> shape = type.getShape();
  if (!bytes || shape[3] * bytes % kCollision != 0 || shape[1] * shape[2] == 1)
    return false;
  auto takesFewChannels = [](Operation *user) {
    auto kernelOp = dyn_cast<kernel::KernelOpInterface>(user);
    return kernelOp && kernelOp.takesFewChannels();
  };
  return llvm::any_of(alloc->getUsers(), takesFewChannels) &&
         llvm::all_of(alloc->getUses(), [](OpOperand &use) {
           return isa<kernel::KernelOpInterface>(use.getOwner()) &&
                  !isEpilogueOperand(use);
         });
}

/// Behind each pixel a line is left out.
static void pad(memref::AllocOp alloc) {
  OpBuilder builder(alloc);
  MemRefType type = alloc.getType();
  SmallVector<int64_t> shape(type.getShape());
  shape[3] += kLine / elementBytes(type.getElementType());
  auto padded = memref::AllocOp::create(
      builder, alloc.getLoc(), MemRefType::get(shape, type.getElementType()));
  auto attrs = [&](ArrayRef<int64_t> values) {
    return mlir::getAsIndexOpFoldResult(builder.getContext(), values);
  };
  auto view = memref::SubViewOp::create(
      builder, alloc.getLoc(), padded, attrs({0, 0, 0, 0}),
      attrs(type.getShape()), attrs({1, 1, 1, 1}));
  alloc.replaceAllUsesWith(view.getResult());
  alloc.erase();
}

namespace {
struct PadPixels : mlc::impl::PadPixelsBase<PadPixels> {
  using PadPixelsBase::PadPixelsBase;
  void runOnOperation() override;
};
} // namespace

void PadPixels::runOnOperation() {
  FailureOr<func::FuncOp> main = findMain(getOperation());
  if (failed(main))
    return signalPassFailure();
  SmallVector<memref::AllocOp> allocs;
  main->walk([&](memref::AllocOp alloc) {
    if (shouldPad(alloc))
      allocs.push_back(alloc);
  });
  for (memref::AllocOp alloc : allocs)
    pad(alloc);
}

} // namespace mlc
