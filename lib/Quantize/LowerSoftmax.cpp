//===- LowerSoftmax.cpp - Softmax of quantised tensors --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Spells out what Arithmetic.h defines: the distance to the greatest of a row
// is a byte, whose exponential a table has; shares of their sum are products
// with its reciprocal, and their logarithms differences to that of the sum. In
// mode onnx a softmax is what onnxruntime makes of
// floats, and stays on them.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"
#include "Quantize/IntegerIsland.h"
#include "Quantize/TfliteFunctions.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlc;

namespace {

class SoftmaxBuilder {
public:
  SoftmaxBuilder(PatternRewriter &rewriter, Location loc, nn::SoftmaxOp op,
                 const Dequantized &input, const ResultQuantization &result)
      : rewriter(rewriter), loc(loc), op(op), input(input), result(result),
        e(rewriter, loc) {}

  Value build();

private:
  Value distances();
  Value exponentials(Value distances);
  Value sums(Value terms);
  Value shares(Value terms, Value sums);
  Value tfliteShares(Value distances);
  Value logarithms(Value sums);
  Value differences(Value distances, Value logarithms);
  Value lookUp(ArrayRef<int64_t> table, Type element, Value bytes);
  Value reduce(Value v, nn::ReduceKind kind);
  Value map(ArrayRef<Value> inputs, Type to,
            llvm::function_ref<Value(ValueRange)> body) {
    return createMap(rewriter, loc, inputs, to, body);
  }

  Value emitMantissa(Value sum);
  Type i64() { return rewriter.getI64Type(); }
  Type unsignedByte() {
    return IntegerType::get(rewriter.getContext(), 8, IntegerType::Unsigned);
  }

  PatternRewriter &rewriter;
  Location loc;
  nn::SoftmaxOp op;
  const Dequantized &input;
  const ResultQuantization &result;
  WideEmitter e;
};

} // namespace

Value SoftmaxBuilder::reduce(Value v, nn::ReduceKind kind) {
  SmallVector<int64_t> shape(nn::shapeOf(v));
  shape[op.getAxis()] = 1;
  return nn::ReduceOp::create(
      rewriter, loc, RankedTensorType::get(shape, nn::elementOf(v)), v, kind,
      ArrayRef<int64_t>(static_cast<int64_t>(op.getAxis())), /*keepdims=*/true);
}

Value SoftmaxBuilder::distances() {
  Value most = reduce(input.stored, nn::ReduceKind::max);
  // Modulo 256 the difference of bytes is right whatever their sign.
  return map({input.stored, most}, unsignedByte(), [&](ValueRange x) {
    nn::ScalarEmitter bytes(rewriter, loc, rewriter.getI8Type());
    return bytes.sub(x[1], x[0]);
  });
}

Value SoftmaxBuilder::lookUp(ArrayRef<int64_t> table, Type element,
                             Value bytes) {
  Value entries = makeInts(rewriter, loc, element, table, {256});
  auto type = RankedTensorType::get(nn::shapeOf(bytes), element);
  return nn::GatherOp::create(rewriter, loc, type, entries, bytes, 0);
}

Value SoftmaxBuilder::exponentials(Value distances) {
  SmallVector<int64_t> terms;
  for (int32_t distance = 0; distance < 256; ++distance)
    terms.push_back(softmaxTerm(distance, input.parameters.scale()));
  return lookUp(terms, rewriter.getI32Type(), distances);
}

Value SoftmaxBuilder::sums(Value terms) {
  Value wide = map({terms}, i64(), [&](ValueRange x) {
    return e.op<arith::ExtSIOp>(i64(), x[0]);
  });
  return reduce(wide, nn::ReduceKind::sum);
}

/// softmaxReciprocal, a row, and softmaxInteger.
Value SoftmaxBuilder::shares(Value terms, Value sums) {
  Value reciprocals = map({sums}, i64(), [&](ValueRange x) {
    return e.op<arith::DivSIOp>(e.number(int64_t(1) << 62), x[0]);
  });
  // softmaxMultiplier.
  double real = std::ldexp(1.0, -30) / result.parameters.scale();
  Requantization requantize(result, static_cast<float>(real), real);
  return map({terms, reciprocals}, result.parameters.stored, [&](ValueRange x) {
    Value product = e.mul(e.op<arith::ExtSIOp>(i64(), x[0]), x[1]);
    Value share =
        e.op<arith::TruncIOp>(rewriter.getI32Type(), e.right(product, 32));
    return requantize.emit(rewriter, loc, share, {});
  });
}

/// The sum's mantissa, in [2^62, 2^63).
Value SoftmaxBuilder::emitMantissa(Value sum) {
  Value zeros = e.op<math::CountLeadingZerosOp>(sum);
  return e.op<arith::ShLIOp>(sum, e.sub(zeros, e.number(1)));
}

/// softmaxLogarithm times logSoftmaxMultiplier, a row.
Value SoftmaxBuilder::logarithms(Value sums) {
  SmallVector<int64_t> entries, steps;
  for (int32_t i = 0; i < 256; ++i) {
    entries.push_back(logarithmEntry(i));
    steps.push_back(logarithmEntry(i + 1) - entries.back());
  }
  Value places = map({sums}, unsignedByte(), [&](ValueRange x) {
    return e.op<arith::TruncIOp>(rewriter.getI8Type(),
                                 e.right(emitMantissa(x[0]), 54));
  });
  FixedMultiplier m = logSoftmaxMultiplier(result.parameters.scale());
  return map(
      {sums, lookUp(entries, i64(), places), lookUp(steps, i64(), places)},
      i64(), [&](ValueRange x) {
        Value zeros = e.op<math::CountLeadingZerosOp>(x[0]);
        Value rest = e.op<arith::AndIOp>(e.right(emitMantissa(x[0]), 38),
                                         e.number(0xffff));
        Value v = e.mul(e.sub(e.number(33), zeros), e.number(kLogarithmOfTwo));
        v = e.add(e.add(v, x[1]), e.right(e.mul(x[2], rest), 16));
        v = e.mul(v, e.number(m.multiplier));
        v = e.add(v, e.number(int64_t(1) << (30 - m.shift)));
        return e.right(v, 31 - m.shift);
      });
}

/// logSoftmaxInteger.
Value SoftmaxBuilder::differences(Value distances, Value logarithms) {
  SmallVector<int64_t> table;
  for (int32_t distance = 0; distance < 256; ++distance)
    table.push_back(logSoftmaxTerm(distance, input.parameters.scale(),
                                   result.parameters.scale()));
  Value terms = lookUp(table, i64(), distances);
  return map({terms, logarithms}, result.parameters.stored, [&](ValueRange x) {
    Value v = e.sub(e.sub(e.number(1 << 15), x[0]), x[1]);
    return emitStoreInteger(rewriter, loc, e.right(v, 16), result);
  });
}

/// softmaxReciprocalTflite, a row, and softmaxTflite.
Value SoftmaxBuilder::tfliteShares(Value distances) {
  SmallVector<int64_t> entries, parts;
  for (int32_t distance = 0; distance < 256; ++distance) {
    entries.push_back(softmaxTermTflite(distance, input.parameters.scale()));
    parts.push_back(softmaxPartTflite(entries.back()));
  }
  Type i32 = rewriter.getI32Type();
  Value sums = reduce(lookUp(parts, i32, distances), nn::ReduceKind::sum);
  auto highMultiply = [&](Value a, Value b) {
    return e.right(e.add(e.mul(a, b), e.number(1 << 30)), 31);
  };
  auto doubled = [&](Value v, int64_t places) {
    v = e.op<arith::ShLIOp>(v, e.number(places));
    v = e.max(v, e.number(std::numeric_limits<int32_t>::min()));
    return e.min(v, e.number(std::numeric_limits<int32_t>::max()));
  };
  Value reciprocals = map({sums}, i64(), [&](ValueRange x) {
    Value zeros = e.op<math::CountLeadingZerosOp>(x[0]);
    Value shifted = e.op<arith::ShLIOp>(x[0], zeros);
    shifted = e.op<arith::ExtSIOp>(i64(), shifted);
    Value half =
        e.add(e.right(e.op<arith::AndIOp>(shifted, e.number(0x7fffffff)), 1),
              e.number(1 << 30));
    Value v = e.add(highMultiply(half, e.number(kReciprocalSlope)),
                    e.number(kReciprocalStart));
    for (int i = 0; i < 3; ++i) {
      Value error = e.sub(e.number(1 << 29), highMultiply(half, v));
      v = e.add(v, doubled(highMultiply(v, error), 2));
    }
    return doubled(v, 1);
  });
  return map({lookUp(entries, i32, distances), reciprocals, sums},
             result.parameters.stored, [&](ValueRange x) {
               Value zeros = e.op<math::CountLeadingZerosOp>(x[2]);
               zeros = e.op<arith::ExtUIOp>(i64(), zeros);
               Value last = e.sub(e.number(34), zeros);
               Value v = highMultiply(e.op<arith::ExtSIOp>(i64(), x[0]), x[1]);
               v = e.add(v, e.op<arith::ShLIOp>(e.number(1), last));
               v = e.op<arith::ShRSIOp>(v, e.add(last, e.number(1)));
               return emitStoreInteger(rewriter, loc, v, result);
             });
}

/// Whether TFLite has a kernel of it: its steps are 256ths.
static bool isTflite(nn::SoftmaxOp op, const ResultQuantization &result) {
  const Parameters &p = result.parameters;
  return result.mode == QuantizeMode::Tflite && !op.getLog() &&
         isByte(p.stored) && p.scale() == 0x1p-8f &&
         p.zeroPoint() == p.range().low;
}

Value SoftmaxBuilder::build() {
  Value far = distances();
  if (isTflite(op, result))
    return tfliteShares(far);
  Value terms = exponentials(far);
  if (op.getLog())
    return differences(far, logarithms(sums(terms)));
  return shares(terms, sums(terms));
}

namespace {

class LowerSoftmax : public IntegerIslandPattern {
public:
  using IntegerIslandPattern::IntegerIslandPattern;

private:
  FailureOr<Value> lower(nn::QuantizeOp op, Island &island,
                         PatternRewriter &rewriter) const override {
    auto softmax = island.value.getDefiningOp<nn::SoftmaxOp>();
    if (!softmax)
      return rewriter.notifyMatchFailure(op, "ends no softmax");
    std::optional<Dequantized> input = matchDequantized(softmax.getInput());
    if (!input || !isByte(input->parameters.stored) ||
        llvm::is_contained(nn::shapeOf(softmax.getInput()), 0))
      return rewriter.notifyMatchFailure(op, "is of no quantised bytes");
    if (!isTflite(softmax, island.result))
      islands.takesIntegerForm(softmax);
    Location loc = rewriter.getFusedLoc({softmax.getLoc(), op.getLoc()});
    return SoftmaxBuilder(rewriter, loc, softmax, *input, island.result)
        .build();
  }
};

} // namespace

void mlc::populateSoftmaxPatterns(RewritePatternSet &patterns,
                                  IslandContext &context) {
  patterns.add<LowerSoftmax>(patterns.getContext(), context);
}
