//===- Product.cpp - accumulating a tile of pixels by channels ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Product.h"

#include "CodeGen/ByteProduct.h"
#include "CodeGen/HalfProduct.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlc;

Values mlc::zeros(Emitter &e, const Factors &factors, unsigned rows,
                  const Columns &columns) {
  Values result;
  if (factors.steps)
    rows = llvm::alignTo(rows, factors.steps->pixels());
  for (unsigned i = 0; i < rows * columns.count(); ++i) {
    int64_t width = columns.width(i % columns.count());
    Value zero = e.constant(e.vectorOf(factors.accumulator, width), 0);
    result.push_back(factors.steps ? factors.steps->accumulators(e, zero)
                                   : zero);
  }
  return result;
}

static Value minusZero(Emitter &e, Value value, int64_t zero) {
  if (zero == 0)
    return value;
  Value point = e.constant(value.getType(), zero);
  return arith::SubIOp::create(e.builder, e.loc, value, point);
}

Value mlc::convertInput(Emitter &e, const Factors &f, Value inputs) {
  Value wide = e.convert(inputs, f.accumulator, f.left.isUnsigned);
  return minusZero(e, wide, f.leftZero);
}

/// What the byte of the left side at `at` stands for, as an index of the table.
static Value tableIndex(Emitter &e, const Factors &f, Value at, int64_t plane) {
  Value byte = memref::LoadOp::create(e.builder, e.loc, f.left.flat, at);
  Value entry = arith::IndexCastUIOp::create(e.builder, e.loc,
                                             e.builder.getIndexType(), byte);
  return f.table->sizes[0] == 1 ? entry
                                : e.add(entry, plane * f.table->strides[0]);
}

Value mlc::broadcastInput(Emitter &e, const Factors &f, Value at, int64_t lanes,
                          int64_t plane) {
  if (f.table)
    return e.loadSplat(*f.table, tableIndex(e, f, at, plane), lanes,
                       f.accumulator);
  return minusZero(e, e.loadSplat(f.left, at, lanes, f.accumulator),
                   f.leftZero);
}

bool mlc::multipliesByLane(const TargetInfo &target) {
  return target.multipliesByLane();
}

namespace {

/// Emits steps of one reduction.
class Steps {
public:
  Steps(Emitter &e, const Factors &factors, const Columns &columns,
        const Reduction &reduction)
      : e(e), f(factors), c(columns), r(reduction) {}

  /// `count` steps from `k` on; sets of accumulators follow each other.
  void emit(Value k, unsigned count, Values &accumulators) {
    size_t set = accumulators.size() / r.sets;
    Value left = e.add(r.left, e.mul(k, r.leftStride));
    Value right = e.add(r.right, e.mul(k, r.rightStride));
    Values activations = loadActivations(left, count);
    fetchLeft(left, k, count);
    fetchAhead(e, f.right, r.ahead, right, {count, r.rightStride}, c.offsets);
    for (unsigned i = 0; i < count * r.planes; ++i) {
      unsigned u = i / r.planes, plane = i % r.planes;
      if (f.steps) {
        emitStep(left, e.add(right, r.rightOffset), u, activations,
                 &accumulators[i % r.sets * set]);
        continue;
      }
      Values weights =
          loadWeights(e.add(right, r.rightOffset + plane * r.rightPlane), u);
      for (unsigned p = r.first; p < r.last; ++p) {
        Value a = activations.empty()
                      ? broadcast(e.add(left, plane * r.leftPlane), p, u, plane)
                      : e.splat(lane(activations[p - r.first], u), c.lanes);
        for (unsigned j = 0; j < c.count(); ++j) {
          Value &sum = accumulators[i % r.sets * set + p * c.count() + j];
          sum = multiplyAdd(e.narrow(a, c.width(j)), weights[j], sum);
        }
      }
    }
  }

  /// How many to write out before the loop goes back. Neighbouring pixels of a
  /// sliding window read the same activations again; where LLVM sees the copies
  /// in one piece of code it keeps them, until it runs out of registers. So: a
  /// loop even for few steps, and no remainder where a divisor allows.
  int64_t atOnce() const {
    if (r.planes > 1)
      return 1;
    if (isByLane())
      return r.depth <= 2 * r.unroll ? r.depth : r.unroll;
    for (int64_t steps = r.unroll; steps > 1; --steps)
      if (r.depth % steps == 0 && r.depth > steps)
        return steps;
    return r.depth > r.unroll ? r.unroll : 1;
  }

private:
  Value multiplyAdd(Value a, Value b, Value sum) {
    switch (f.pairs) {
    case Pairs::none:
      return e.multiplyAdd(a, b, sum);
    case Pairs::words:
      return e.plus(sum, multiplyWords(e, e.bitcast(a, 16), e.bitcast(b, 16)));
    case Pairs::halves: {
      HalfProduct product(e.target);
      return product.multiplyAdd(e, product.weights(e, a),
                                 product.weights(e, b), sum);
    }
    }
    llvm_unreachable("pairs without a product");
  }

  /// Step `u` of those from `left` and `right` on, of elements side by side.
  void emitStep(Value left, Value right, unsigned u, ValueRange activations,
                Value *sums) {
    SmallVector<Values> weights;
    for (unsigned j = 0; j < c.count(); ++j) {
      Value at = e.add(right, u * r.rightStride + c.offsets[j]);
      int64_t elements = c.width(j) * f.steps->stored();
      weights.push_back(f.steps->weights(e, e.load(f.right, at, elements)));
    }
    if (f.steps->pixels() > 1)
      return emitPairs(left, u, activations, weights, sums);
    for (unsigned p = r.first; p < r.last; ++p) {
      Values words = activations.empty() ? loadStep(left, p, u)
                                         : wordsOf(activations[p - r.first], u);
      Values x = f.steps->activation(e, words, c.lanes);
      for (unsigned j = 0; j < c.count(); ++j) {
        Value &sum = sums[p * c.count() + j];
        sum = f.steps->multiplyAdd(e, x, weights[j], sum);
      }
    }
  }

  /// Two pixels at a time; one that takes no part, or is none, is zero.
  void emitPairs(Value left, unsigned u, ValueRange activations,
                 ArrayRef<Values> weights, Value *sums) {
    for (unsigned p = r.first / 2 * 2; p < r.last; p += 2) {
      Value first = loadOctet(left, p, u, activations);
      Value second = loadOctet(left, p + 1, u, activations);
      Value x = vector::ShuffleOp::create(e.builder, e.loc, first, second,
                                          ArrayRef<int64_t>{0, 1, 2, 3});
      for (unsigned j = 0; j < c.count(); ++j)
        f.steps->multiplyPair(e, x, weights[j], sums[p * c.count() + j],
                              sums[(p + 1) * c.count() + j]);
    }
  }

  /// Two words.
  Value loadOctet(Value left, unsigned p, unsigned u, ValueRange activations) {
    Type i32 = e.builder.getI32Type();
    if (p < r.first || p >= r.last)
      return e.constant(e.vectorOf(i32, 2), 0);
    if (!activations.empty())
      return e.slice(activations[p - r.first], 2 * u, 2);
    if (r.elements == stepElements() && r.elementStride == 1) {
      Value at =
          e.add(left, r.leftOffset + p * r.pixelStride + u * r.leftStride);
      return e.bitcast(e.load(f.left, at, r.elements), 32);
    }
    Values words = loadStep(left, p, u);
    words.resize(2, e.constant(i32, 0));
    return vector::FromElementsOp::create(
        e.builder, e.loc, cast<VectorType>(e.vectorOf(i32, 2)), words);
  }

  /// The left side's elements of one step, a word of 32 bits each few of them.
  Values loadStep(Value left, unsigned p, unsigned u) {
    int64_t most = f.steps->elements() / f.steps->words();
    Value at = e.add(left, r.leftOffset + p * r.pixelStride + u * r.leftStride);
    Values result;
    for (int64_t i = 0; i < r.elements; i += most)
      result.push_back(loadWord(e.add(at, i * r.elementStride), most,
                                std::min(most, r.elements - i)));
    return result;
  }

  /// `count` elements as an i32 that `most` fill; zeros where there are fewer.
  Value loadWord(Value at, int64_t most, int64_t count) {
    Type i32 = e.builder.getI32Type();
    int64_t bits = 32 / most;
    Type narrow = e.builder.getIntegerType(bits);
    if (count == most && r.elementStride == 1)
      return lane(e.bitcast(e.load(f.left, at, most), 32), 0);
    Value result;
    for (int64_t i = 0; i < count; ++i) {
      Value element = memref::LoadOp::create(e.builder, e.loc, f.left.flat,
                                             e.add(at, i * r.elementStride));
      if (element.getType() != narrow)
        element = arith::BitcastOp::create(e.builder, e.loc, narrow, element);
      element = arith::ExtUIOp::create(e.builder, e.loc, i32, element);
      if (!result) {
        result = element;
        continue;
      }
      element = arith::ShLIOp::create(e.builder, e.loc, element,
                                      e.constant(i32, bits * i));
      result = arith::OrIOp::create(e.builder, e.loc, result, element);
    }
    return result;
  }

  /// The steps within a cache line take turns.
  void fetchLeft(Value left, Value k, unsigned count) {
    int64_t step = stepElements();
    if (!r.leftAhead || r.leftStride != step)
      return;
    Ahead ahead{e.div(k, count), f.left.lineElements() / (count * step),
                r.leftOffset + r.leftAhead};
    fetchAhead(e, f.left, ahead, left, {r.last, r.pixelStride}, {0});
  }

  int64_t stepElements() const { return f.steps ? f.steps->elements() : 1; }

  bool isByLane() const {
    if (!multipliesByLane(e.target) || r.planes != 1)
      return false;
    if (f.steps)
      return r.leftStride == stepElements() && r.elementStride == 1 &&
             r.elements == stepElements();
    return f.left.element == f.accumulator && isa<FloatType>(f.accumulator) &&
           !f.accumulator.isF64() && r.leftStride == 1;
  }

  /// NEON multiplies by a lane: one vector load a pixel for all steps.
  Values loadActivations(Value left, unsigned count) {
    Values result;
    if (!isByLane() || count != r.unroll)
      return result;
    for (unsigned p = r.first; p < r.last; ++p) {
      Value at = e.add(left, r.leftOffset + p * r.pixelStride);
      Value loaded = e.load(f.left, at, count * stepElements());
      result.push_back(f.steps ? e.bitcast(loaded, 32) : loaded);
    }
    return result;
  }

  /// Those of step `u`.
  Values wordsOf(Value activations, unsigned u) {
    Values result;
    for (int64_t i = 0; i < f.steps->words(); ++i)
      result.push_back(lane(activations, u * f.steps->words() + i));
    return result;
  }

  Value lane(Value vector, unsigned u) {
    return vector::ExtractOp::create(e.builder, e.loc, vector,
                                     ArrayRef<int64_t>{int64_t(u)});
  }

  Value broadcast(Value left, unsigned p, unsigned u, unsigned plane) {
    Value at = e.add(left, r.leftOffset + p * r.pixelStride + u * r.leftStride);
    return broadcastInput(e, f, at, c.lanes, plane);
  }

  Values loadWeights(Value right, unsigned u) {
    Values result;
    for (unsigned j = 0; j < c.count(); ++j) {
      Value at = e.add(right, u * r.rightStride + c.offsets[j]);
      bool partial = c.exactLoads && c.valid[j] != c.width(j);
      Value w = e.load(f.right, at, partial ? c.valid[j] : c.width(j));
      if (partial)
        w = widen(w, c.width(j));
      w = e.convert(w, f.accumulator, f.right.isUnsigned);
      result.push_back(minusZero(e, w, f.rightZero));
    }
    return result;
  }

  Value widen(Value vector, int64_t lanes) {
    Value zero = e.constant(
        e.vectorOf(cast<VectorType>(vector.getType()).getElementType(), lanes),
        0);
    return e.insert(vector, zero);
  }

  Emitter &e;
  const Factors &f;
  const Columns &c;
  const Reduction &r;
};

} // namespace

/// All steps, on the sets of accumulators.
static void addSteps(Emitter &e, const Factors &factors, const Columns &columns,
                     const Reduction &reduction, Values &accumulators) {
  Steps steps(e, factors, columns, reduction);
  int64_t depth = reduction.depth;
  int64_t unroll = steps.atOnce();
  int64_t looped = depth <= unroll ? 0 : depth / unroll * unroll;
  if (looped) {
    unsigned from = 0, to = accumulators.size();
    if (reduction.sets == 1) {
      int64_t pixels = factors.steps ? factors.steps->pixels() : 1;
      from = llvm::alignDown(reduction.first, pixels) * columns.count();
      to = llvm::alignTo(reduction.last, pixels) * columns.count();
    }
    ValueRange active = ValueRange(accumulators).slice(from, to - from);
    Values results =
        e.loop(e.index(0), e.index(looped), unroll, active,
               [&](Value k, ValueRange carried) {
                 Values sums = accumulators;
                 llvm::copy(carried, sums.begin() + from);
                 steps.emit(k, unroll, sums);
                 return Values(sums.begin() + from, sums.begin() + to);
               });
    llvm::copy(results, accumulators.begin() + from);
  }
  for (int64_t k = looped; k < depth; k += reduction.unroll)
    steps.emit(e.index(k), std::min(reduction.unroll, depth - k), accumulators);
}

void mlc::accumulate(Emitter &e, const Factors &factors, const Columns &columns,
                     const Reduction &reduction, Values &accumulators) {
  if (reduction.sets == 1)
    return addSteps(e, factors, columns, reduction, accumulators);
  Values sums = accumulators;
  for (unsigned set = 1; set < reduction.sets; ++set)
    llvm::append_range(sums, zeros(e, factors, reduction.last, columns));
  addSteps(e, factors, columns, reduction, sums);
  size_t size = accumulators.size();
  for (size_t i = size; i < sums.size(); ++i)
    sums[i % size] = e.plus(sums[i % size], sums[i]);
  llvm::copy(ArrayRef(sums).take_front(size), accumulators.begin());
}
