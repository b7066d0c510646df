//===- CarryInPlace.cpp - Destinations of what loops carry ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/Build.h"
#include "Conversion/NNToLinalg.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace mlc;

namespace {

class LoopCarrier {
public:
  LoopCarrier(LoopLikeOpInterface loop, OpBuilder &builder)
      : loop(loop), b(builder), t(builder, loop.getLoc()) {}

  void run() {
    b.setInsertionPoint(loop);
    for (OpOperand &init : loop.getInitsMutable())
      if (isa<RankedTensorType>(init.get().getType()) && !isPassedOn(init))
        init.set(owned(init.get()));
    Operation *yield = terminator();
    b.setInsertionPoint(yield);
    SmallVector<unsigned> written;
    for (OpOperand &operand : yield->getOpOperands())
      if (needsWrite(operand)) {
        // Another write may come before this value is read.
        if (isView(operand.get()))
          operand.set(copyTo(emptyLike(operand.get()), operand.get()));
        written.push_back(operand.getOperandNumber());
      }
    for (unsigned i : written)
      yield->setOperand(i, copyTo(destination(i), yield->getOperand(i)));
  }

private:
  Operation *terminator() {
    if (auto whileOp = dyn_cast<scf::WhileOp>(loop.getOperation()))
      return whileOp.getYieldOp();
    return cast<scf::ForOp>(loop.getOperation()).getBody()->getTerminator();
  }
  /// The region's argument in which yielded value `i` lives; null for one that
  /// scf.while only tests.
  Value destination(unsigned i) {
    auto whileOp = dyn_cast<scf::WhileOp>(loop.getOperation());
    if (!whileOp)
      return loop.getRegionIterArgs()[i];
    Value tested = whileOp.getBeforeArguments()[i];
    for (auto [passed, argument] : llvm::zip(whileOp.getConditionOp().getArgs(),
                                             whileOp.getAfterArguments()))
      if (passed == tested)
        return argument;
    return {};
  }
  bool needsWrite(OpOperand &operand) {
    Value v = operand.get();
    if (!isa<RankedTensorType>(v.getType()))
      return false;
    Value own = destination(operand.getOperandNumber());
    while (Value written = writtenInto(v))
      v = written;
    return own && v != own;
  }
  /// What `v` is with some elements replaced; null for a value of its own.
  static Value writtenInto(Value v) {
    if (auto insert = v.getDefiningOp<tensor::InsertSliceOp>())
      return insert.getDest();
    if (auto insert = v.getDefiningOp<tensor::InsertOp>())
      return insert.getDest();
    if (auto inner = v.getDefiningOp<scf::ForOp>())
      return inner.getTiedLoopInit(cast<OpResult>(v))->get();
    return {};
  }
  /// Whether this loop is the last to use `init`: others there are elements
  /// that were read before it.
  bool isLastUse(OpOperand &init) {
    return llvm::all_of(init.get().getUses(), [&](OpOperand &use) {
      Operation *user = use.getOwner();
      return &use == &init || (isa<tensor::ExtractOp>(user) &&
                               user->getBlock() == loop->getBlock() &&
                               user->isBeforeInBlock(loop));
    });
  }
  /// A loop around this one carries `init`, and nothing else there replaces it
  /// or reads it later: both write the same buffer.
  bool isPassedOn(OpOperand &init) {
    auto outer = dyn_cast<scf::ForOp>(loop->getParentOp());
    auto argument = dyn_cast<BlockArgument>(init.get());
    if (!outer || !argument || argument.getOwner() != outer.getBody() ||
        argument == outer.getInductionVar() || !isLastUse(init))
      return false;
    return outer.getTiedLoopYieldedValue(argument)->get() ==
           loop.getTiedLoopResult(&init);
  }
  static bool isView(Value v) {
    Operation *op = v.getDefiningOp();
    return !op || isa<tensor::TensorDialect>(op->getDialect());
  }
  Value emptyLike(Value v) { return t.empty(nn::shapeOf(v), nn::elementOf(v)); }
  Value copyTo(Value destination, Value v) {
    return linalg::CopyOp::create(b, loop.getLoc(), v, destination)
        .getResult(0);
  }
  Value owned(Value init) {
    Value own = emptyLike(init);
    return init.getDefiningOp<tensor::EmptyOp>() ? own : copyTo(own, init);
  }

  LoopLikeOpInterface loop;
  OpBuilder &b;
  TensorBuilder t;
};

struct CarryInPlacePass
    : PassWrapper<CarryInPlacePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CarryInPlacePass)

  StringRef getArgument() const final { return "carry-in-place"; }
  StringRef getDescription() const final {
    return "Give each tensor that a loop carries a destination of its own, "
           "which every step writes";
  }

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<linalg::LinalgDialect, tensor::TensorDialect>();
  }

  void runOnOperation() override {
    OpBuilder builder(&getContext());
    getOperation().walk([&](Operation *op) {
      if (isa<scf::ForOp, scf::WhileOp>(op))
        LoopCarrier(cast<LoopLikeOpInterface>(op), builder).run();
    });
  }
};

} // namespace

std::unique_ptr<Pass> mlc::createCarryInPlacePass() {
  return std::make_unique<CarryInPlacePass>();
}
