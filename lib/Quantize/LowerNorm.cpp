//===- LowerNorm.cpp - Normalisation of quantised rows --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Spells out what RowNorm.h defines, for what LayerNormalization and
// InstanceNormalization are imported as. In mode onnx it stays in floats.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"
#include "Quantize/IntegerIsland.h"
#include "Quantize/RowNorm.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlc;

namespace {

/// (x - mean) / sqrt(variance + epsilon) over some axes, times a gain, plus a
/// bias.
struct Normalisation {
  Dequantized input;
  nn::ReduceOp mean;
  double epsilon = 0;
  Value gain, bias; ///< constants, or null

  static std::optional<Normalisation> match(Value v);
  int64_t size() const {
    nn::ReduceOp op = mean;
    int64_t count = 1;
    for (int64_t axis : op.getAxes())
      count *= nn::shapeOf(op.getInput())[axis];
    return count;
  }
};

} // namespace

/// The constant that `op`, a sum or product, has on one side; v becomes the
/// other.
template <typename OpTy>
static Value takeConstant(Value &v) {
  auto op = v.getDefiningOp<OpTy>();
  for (int side : {1, 0})
    if (op && knownValues(op->getOperand(side)) &&
        op->getOperand(1 - side).getType() == v.getType()) {
      v = op->getOperand(1 - side);
      return op->getOperand(side);
    }
  return {};
}

static nn::ReduceOp meanOf(Value v) {
  auto op = v.getDefiningOp<nn::ReduceOp>();
  bool isMean = op && op.getKind() == nn::ReduceKind::mean && op.getKeepdims();
  return isMean ? op : nn::ReduceOp();
}

/// sqrt(variance + epsilon) of `centred`.
static std::optional<double> epsilonOf(Value deviation, Value centred,
                                       nn::ReduceOp mean) {
  auto root = deviation.getDefiningOp<nn::SqrtOp>();
  Value argument = root ? root->getOperand(0) : Value();
  Value constant = argument ? takeConstant<nn::AddOp>(argument) : Value();
  nn::ReduceOp variance = constant ? meanOf(argument) : nn::ReduceOp();
  auto square =
      variance ? variance.getInput().getDefiningOp<nn::MulOp>() : nn::MulOp();
  if (!square || square->getOperand(0) != centred ||
      square->getOperand(1) != centred || variance.getAxes() != mean.getAxes())
    return std::nullopt;
  std::optional<SmallVector<double>> values = knownValues(constant);
  return values->size() == 1 ? std::optional(values->front()) : std::nullopt;
}

std::optional<Normalisation> Normalisation::match(Value v) {
  Normalisation result;
  result.bias = takeConstant<nn::AddOp>(v);
  result.gain = takeConstant<nn::MulOp>(v);
  auto core = v.getDefiningOp<nn::MulOp>();
  auto inverse = core ? core->getOperand(1).getDefiningOp<nn::ReciprocalOp>()
                      : nn::ReciprocalOp();
  auto centred =
      core ? core->getOperand(0).getDefiningOp<nn::SubOp>() : nn::SubOp();
  if (!inverse || !centred || !(result.mean = meanOf(centred->getOperand(1))) ||
      result.mean.getInput() != centred->getOperand(0))
    return std::nullopt;
  std::optional<double> epsilon =
      epsilonOf(inverse->getOperand(0), centred, result.mean);
  std::optional<Dequantized> input = matchDequantized(centred->getOperand(0));
  if (!epsilon || !input || !isByte(input->parameters.stored))
    return std::nullopt;
  result.epsilon = *epsilon;
  result.input = *input;
  return result;
}

namespace {

class NormBuilder {
public:
  NormBuilder(PatternRewriter &rewriter, Location loc,
              const Normalisation &source, const ResultQuantization &result,
              const RowNorm &norm, const RowAffine &affine)
      : rewriter(rewriter), loc(loc), source(source), result(result),
        norm(norm), affine(affine), e(rewriter, loc) {}

  Value build(ArrayRef<int64_t> affineShape);

private:
  Value sumOf(Value v, Type element);
  Value emitArgument(Value sum, Value squares);
  Value emitShift(Value argument);
  Value emitMantissa(Value argument);
  Value emitStored(ValueRange x);
  Value wide(Value v) {
    return v.getType().isInteger(64)
               ? v
               : e.op<arith::ExtSIOp>(rewriter.getI64Type(), v);
  }

  PatternRewriter &rewriter;
  Location loc;
  const Normalisation &source;
  const ResultQuantization &result;
  const RowNorm &norm;
  const RowAffine &affine;
  WideEmitter e;
};

} // namespace

Value NormBuilder::sumOf(Value v, Type element) {
  nn::ReduceOp mean = source.mean;
  auto type = RankedTensorType::get(nn::shapeOf(mean.getResult()), element);
  return nn::ReduceOp::create(rewriter, loc, type, v, nn::ReduceKind::sum,
                              mean.getAxes(), /*keepdims=*/true);
}

/// RowNorm::argument, at least 1.
Value NormBuilder::emitArgument(Value sum, Value squares) {
  sum = wide(sum);
  Value v = e.sub(e.mul(e.number(norm.size), wide(squares)), e.mul(sum, sum));
  v = e.op<arith::ShLIOp>(v, e.number(norm.places));
  return e.max(e.add(v, e.number(norm.epsilon)), e.number(1));
}

Value NormBuilder::emitShift(Value argument) {
  Value zeros = e.op<math::CountLeadingZerosOp>(argument);
  return e.op<arith::AndIOp>(e.sub(zeros, e.number(2)), e.number(~int64_t(1)));
}

/// reciprocalRoot.
Value NormBuilder::emitMantissa(Value argument) {
  Value u = e.right(e.op<arith::ShLIOp>(argument, emitShift(argument)), 31);
  Value y =
      e.sub(e.number(kRootStart), e.right(e.mul(u, e.number(kRootSlope)), 31));
  for (int step = 0; step < kRootSteps; ++step) {
    Value product = e.right(e.mul(u, e.right(e.mul(y, y), 30)), 31);
    y = e.right(e.mul(y, e.sub(e.number(int64_t(3) << 30), product)), 31);
  }
  return y;
}

/// RowNorm::normalise and RowAffine::store of x, the sum, the mantissa, the
/// places to the right, and factor and offset unless they are the same for all.
Value NormBuilder::emitStored(ValueRange x) {
  Value deviation = e.sub(e.mul(e.number(norm.size), wide(x[0])), wide(x[1]));
  Value y = e.op<arith::ShRSIOp>(e.mul(deviation, x[2]), x[3]);
  bool isOne = x.size() == 4;
  Value factor = isOne ? e.number(affine.factors[0]) : x[4];
  Value offset = isOne ? e.number(affine.offsets[0]) : x[5];
  Value sum = e.add(e.mul(y, factor), offset);
  sum = e.add(sum, e.number(int64_t(1) << (19 + affine.places)));
  return emitStoreInteger(rewriter, loc, e.right(sum, 20 + affine.places),
                          result);
}

Value NormBuilder::build(ArrayRef<int64_t> affineShape) {
  Type i32 = rewriter.getI32Type(), i64 = rewriter.getI64Type();
  // 2^15 squares of 2^16 are 2^31.
  Type ofSquares = norm.size < 1 << 15 ? i32 : i64;
  Value x = createMap(
      rewriter, loc, {source.input.stored}, i32, [&](ValueRange stored) {
        return emitCentred(rewriter, loc, stored[0], source.input.parameters);
      });
  Value square =
      createMap(rewriter, loc, {x}, ofSquares, [&](ValueRange v) -> Value {
        nn::ScalarEmitter own(rewriter, loc, ofSquares);
        Value factor = ofSquares == i64 ? wide(v[0]) : v[0];
        return own.mul(factor, factor);
      });
  Value sum = sumOf(x, i32), squares = sumOf(square, ofSquares);
  Value mantissa =
      createMap(rewriter, loc, {sum, squares}, i64, [&](ValueRange v) {
        return emitMantissa(emitArgument(v[0], v[1]));
      });
  Value places =
      createMap(rewriter, loc, {sum, squares}, i64, [&](ValueRange v) {
        Value half = e.right(emitShift(emitArgument(v[0], v[1])), 1);
        return e.max(e.sub(e.number(41 - norm.places / 2), half), e.number(0));
      });
  SmallVector<Value> inputs = {x, sum, mantissa, places};
  if (affine.factors.size() > 1) {
    inputs.push_back(makeInts(rewriter, loc, i64, affine.factors, affineShape));
    inputs.push_back(makeInts(rewriter, loc, i64, affine.offsets, affineShape));
  }
  return createMap(rewriter, loc, inputs, result.parameters.stored,
                   [&](ValueRange v) { return emitStored(v); });
}

/// Gains and biases, and the shape that both have; nullopt where they differ.
static std::optional<RowAffine> affineOf(const Normalisation &source,
                                         float scale,
                                         SmallVectorImpl<int64_t> &shape) {
  SmallVector<double> gains = {1}, biases = {0};
  for (auto [v, values] :
       {std::pair(source.gain, &gains), std::pair(source.bias, &biases)}) {
    if (!v)
      continue;
    *values = *knownValues(v);
    if (values->size() > 1 && !shape.empty() &&
        shape != SmallVector<int64_t>(nn::shapeOf(v)))
      return std::nullopt;
    if (values->size() > 1)
      shape.assign(nn::shapeOf(v).begin(), nn::shapeOf(v).end());
  }
  size_t count = std::max(gains.size(), biases.size());
  gains.resize(count, gains.front());
  biases.resize(count, biases.front());
  return rowAffine(gains, biases, scale);
}

namespace {

class LowerNorm : public IntegerIslandPattern {
public:
  using IntegerIslandPattern::IntegerIslandPattern;

private:
  FailureOr<Value> lower(nn::QuantizeOp op, Island &island,
                         PatternRewriter &rewriter) const override {
    std::optional<Normalisation> source = Normalisation::match(island.value);
    if (!source)
      return rewriter.notifyMatchFailure(op, "ends no normalisation");
    std::optional<RowNorm> norm = rowNorm(source->size(), source->epsilon,
                                          source->input.parameters.scale());
    SmallVector<int64_t> shape;
    std::optional<RowAffine> affine =
        affineOf(*source, island.result.parameters.scale(), shape);
    if (!norm || !affine)
      return rewriter.notifyMatchFailure(op, "leaves the range of integers");
    islands.takesIntegerForm(island.value.getDefiningOp());
    Location loc = rewriter.getFusedLoc({island.value.getLoc(), op.getLoc()});
    return NormBuilder(rewriter, loc, *source, island.result, *norm, *affine)
        .build(shape);
  }
};

} // namespace

void mlc::populateNormPatterns(RewritePatternSet &patterns,
                               IslandContext &context) {
  patterns.add<LowerNorm>(patterns.getContext(), context);
}
