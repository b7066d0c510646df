//===- ComposeTables.cpp - Functions of functions of one tensor of bytes --===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// x times a table of x, as x * sigmoid(x) is in a quantised model, is itself a
// function of one byte, and so is a table of a table. What is computed for each
// element of x is computed for each entry of the table instead.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"
#include "Quantize/Islands.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlc;

namespace {

/// table[bytes].
struct ByteTable {
  Value table, bytes;
};

} // namespace

static constexpr int64_t kEntries = 256;

static std::optional<ByteTable> matchTable(Value v) {
  auto gather = v.getDefiningOp<nn::GatherOp>();
  if (!gather || nn::shapeOf(gather.getInput()) != ArrayRef(kEntries) ||
      !isByte(nn::elementOf(gather.getInput())) ||
      !isByte(nn::elementOf(gather.getIndices())) ||
      !matchPattern(gather.getInput(), m_Constant()))
    return std::nullopt;
  return ByteTable{gather.getInput(), gather.getIndices()};
}

/// The table that leaves each byte as it is.
static Value identity(OpBuilder &builder, Location loc, Type element) {
  SmallVector<int64_t> entries;
  for (int64_t byte = 0; byte < kEntries; ++byte)
    entries.push_back(element.isUnsignedInteger() ? byte : int8_t(byte));
  return makeInts(builder, loc, element, entries, {kEntries});
}

namespace {

class ComposeMap : public OpRewritePattern<nn::MapOp> {
public:
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::MapOp op,
                                PatternRewriter &rewriter) const override {
    Value bytes = sourceOf(op);
    if (!bytes)
      return rewriter.notifyMatchFailure(op, "is no function of one table");
    Location loc = op.getLoc();
    SmallVector<Value> tables;
    for (Value operand : op.getInputs())
      tables.push_back(operand == bytes
                           ? identity(rewriter, loc, nn::elementOf(bytes))
                           : matchTable(operand)->table);
    auto type =
        RankedTensorType::get({kEntries}, nn::elementOf(op.getResult()));
    auto map = nn::MapOp::create(rewriter, loc, type, tables);
    rewriter.cloneRegionBefore(op.getBody(), map.getBody(),
                               map.getBody().end());
    rewriter.replaceOpWithNewOp<nn::GatherOp>(op, op.getType(), map.getResult(),
                                              bytes, 0);
    return success();
  }

private:
  /// The tensor whose bytes decide all operands, of which one is looked up;
  /// null where there is none.
  static Value sourceOf(nn::MapOp op) {
    if (!isByte(nn::elementOf(op.getResult())))
      return {};
    Value bytes;
    for (Value operand : op.getInputs())
      if (std::optional<ByteTable> table = matchTable(operand))
        bytes = table->bytes;
    auto isOfSource = [&](Value operand) {
      std::optional<ByteTable> table = matchTable(operand);
      return operand == bytes || (table && table->bytes == bytes);
    };
    bool isFunction = bytes &&
                      nn::shapeOf(bytes) == nn::shapeOf(op.getResult()) &&
                      llvm::all_of(op.getInputs(), isOfSource);
    return isFunction ? bytes : Value();
  }
};

struct ComposeGathers : OpRewritePattern<nn::GatherOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::GatherOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<ByteTable> outer = matchTable(op.getResult());
    std::optional<ByteTable> inner;
    if (!outer || !(inner = matchTable(outer->bytes)))
      return rewriter.notifyMatchFailure(op, "is no table of a table");
    auto type =
        RankedTensorType::get({kEntries}, nn::elementOf(op.getResult()));
    Value both = nn::GatherOp::create(rewriter, op.getLoc(), type, outer->table,
                                      inner->table, 0);
    rewriter.replaceOpWithNewOp<nn::GatherOp>(op, op.getType(), both,
                                              inner->bytes, 0);
    return success();
  }
};

} // namespace

void mlc::populateComposePatterns(RewritePatternSet &patterns) {
  patterns.add<ComposeMap, ComposeGathers>(patterns.getContext());
}
