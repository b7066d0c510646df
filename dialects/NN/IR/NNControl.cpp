//===- NNControl.cpp - Branches and loops ---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::nn;

static Type stepType(MLIRContext *context) {
  return RankedTensorType::get({}, IntegerType::get(context, 64));
}

static Type sliceType(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return RankedTensorType::get(tensor.getShape().drop_front(),
                               tensor.getElementType());
}

static bool isStack(Type type, int64_t count) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor.getRank() > 0 && tensor.getDimSize(0) == count;
}

/// Compares lists of types; `what` names them in the message.
static LogicalResult checkTypes(Operation *op, StringRef constraint,
                                StringRef what, TypeRange found,
                                TypeRange required) {
  if (found == required)
    return success();
  return op->emitOpError() << "(" << constraint << ") " << what << " "
                           << llvm::to_vector(found) << ", "
                           << llvm::to_vector(required) << " are required";
}

static bool hasOneElement(Value v) {
  return cast<RankedTensorType>(v.getType()).getNumElements() == 1;
}

//===----------------------------------------------------------------------===//
// nn.if
//===----------------------------------------------------------------------===//

LogicalResult IfOp::verify() {
  if (!hasOneElement(getCondition())) // if_c1
    return emitOpError() << "(C1) condition is " << getCondition().getType()
                         << ", one element is required";
  for (Region *region : {&getThenBody(), &getElseBody()}) // if_c2
    if (failed(checkTypes(*this, "C2", "a region yields",
                          region->front().getTerminator()->getOperandTypes(),
                          getResultTypes())))
      return failure();
  return success();
}

namespace {
struct TakeKnownBranch : OpRewritePattern<IfOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(IfOp op,
                                PatternRewriter &rewriter) const override {
    ElementsAttr value;
    if (!matchPattern(op.getCondition(), m_Constant(&value)))
      return rewriter.notifyMatchFailure(op, "the condition is not constant");
    auto dense = dyn_cast<DenseElementsAttr>(value);
    if (!dense)
      return rewriter.notifyMatchFailure(op, "the condition is no dense value");
    Region &taken =
        *dense.value_begin<bool>() ? op.getThenBody() : op.getElseBody();
    Operation *yield = taken.front().getTerminator();
    SmallVector<Value> results(yield->getOperands());
    rewriter.eraseOp(yield);
    rewriter.inlineBlockBefore(&taken.front(), op);
    rewriter.replaceOp(op, results);
    return success();
  }
};
} // namespace

void IfOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                       MLIRContext *context) {
  patterns.add<TakeKnownBranch>(context);
}

//===----------------------------------------------------------------------===//
// nn.scan
//===----------------------------------------------------------------------===//

static LogicalResult checkFlags(ScanOp op, StringRef name, size_t flags,
                                size_t values) {
  if (flags == values)
    return success();
  return op.emitOpError() << "(C3) " << name << " has " << flags
                          << " elements, " << values << " are required";
}

LogicalResult ScanOp::verify() {
  int64_t count = getTripCount();
  if (count < 0) // scan_c1
    return emitOpError() << "(C1) trip_count is " << count
                         << ", at least 0 is required";
  for (Value input : getInputs()) // scan_c2
    if (!isStack(input.getType(), count))
      return emitOpError() << "(C2) input is " << input.getType()
                           << ", dimension 0 of " << count << " is required";
  size_t carried = getInits().size();
  if (getNumResults() < carried) // scan_c5
    return emitOpError() << "(C5) has " << getNumResults()
                         << " results, at least " << carried << " are required";
  if (failed(checkFlags(*this, "reverse_inputs", getReverseInputs().size(),
                        getInputs().size())) ||
      failed(checkFlags(*this, "reverse_outputs", getReverseOutputs().size(),
                        getNumResults() - carried))) // scan_c3
    return failure();
  SmallVector<Type> arguments{stepType(getContext())};
  llvm::append_range(arguments, getInits().getTypes());
  for (Type type : getInputs().getTypes())
    arguments.push_back(sliceType(type));
  Block &block = getBody().front();
  if (failed(checkTypes(*this, "C4", "arguments of the region are",
                        block.getArgumentTypes(), arguments)) || // scan_c4
      failed(checkTypes(*this, "C5", "first results are",
                        getResults().take_front(carried).getTypes(),
                        getInits().getTypes()))) // scan_c5
    return failure();
  SmallVector<Type> yields(getInits().getTypes());
  for (Value result : getResults().drop_front(carried)) {
    if (!isStack(result.getType(), count)) // scan_c5
      return emitOpError() << "(C5) stacked result is " << result.getType()
                           << ", dimension 0 of " << count << " is required";
    yields.push_back(sliceType(result.getType()));
  }
  return checkTypes(*this, "C6", "the region yields",
                    block.getTerminator()->getOperandTypes(),
                    yields); // scan_c6
}

//===----------------------------------------------------------------------===//
// nn.loop
//===----------------------------------------------------------------------===//

LogicalResult LoopOp::verify() {
  if (!getLimit() && !getCondition()) // loop_c1
    return emitOpError() << "(C1) has neither limit nor condition";
  if (getLimit() && (!hasOneElement(getLimit()) ||
                     !elementOf(getLimit()).isSignlessInteger(64))) // loop_c2
    return emitOpError() << "(C2) limit is " << getLimit().getType()
                         << ", one element of i64 is required";
  if (getCondition() && !hasOneElement(getCondition())) // loop_c2
    return emitOpError() << "(C2) condition is " << getCondition().getType()
                         << ", one element is required";
  SmallVector<Type> arguments{stepType(getContext())};
  llvm::append_range(arguments, getInits().getTypes());
  Block &block = getBody().front();
  if (failed(checkTypes(*this, "C3", "arguments of the region are",
                        block.getArgumentTypes(), arguments)) || // loop_c3
      failed(checkTypes(*this, "C4", "results are", getResultTypes(),
                        getInits().getTypes()))) // loop_c4
    return failure();
  OperandRange yields = block.getTerminator()->getOperands();
  if (getCondition()) { // loop_c5
    if (yields.empty() || !elementOf(yields[0]).isInteger(1) ||
        !hasOneElement(yields[0]))
      return emitOpError() << "(C5) the region yields no condition of one "
                              "element first";
    yields = yields.drop_front();
  }
  return checkTypes(*this, "C5", "the region yields", yields.getTypes(),
                    getInits().getTypes());
}

void NNDialect::addControlOps() {
  addOperations<
#define GET_OP_LIST
#include "NN/IR/NNControl.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "NN/IR/NNControl.cpp.inc"
