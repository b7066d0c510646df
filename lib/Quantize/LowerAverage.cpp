//===- LowerAverage.cpp - Averages of quantised tensors -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A sum over a window is a depthwise convolution with ones; its requantisation
// divides. Where windows reach over the edge they divide by fewer elements, and
// the requantisation is an op of its own, with a factor for each position.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"
#include "Quantize/Islands.h"
#include "Quantize/Tflite.h"

using namespace mlir;
using namespace mlc;

namespace {

/// Sums over windows of [N, C, spatial...] or [N, spatial..., C].
struct WindowSum {
  Dequantized input;
  SmallVector<int64_t> kernel, strides, pads, dilations;
  nn::Layout layout;
  /// What each position of the result divides by, row-major.
  SmallVector<int64_t> counts;
  SmallVector<int64_t> positions;
  bool isPool = false;
  /// Whether it is computed as TFLite's kernel does: that of pools takes bytes
  /// as they are.
  bool isTflite = false;

  /// What inputs are without, in sums.
  int32_t zeroPoint() const {
    return isPool && isTflite ? 0 : input.parameters.zeroPoint();
  }
  bool hasOneCount() const { return llvm::all_equal(counts); }
  int64_t channelDim() const {
    return layout == nn::Layout::channels_first
               ? 1
               : nn::shapeOf(input.stored).size() - 1;
  }
};

/// Elements along one dimension that position `p` of the result divides by.
int64_t countAt(nn::PoolOp pool, size_t i, int64_t p, int64_t size) {
  int64_t rank = pool.getKernel().size();
  bool countsPads = pool.getCountIncludePad();
  int64_t low = countsPads ? -pool.getPads()[i] : 0;
  int64_t high = size + (countsPads ? pool.getPads()[rank + i] : 0);
  int64_t start = p * pool.getStrides()[i] - pool.getPads()[i], count = 0;
  for (int64_t k = 0; k < pool.getKernel()[i]; ++k) {
    int64_t at = start + k * pool.getDilations()[i];
    count += at >= low && at < high;
  }
  return count;
}

std::optional<WindowSum> windowsOf(nn::PoolOp pool, const Dequantized &input) {
  if (pool.getKind() != nn::PoolKind::average)
    return std::nullopt;
  WindowSum sum{input, {}, {}, {}, {}, pool.getLayout(), {}, {}};
  sum.isPool = true;
  sum.kernel.assign(pool.getKernel().begin(), pool.getKernel().end());
  sum.strides.assign(pool.getStrides().begin(), pool.getStrides().end());
  sum.pads.assign(pool.getPads().begin(), pool.getPads().end());
  sum.dilations.assign(pool.getDilations().begin(), pool.getDilations().end());
  size_t rank = sum.kernel.size();
  unsigned first = sum.layout == nn::Layout::channels_first ? 2 : 1;
  ArrayRef<int64_t> in = nn::shapeOf(pool.getInput()),
                    out = nn::shapeOf(pool.getResult());
  sum.counts = {1};
  for (size_t i = 0; i < rank; ++i) {
    sum.positions.push_back(out[first + i]);
    // A convolution rounds its size down: room for the last window.
    int64_t reach = (out[first + i] - 1) * sum.strides[i] +
                    (sum.kernel[i] - 1) * sum.dilations[i] + 1;
    int64_t room = in[first + i] + sum.pads[i] + sum.pads[rank + i];
    sum.pads[rank + i] += std::max<int64_t>(0, reach - room);
    SmallVector<int64_t> counts;
    for (int64_t before : sum.counts)
      for (int64_t p = 0; p < out[first + i]; ++p)
        counts.push_back(before * countAt(pool, i, p, in[first + i]));
    sum.counts = std::move(counts);
  }
  return sum;
}

/// A mean over all positions of [N, C, spatial...].
std::optional<WindowSum> windowsOf(nn::ReduceOp reduce,
                                   const Dequantized &input) {
  ArrayRef<int64_t> shape = nn::shapeOf(reduce.getInput());
  SmallVector<int64_t> first, last;
  for (int64_t d = 1, rank = shape.size(); d < rank; ++d) {
    if (d > 1)
      first.push_back(d);
    if (d + 1 < rank)
      last.push_back(d);
  }
  ArrayRef<int64_t> axes = reduce.getAxes();
  bool isFirst = axes == ArrayRef<int64_t>(first);
  if (reduce.getKind() != nn::ReduceKind::mean || shape.size() < 3 ||
      (!isFirst && axes != ArrayRef<int64_t>(last)))
    return std::nullopt;
  WindowSum sum{input, {}, {}, {}, {}, {}, {}, {}};
  sum.layout = isFirst ? nn::Layout::channels_first : nn::Layout::channels_last;
  int64_t count = 1;
  for (int64_t axis : axes) {
    sum.kernel.push_back(shape[axis]);
    count *= shape[axis];
  }
  sum.strides.assign(axes.size(), 1);
  sum.dilations.assign(axes.size(), 1);
  sum.positions.assign(axes.size(), 1);
  sum.pads.assign(2 * axes.size(), 0);
  sum.counts = {count};
  return sum;
}

/// What TFLite's kernel divides by `counts`, or for means multiplies by.
Requantization tfliteRequantization(const WindowSum &sum,
                                    const ResultQuantization &result,
                                    ArrayRef<int64_t> counts) {
  SmallVector<FixedMultiplier> multipliers;
  for (int64_t count : counts)
    multipliers.push_back(sum.isPool
                              ? *averageMultiplier(count, result.range)
                              : meanTflite(sum.input.parameters.scale(),
                                           result.parameters.scale(), count));
  int64_t most = 255 * *llvm::max_element(counts);
  return sum.isPool
             ? Requantization::belowHalf(result.withoutZeroPoint(), multipliers)
             : Requantization::twice(result, multipliers, most);
}

/// Factors that divide by `counts` and rescale.
Requantization averageRequantization(const WindowSum &sum,
                                     const ResultQuantization &result,
                                     ArrayRef<int64_t> counts) {
  if (sum.isTflite)
    return tfliteRequantization(sum, result, counts);
  SmallVector<float> scales;
  SmallVector<double> reals;
  float in = sum.input.parameters.scale(), out = result.parameters.scale();
  for (int64_t count : counts) {
    scales.push_back(in / (out * static_cast<float>(count)));
    reals.push_back(static_cast<double>(in) /
                    (static_cast<double>(out) * count));
  }
  return Requantization(result, scales, reals);
}

class AverageBuilder {
public:
  AverageBuilder(PatternRewriter &rewriter, Location loc, const WindowSum &sum,
                 const ResultQuantization &result)
      : rewriter(rewriter), loc(loc), sum(sum), result(result) {}

  Value build() {
    if (!sum.hasOneCount())
      return divideByPosition(convolve(rewriter.getI32Type(), nullptr));
    Requantization divide =
        averageRequantization(sum, result, sum.counts.front());
    return convolve(result.parameters.stored, &divide);
  }

private:
  /// The sum of each window, of `element`: requantised with one factor, or as
  /// it is.
  Value convolve(Type element, const Requantization *divide) {
    ArrayRef<int64_t> in = nn::shapeOf(sum.input.stored);
    int64_t channels = in[sum.channelDim()];
    SmallVector<int64_t> shape(in), weights = {channels, 1};
    unsigned first = sum.layout == nn::Layout::channels_first ? 2 : 1;
    for (size_t i = 0; i < sum.kernel.size(); ++i) {
      shape[first + i] = sum.positions[i];
      weights.push_back(sum.kernel[i]);
    }
    auto type = RankedTensorType::get(weights, rewriter.getI8Type());
    Value ones = nn::ConstantOp::create(
        rewriter, loc, type, DenseElementsAttr::get(type, int8_t(1)));
    int32_t zero = sum.zeroPoint();
    auto conv = nn::ConvOp::create(
        rewriter, loc, RankedTensorType::get(shape, element), sum.input.stored,
        ones, Value(), ValueRange(), sum.strides, sum.pads, sum.dilations,
        channels, sum.layout,
        zero ? rewriter.getI32IntegerAttr(zero) : IntegerAttr());
    if (divide) {
      OpBuilder::InsertionGuard guard(rewriter);
      Block *block = rewriter.createBlock(&conv.getEpilogue(), {},
                                          {rewriter.getI32Type()}, {loc});
      nn::YieldOp::create(
          rewriter, loc,
          divide->emit(rewriter, loc, block->getArgument(0), {}));
    }
    return conv;
  }

  Value divideByPosition(Value sums) {
    Requantization divide = averageRequantization(sum, result, sum.counts);
    SmallVector<int64_t> shape = sum.positions;
    if (sum.layout == nn::Layout::channels_last)
      shape.push_back(1);
    SmallVector<Value> inputs = {sums};
    llvm::append_range(inputs, divide.operands(rewriter, loc, shape));
    SmallVector<Type> types = {rewriter.getI32Type()};
    llvm::append_range(types, divide.scalarTypes(rewriter));
    auto map = nn::MapOp::create(
        rewriter, loc,
        RankedTensorType::get(nn::shapeOf(sums), result.parameters.stored),
        inputs);
    OpBuilder::InsertionGuard guard(rewriter);
    Block *block = rewriter.createBlock(
        &map.getBody(), {}, types, SmallVector<Location>(types.size(), loc));
    Value v = divide.emit(rewriter, loc, block->getArgument(0),
                          block->getArguments().drop_front());
    nn::YieldOp::create(rewriter, loc, v);
    return map;
  }

  PatternRewriter &rewriter;
  Location loc;
  const WindowSum &sum;
  const ResultQuantization &result;
};

class LowerAverage : public OpRewritePattern<nn::QuantizeOp> {
public:
  LowerAverage(MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/2), islands(islands) {}

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Island> island = matchIsland(op, islands.mode);
    Operation *core = island ? island->value.getDefiningOp() : nullptr;
    if (!isa_and_nonnull<nn::PoolOp, nn::ReduceOp>(core))
      return rewriter.notifyMatchFailure(op, "ends no average");
    std::optional<Dequantized> input = matchScaled(core->getOperand(0));
    if (!input || !isByte(input->parameters.stored))
      return rewriter.notifyMatchFailure(op, "averages no quantised bytes");
    std::optional<WindowSum> sum;
    if (auto pool = dyn_cast<nn::PoolOp>(core))
      sum = windowsOf(pool, *input);
    else
      sum = windowsOf(cast<nn::ReduceOp>(core), *input);
    if (!sum || sum->counts.empty() || llvm::is_contained(sum->counts, 0))
      return rewriter.notifyMatchFailure(op, "is no average over a window");
    sum->isTflite = isTflite(*sum, island->result);
    if (!sum->isTflite)
      islands.takesIntegerForm(core);
    Location loc = rewriter.getFusedLoc({core->getLoc(), op.getLoc()});
    Value v = AverageBuilder(rewriter, loc, *sum, island->result).build();
    if (v.getType() != op.getType())
      v = nn::ReshapeOp::create(rewriter, loc, op.getType(), v);
    rewriter.replaceOp(op, v);
    ++islands.pools;
    return success();
  }

private:
  /// TFLite's pools leave the scale as it is.
  static bool isTflite(const WindowSum &sum, const ResultQuantization &result) {
    auto hasMultiplier = [&](int64_t count) {
      return averageMultiplier(count, result.range).has_value();
    };
    return result.mode == QuantizeMode::Tflite &&
           (!sum.isPool || (sum.input.parameters == result.parameters &&
                            llvm::all_of(sum.counts, hasMultiplier)));
  }

  IslandContext &islands;
};

} // namespace

void mlc::populateAveragePatterns(RewritePatternSet &patterns,
                                  IslandContext &context) {
  patterns.add<LowerAverage>(patterns.getContext(), context);
}
