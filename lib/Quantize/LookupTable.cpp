//===- LookupTable.cpp - Functions of one tensor of bytes by table --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function of one byte has 256 values. They are computed here, by the ops'
// own scalar definitions.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"
#include "Quantize/Islands.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlc;

namespace {

/// Elementwise ops from one dequantised tensor to `root`, in order.
class ByteFunction {
public:
  /// Whether `root` is such a function.
  bool collect(Value root);
  Value source() const { return leaves.front()->getOperand(0); }
  /// The float at `root` where the stored integer is `stored`; nullopt where an
  /// op has no value at compile time.
  std::optional<float> evaluate(int32_t stored) const;

private:
  bool visit(Value v);
  bool visitLeaf(nn::DequantizeOp op);

  static constexpr size_t kMaxOps = 64;
  Value root;
  SmallVector<nn::DequantizeOp> leaves;
  SmallVector<Parameters> parameters; // of the leaves
  SmallVector<std::pair<Value, TypedAttr>> constants;
  llvm::SetVector<Operation *> ops;
};

} // namespace

bool ByteFunction::visitLeaf(nn::DequantizeOp op) {
  std::optional<Dequantized> leaf = matchDequantized(op);
  if (!leaf || !isByte(leaf->parameters.stored) ||
      !nn::elementOf(op.getResult()).isF32() ||
      (!leaves.empty() && leaves.front().getInput() != leaf->stored))
    return false;
  leaves.push_back(op);
  parameters.push_back(leaf->parameters);
  return true;
}

bool ByteFunction::visit(Value v) {
  Operation *op = v.getDefiningOp();
  if (!op || ops.contains(op))
    return op != nullptr;
  if (auto leaf = dyn_cast<nn::DequantizeOp>(op))
    return llvm::is_contained(leaves, leaf) || visitLeaf(leaf);
  DenseElementsAttr constant;
  if (matchPattern(v, m_Constant(&constant))) {
    if (!constant.isSplat() || !constant.getElementType().isIntOrFloat())
      return false;
    auto attr = constant.getSplatValue<TypedAttr>();
    if (auto integer = dyn_cast<IntegerAttr>(attr))
      attr = IntegerAttr::get(nn::makeSignless(integer.getType()),
                              integer.getValue());
    constants.emplace_back(v, attr);
    return true;
  }
  if (!isa<nn::ElementwiseOpInterface>(op) ||
      isa<nn::QuantizeOp, nn::DequantizeOp>(op) || ops.size() >= kMaxOps ||
      nn::shapeOf(v) != nn::shapeOf(root) ||
      !llvm::all_of(op->getOperands(), [&](Value x) { return visit(x); }))
    return false;
  ops.insert(op);
  return true;
}

bool ByteFunction::collect(Value v) {
  root = v;
  return visit(v) && !leaves.empty() &&
         nn::shapeOf(source()) == nn::shapeOf(root);
}

std::optional<float> ByteFunction::evaluate(int32_t stored) const {
  Block scratch;
  OpBuilder builder(root.getContext());
  builder.setInsertionPointToStart(&scratch);
  Location loc = root.getLoc();
  llvm::DenseMap<Value, Value> scalars;
  for (const auto &[v, attr] : constants)
    scalars[v] = arith::ConstantOp::create(builder, loc, attr);
  for (auto [leaf, p] : llvm::zip(leaves, parameters)) {
    float x = dequantizeValue(stored, p.scale(), p.zeroPoint());
    nn::DequantizeOp op = leaf;
    scalars[op.getResult()] =
        arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(x));
  }
  for (Operation *op : ops) {
    SmallVector<Value> args = llvm::map_to_vector(
        op->getOperands(), [&](Value x) { return scalars.lookup(x); });
    scalars[op->getResult(0)] =
        cast<nn::ElementwiseOpInterface>(op).emitScalar(builder, loc, args);
  }
  FloatAttr result;
  if (!matchPattern(scalars.lookup(root), m_Constant(&result)) ||
      !result.getType().isF32())
    return std::nullopt;
  return result.getValue().convertToFloat();
}

namespace {

class LowerToTable : public OpRewritePattern<nn::QuantizeOp> {
public:
  LowerToTable(MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/1), islands(islands) {}

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Parameters> parameters = parametersOf(op);
    ByteFunction function;
    if (!parameters || !parameters->isPerTensor() ||
        !function.collect(op.getInput()))
      return rewriter.notifyMatchFailure(op, "is no function of one byte");
    Type from = nn::elementOf(function.source());
    SmallVector<int64_t> table;
    // In the order of bytes, which is that of indices: negative ones count from
    // the end.
    for (int64_t byte = 0; byte < 256; ++byte) {
      int32_t stored = from.isUnsignedInteger() ? byte : int8_t(byte);
      std::optional<float> x = function.evaluate(stored);
      if (!x)
        return rewriter.notifyMatchFailure(op, "cannot be computed here");
      table.push_back(
          quantizeValue(*x, parameters->scale(), parameters->range()));
    }
    Value constant =
        makeInts(rewriter, op.getLoc(), parameters->stored, table, {256});
    auto gather = nn::GatherOp::create(rewriter, op.getLoc(), op.getType(),
                                       constant, function.source(), 0);
    rewriter.replaceOp(op, gather);
    ++islands.tables;
    return success();
  }

private:
  IslandContext &islands;
};

} // namespace

void mlc::populateTablePatterns(RewritePatternSet &patterns,
                                IslandContext &context) {
  patterns.add<LowerToTable>(patterns.getContext(), context);
}
