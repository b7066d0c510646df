//===- LowerControl.cpp - nn control flow to scf --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/Build.h"
#include "Conversion/NNToLinalg.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlc;

namespace {

/// Lowers one op in place; the regions' contents move and stay in the nn
/// dialect.
class ControlLowering {
public:
  ControlLowering(IRRewriter &rewriter, Operation *op)
      : rewriter(rewriter), loc(op->getLoc()), t(rewriter, loc) {
    rewriter.setInsertionPoint(op);
  }

  void lower(nn::IfOp op);
  void lower(nn::ScanOp op);
  void lower(nn::LoopOp op);

private:
  Value emptyOf(Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return t.empty(tensor.getShape(), tensor.getElementType());
  }
  Value scalarOf(Value oneElement) {
    SmallVector<Value> zeros(nn::shapeOf(oneElement).size());
    for (Value &zero : zeros)
      zero = t.index(0);
    return tensor::ExtractOp::create(rewriter, loc, oneElement, zeros);
  }
  /// The step as the region's argument, a tensor<i64>.
  Value stepTensor(Value step) {
    Type i64 = rewriter.getI64Type();
    if (step.getType() != i64)
      step = arith::IndexCastOp::create(rewriter, loc, i64, step);
    return tensor::FromElementsOp::create(rewriter, loc,
                                          RankedTensorType::get({}, i64), step);
  }
  /// Moves `body` to the end of `block`, and gives what it yields.
  SmallVector<Value> moveBody(Block &body, Block *block, ValueRange args) {
    Operation *yield = body.getTerminator();
    SmallVector<Value> yielded(yield->getOperands());
    rewriter.eraseOp(yield);
    // An argument may be yielded as it is.
    for (Value &value : yielded)
      if (auto arg = dyn_cast<BlockArgument>(value);
          arg && arg.getOwner() == &body)
        value = args[arg.getArgNumber()];
    rewriter.mergeBlocks(&body, block, args);
    rewriter.setInsertionPointToEnd(block);
    return yielded;
  }
  Value position(Value step, int64_t count, bool isReversed) {
    return isReversed
               ? arith::SubIOp::create(rewriter, loc, t.index(count - 1), step)
                     .getResult()
               : step;
  }
  Value sliceAt(Value stack, Value index);
  Value insertAt(Value slice, Value stack, Value index);
  void lowerCounted(nn::LoopOp op);
  void lowerConditional(nn::LoopOp op);

  IRRewriter &rewriter;
  Location loc;
  TensorBuilder t;
};

struct Box {
  SmallVector<OpFoldResult> offsets, sizes, steps;
};

/// One slice along dimension 0.
Box sliceBox(OpBuilder &b, ArrayRef<int64_t> stack, Value index) {
  Box box;
  for (int64_t size : stack) {
    box.offsets.push_back(b.getIndexAttr(0));
    box.sizes.push_back(b.getIndexAttr(size));
    box.steps.push_back(b.getIndexAttr(1));
  }
  box.offsets[0] = index;
  box.sizes[0] = b.getIndexAttr(1);
  return box;
}

} // namespace

Value ControlLowering::sliceAt(Value stack, Value index) {
  ArrayRef<int64_t> shape = nn::shapeOf(stack);
  Box box = sliceBox(rewriter, shape, index);
  auto type = RankedTensorType::get(shape.drop_front(), nn::elementOf(stack));
  if (type.getNumElements() == 0)
    return emptyOf(type); // No offset is within bounds.
  return tensor::ExtractSliceOp::create(rewriter, loc, type, stack, box.offsets,
                                        box.sizes, box.steps);
}

Value ControlLowering::insertAt(Value slice, Value stack, Value index) {
  if (cast<RankedTensorType>(slice.getType()).getNumElements() == 0)
    return stack;
  Box box = sliceBox(rewriter, nn::shapeOf(stack), index);
  return tensor::InsertSliceOp::create(rewriter, loc, slice, stack, box.offsets,
                                       box.sizes, box.steps);
}

void ControlLowering::lower(nn::IfOp op) {
  Value condition = scalarOf(op.getCondition());
  auto branch = scf::IfOp::create(rewriter, loc, op.getResultTypes(), condition,
                                  /*withElseRegion=*/true);
  for (auto [from, to] : llvm::zip(op->getRegions(), branch->getRegions())) {
    Block *block = &to.front();
    if (!block->empty())
      rewriter.eraseOp(block->getTerminator());
    SmallVector<Value> yielded = moveBody(from.front(), block, {});
    scf::YieldOp::create(rewriter, loc, yielded);
  }
  rewriter.replaceOp(op, branch.getResults());
}

void ControlLowering::lower(nn::ScanOp op) {
  int64_t count = op.getTripCount();
  size_t carried = op.getInits().size();
  SmallVector<Value> destinations(op.getInits());
  for (Value stack : op.getResults().drop_front(carried))
    destinations.push_back(emptyOf(stack.getType()));
  auto loop = scf::ForOp::create(rewriter, loc, t.index(0), t.index(count),
                                 t.index(1), destinations);
  Block *block = loop.getBody();
  rewriter.setInsertionPointToStart(block);
  Value step = loop.getInductionVar();
  SmallVector<Value> args{stepTensor(step)};
  llvm::append_range(args, loop.getRegionIterArgs().take_front(carried));
  for (auto [input, isReversed] :
       llvm::zip(op.getInputs(), op.getReverseInputs()))
    args.push_back(sliceAt(input, position(step, count, isReversed)));
  SmallVector<Value> next = moveBody(op.getBody().front(), block, args);
  for (size_t i = carried; i < next.size(); ++i)
    next[i] =
        insertAt(next[i], loop.getRegionIterArgs()[i],
                 position(step, count, op.getReverseOutputs()[i - carried]));
  scf::YieldOp::create(rewriter, loc, next);
  rewriter.replaceOp(op, loop.getResults());
}

void ControlLowering::lower(nn::LoopOp op) {
  if (op.getCondition())
    lowerConditional(op);
  else
    lowerCounted(op);
}

void ControlLowering::lowerCounted(nn::LoopOp op) {
  Value limit = arith::IndexCastOp::create(
      rewriter, loc, rewriter.getIndexType(), scalarOf(op.getLimit()));
  auto loop = scf::ForOp::create(rewriter, loc, t.index(0), limit, t.index(1),
                                 op.getInits());
  Block *block = loop.getBody();
  rewriter.setInsertionPointToStart(block);
  SmallVector<Value> args{stepTensor(loop.getInductionVar())};
  llvm::append_range(args, loop.getRegionIterArgs());
  SmallVector<Value> next = moveBody(op.getBody().front(), block, args);
  scf::YieldOp::create(rewriter, loc, next);
  rewriter.replaceOp(op, loop.getResults());
}

/// The loop carries the op's values, the step, and the condition: in this
/// order, for what is tested alone goes from the end, and bufferization wants
/// each tensor at one position.
void ControlLowering::lowerConditional(nn::LoopOp op) {
  Type i64 = rewriter.getI64Type();
  size_t count = op.getInits().size();
  Value limit = op.getLimit() ? scalarOf(op.getLimit()) : Value();
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(rewriter, loc,
                                     rewriter.getIntegerAttr(i64, value));
  };
  SmallVector<Value> inits(op.getInits());
  inits.append({number(0), scalarOf(op.getCondition())});
  TypeRange types = ValueRange(inits).getTypes();
  auto loop = scf::WhileOp::create(rewriter, loc, types, inits);
  SmallVector<Location> locs(types.size(), loc);
  Block *before = rewriter.createBlock(&loop.getBefore(), {}, types, locs);
  Value goesOn = before->getArgument(count + 1);
  if (limit) {
    Value isBelow =
        arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::slt,
                              before->getArgument(count), limit);
    goesOn = arith::AndIOp::create(rewriter, loc, goesOn, isBelow);
  }
  scf::ConditionOp::create(rewriter, loc, goesOn, before->getArguments());
  Block *after = rewriter.createBlock(&loop.getAfter(), {}, types, locs);
  Value step = after->getArgument(count);
  SmallVector<Value> args{stepTensor(step)};
  llvm::append_range(args, after->getArguments().take_front(count));
  SmallVector<Value> yielded = moveBody(op.getBody().front(), after, args);
  SmallVector<Value> next(ArrayRef(yielded).drop_front());
  next.push_back(arith::AddIOp::create(rewriter, loc, step, number(1)));
  next.push_back(scalarOf(yielded.front()));
  scf::YieldOp::create(rewriter, loc, next);
  rewriter.replaceOp(op, loop.getResults().take_front(count));
}

namespace {

struct NNControlToSCFPass
    : PassWrapper<NNControlToSCFPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(NNControlToSCFPass)

  StringRef getArgument() const final { return "nn-control-to-scf"; }
  StringRef getDescription() const final {
    return "Lower nn.if, nn.scan and nn.loop to scf";
  }

  void getDependentDialects(DialectRegistry &registry) const override {
    registry
        .insert<arith::ArithDialect, scf::SCFDialect, tensor::TensorDialect>();
  }

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<nn::IfOp, nn::ScanOp, nn::LoopOp>(op))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (Operation *op : ops) {
      ControlLowering lowering(rewriter, op);
      if (op->getNumResults() == 0)
        rewriter.eraseOp(op);
      else
        llvm::TypeSwitch<Operation *>(op)
            .Case<nn::IfOp, nn::ScanOp, nn::LoopOp>(
                [&](auto control) { lowering.lower(control); });
    }
  }
};

/// The tensor ops that the lowering of control flow leaves between nn ops.
struct ConvertElementTypes : ConversionPattern {
  ConvertElementTypes(TypeConverter &types, MLIRContext *context)
      : ConversionPattern(types, MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult
  matchAndRewrite(Operation *op, ArrayRef<Value> operands,
                  ConversionPatternRewriter &rewriter) const override {
    if (!isCarrier(op))
      return rewriter.notifyMatchFailure(op, "no carrier of tensors");
    SmallVector<Type> types;
    if (failed(getTypeConverter()->convertTypes(op->getResultTypes(), types)))
      return failure();
    OperationState state(op->getLoc(), op->getName(), operands, types,
                         op->getDiscardableAttrDictionary().getValue());
    state.propertiesAttr = op->getPropertiesAsAttribute();
    rewriter.replaceOp(op, rewriter.create(state)->getResults());
    return success();
  }
  static bool isCarrier(Operation *op) {
    return isa<tensor::EmptyOp, tensor::ExtractOp, tensor::ExtractSliceOp,
               tensor::InsertSliceOp>(op);
  }
};

} // namespace

void mlc::populateControlLowering(SignlessConverter &types,
                                  RewritePatternSet &patterns,
                                  ConversionTarget &target) {
  patterns.add<ConvertElementTypes>(types, patterns.getContext());
  target.addDynamicallyLegalOp<tensor::EmptyOp, tensor::ExtractOp,
                               tensor::ExtractSliceOp, tensor::InsertSliceOp>(
      [&types](Operation *op) { return types.isLegal(op); });
}

std::unique_ptr<Pass> mlc::createNNControlToSCFPass() {
  return std::make_unique<NNControlToSCFPass>();
}
