//===- LowerNormalize.cpp - Normalisations to kernel ops ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The graph has no op for them: importers and exporters spell them out, and its
// passes move scales and biases into weights. What is left of them, with what
// follows element by element, is one kernel.
//
//===----------------------------------------------------------------------===//

#include "Conversion/Build.h"
#include "Conversion/NNToLinalg.h"
#include "Kernel/IR/Kernel.h"
#include "NN/IR/ScalarEmitter.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlc;

namespace {

/// (x - mean) / sqrt(mean of squares + epsilon), as importers and exporters
/// spell it; with `squares` there is no mean.
struct Normalization {
  Value x;
  ArrayRef<int64_t> axes;
  APFloat epsilon;
  bool squares;

  /// Dimensions of x before those that are normalised, of these, behind them.
  ArrayRef<int64_t> dims(unsigned part) const {
    ArrayRef<int64_t> shape = nn::shapeOf(x);
    size_t from = axes.front(), count = axes.size();
    return part == 0   ? shape.take_front(from)
           : part == 1 ? shape.slice(from, count)
                       : shape.drop_front(from + count);
  }
  bool areRows() const { return computeProduct(dims(2)) == 1; }
  /// The dimension that an epilogue has channels along.
  ArrayRef<int64_t> channels() const { return dims(areRows() ? 1 : 2); }
  SmallVector<int64_t> kernelShape() const {
    SmallVector<int64_t> shape;
    for (unsigned part : {0, 1, 2})
      shape.push_back(computeProduct(dims(part)));
    if (areRows())
      shape.pop_back();
    return shape;
  }
};

template <typename OpT>
OpT onlyFor(Value v) {
  return v.hasOneUse() ? v.getDefiningOp<OpT>() : OpT();
}

/// One value, or two conversions of one: what is stored in 16 bits is widened
/// for each op that reads it.
bool isSame(Value a, Value b) {
  auto left = a.getDefiningOp<nn::CastOp>(),
       right = b.getDefiningOp<nn::CastOp>();
  return a == b || (left && right && a.getType() == b.getType() &&
                    left.getInput() == right.getInput());
}

nn::ReduceOp meanOf(Value v) {
  auto mean = onlyFor<nn::ReduceOp>(v);
  return mean && mean.getKind() == nn::ReduceKind::mean && mean.getKeepdims()
             ? mean
             : nn::ReduceOp();
}

std::optional<APFloat> floatOf(Value v) {
  DenseElementsAttr constant;
  if (!matchPattern(v, m_Constant(&constant)) || !constant.isSplat() ||
      !isa<FloatType>(constant.getElementType()))
    return std::nullopt;
  return constant.getSplatValue<APFloat>();
}

/// `root` is the square root of a variance and a constant; the epsilon.
std::optional<std::pair<nn::ReduceOp, APFloat>> varianceUnder(Value root) {
  auto sqrt = onlyFor<nn::SqrtOp>(root);
  auto sum = sqrt ? onlyFor<nn::AddOp>(sqrt.getInput()) : nn::AddOp();
  if (!sum)
    return std::nullopt;
  for (auto [a, b] : {std::pair(sum.getLhs(), sum.getRhs()),
                      std::pair(sum.getRhs(), sum.getLhs())}) {
    std::optional<APFloat> epsilon = floatOf(b);
    nn::ReduceOp variance = meanOf(a);
    if (epsilon && variance)
      return std::pair(variance, *epsilon);
  }
  return std::nullopt;
}

/// `op` is the quotient of `centred` and a deviation under `root`.
std::optional<Normalization> normalizationOf(Operation *op, Value centred,
                                             Value root) {
  auto variance = varianceUnder(root);
  auto square =
      variance ? onlyFor<nn::MulOp>(variance->first.getInput()) : nn::MulOp();
  if (!square || !isSame(square.getLhs(), centred) ||
      !isSame(square.getRhs(), centred))
    return std::nullopt;
  Normalization found{centred, variance->first.getAxes(), variance->second,
                      /*squares=*/true};
  auto difference = centred.getDefiningOp<nn::SubOp>();
  nn::ReduceOp mean = difference ? meanOf(difference.getRhs()) : nullptr;
  if (mean && isSame(mean.getInput(), difference.getLhs()) &&
      mean.getAxes() == found.axes &&
      llvm::all_of(centred.getUsers(), [&](Operation *user) {
        return user == op || user == square;
      })) {
    found.x = difference.getLhs();
    found.squares = false;
  }
  bool isBlock =
      !found.axes.empty() &&
      found.axes.back() - found.axes.front() + 1 == int64_t(found.axes.size());
  if (!isBlock || found.x.getType() != op->getResult(0).getType() ||
      !isa<FloatType>(nn::elementOf(found.x)) ||
      computeProduct(nn::shapeOf(found.x)) == 0)
    return std::nullopt;
  return found;
}

std::optional<Normalization> normalizationOf(Operation *op) {
  if (auto quotient = dyn_cast<nn::DivOp>(op))
    return normalizationOf(op, quotient.getLhs(), quotient.getRhs());
  auto product = dyn_cast<nn::MulOp>(op);
  if (!product)
    return std::nullopt;
  for (auto [centred, inverse] :
       {std::pair(product.getLhs(), product.getRhs()),
        std::pair(product.getRhs(), product.getLhs())})
    if (auto reciprocal = onlyFor<nn::ReciprocalOp>(inverse))
      return normalizationOf(op, centred, reciprocal.getInput());
  return std::nullopt;
}

/// A normalisation and the elementwise ops behind it, each of which alone reads
/// the one before it, down to one of them.
struct NormalizedChain {
  Normalization start;
  Value normalized;
  SmallVector<Operation *> ops;
};

/// Whether an epilogue has a place for `v`, and the shape that it has there.
std::optional<SmallVector<int64_t>> epilogueShape(const Normalization &start,
                                                  Value v) {
  ArrayRef<int64_t> shape = nn::shapeOf(v), channels = start.channels();
  if (!isa<FloatType>(nn::elementOf(v)))
    return std::nullopt;
  if (shape == nn::shapeOf(start.x))
    return start.kernelShape();
  if (computeProduct(shape) == 1)
    return SmallVector<int64_t>();
  size_t behind = start.areRows() ? start.dims(2).size() : 0;
  ArrayRef<int64_t> own = shape.drop_back(std::min(behind, shape.size()));
  while (own.size() > channels.size() && own.front() == 1)
    own = own.drop_front();
  if (own != channels)
    return std::nullopt;
  return SmallVector<int64_t>{computeProduct(channels)};
}

std::optional<NormalizedChain> chainTo(Operation *op, unsigned most) {
  if (std::optional<Normalization> start = normalizationOf(op))
    return NormalizedChain{*start, op->getResult(0), {}};
  if (most == 0 || !isa<nn::ElementwiseOpInterface>(op) ||
      !isa<FloatType>(nn::elementOf(op->getResult(0))))
    return std::nullopt;
  for (Value v : op->getOperands()) {
    Operation *before = v.getDefiningOp();
    if (!before || !v.hasOneUse() ||
        nn::shapeOf(v) != nn::shapeOf(op->getResult(0)))
      continue;
    std::optional<NormalizedChain> chain = chainTo(before, most - 1);
    if (!chain || !llvm::all_of(op->getOperands(), [&](Value other) {
          return other == v || epilogueShape(chain->start, other);
        }))
      continue;
    chain->ops.push_back(op);
    return chain;
  }
  return std::nullopt;
}

/// What is computed on the way to the op has no reader then, and goes.
struct LowerNormalization
    : OpInterfaceConversionPattern<nn::ElementwiseOpInterface> {
  LowerNormalization(TypeConverter &types, MLIRContext *context)
      : OpInterfaceConversionPattern(types, context, /*benefit=*/2) {}
  LogicalResult
  matchAndRewrite(nn::ElementwiseOpInterface op, ArrayRef<Value>,
                  ConversionPatternRewriter &rewriter) const override {
    constexpr unsigned mostOps = 8;
    std::optional<NormalizedChain> chain = chainTo(op, mostOps);
    if (!chain)
      return failure();
    TensorBuilder t(rewriter, op.getLoc());
    SmallVector<int64_t> shape = chain->start.kernelShape();
    SmallVector<Value> others = othersOf(*chain), operands;
    for (Value other : others)
      operands.push_back(t.reshape(rewriter.getRemappedValue(other),
                                   *epilogueShape(chain->start, other)));
    Value x = t.reshape(rewriter.getRemappedValue(chain->start.x), shape);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    Value init = t.empty(shape, type.getElementType());
    auto normalize = kernel::NormalizeOp::create(
        rewriter, op.getLoc(), init.getType(), x, operands, init,
        rewriter.getF64FloatAttr(chain->start.epsilon.convertToDouble()),
        chain->start.squares ? rewriter.getUnitAttr() : UnitAttr());
    if (!chain->ops.empty())
      writeEpilogue(rewriter, normalize, *chain, others);
    rewriter.replaceOp(op, t.reshape(normalize.getResult(0), type.getShape()));
    return success();
  }

private:
  /// What the ops read that is not of the chain.
  static SmallVector<Value> othersOf(const NormalizedChain &chain) {
    SmallVector<Value> others;
    for (Operation *op : chain.ops)
      for (Value v : op->getOperands())
        if (!isOfChain(chain, v) && !llvm::is_contained(others, v))
          others.push_back(v);
    return others;
  }

  static bool isOfChain(const NormalizedChain &chain, Value v) {
    return v == chain.normalized ||
           llvm::is_contained(chain.ops, v.getDefiningOp());
  }

  static void writeEpilogue(OpBuilder &builder, kernel::NormalizeOp normalize,
                            const NormalizedChain &chain,
                            ArrayRef<Value> others) {
    OpBuilder::InsertionGuard guard(builder);
    Location loc = normalize.getLoc();
    SmallVector<Type> types{normalize.getAccumulatorType()};
    for (Value other : others)
      types.push_back(nn::elementOf(other));
    Region &region = normalize.getEpilogue();
    Block *block = builder.createBlock(
        &region, region.end(), types, SmallVector<Location>(types.size(), loc));
    Value v = nn::ScalarEmitter(builder, loc, types[0])
                  .convert(block->getArgument(0), nn::elementOf(chain.start.x));
    for (Operation *op : chain.ops) {
      SmallVector<Value> args;
      for (Value operand : op->getOperands()) {
        const auto *other = llvm::find(others, operand);
        args.push_back(other == others.end()
                           ? v
                           : block->getArgument(1 + (other - others.begin())));
      }
      v = cast<nn::ElementwiseOpInterface>(op).emitScalar(builder, loc, args);
    }
    kernel::YieldOp::create(builder, loc, v);
  }
};

} // namespace

void mlc::populateNormalizationLowering(SignlessConverter &types,
                                        RewritePatternSet &patterns) {
  patterns.add<LowerNormalization>(types, patterns.getContext());
}
