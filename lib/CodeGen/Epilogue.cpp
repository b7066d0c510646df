//===- Epilogue.cpp - a kernel op's epilogue on vectors -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Epilogue.h"

#include "CodeGen/Numeric.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlc;

FailureOr<Epilogue> Epilogue::create(Emitter &e, Region &region,
                                     ValueRange operands, const View &out,
                                     DenseI64ArrayAttr atOnce) {
  Epilogue result;
  if (atOnce) {
    result.some = atOnce[0];
    result.all = atOnce[1];
  }
  result.region = &region;
  result.out = out;
  if (!region.empty())
    result.saturation = Saturation::match(region.front(), e.target);
  for (Value operand : operands) {
    FailureOr<View> view = e.view(operand);
    if (failed(view))
      return failure();
    Value scalar;
    if (view->sizes.empty())
      scalar = memref::LoadOp::create(e.builder, e.loc, view->flat, e.index(0));
    result.operands.push_back({*view, scalar});
  }
  return result;
}

bool Epilogue::isContiguous(unsigned first, unsigned last) const {
  return out.isContiguous(first, last) &&
         llvm::all_of(operands, [&](const Operand &operand) {
           return operand.view.sizes.size() < 2 ||
                  operand.view.isContiguous(first, last);
         });
}

static Value linear(Emitter &e, const View &view, ValueRange position,
                    Value channel) {
  Value at = channel;
  // Dims that were merged into a later one come without an index.
  unsigned skipped = view.sizes.size() - 1 - position.size();
  for (auto [i, index] : llvm::enumerate(position))
    at = e.add(at, e.mul(index, view.strides[skipped + i]));
  return at;
}

/// The same op on vectors: result types of `lanes`, constants as splats.
static Value cloneOnVectors(Emitter &e, Operation &op, IRMapping &map,
                            int64_t lanes) {
  if (op.hasTrait<OpTrait::ConstantLike>()) {
    Operation *scalar = e.builder.clone(op);
    return e.splat(scalar->getResult(0), lanes);
  }
  Operation *clone = Operation::create(
      op.getLoc(), op.getName(),
      TypeRange{e.vectorOf(op.getResult(0).getType(), lanes)},
      llvm::map_to_vector(op.getOperands(),
                          [&](Value v) {
                            Value mapped = map.lookupOrNull(v);
                            return mapped ? mapped : e.splat(v, lanes);
                          }),
      op.getDiscardableAttrDictionary(), op.getPropertiesStorage(), {}, 0);
  return e.builder.insert(clone)->getResult(0);
}

/// The y of 1 / (1 + e^y) in f32; null for another value.
static Value logisticArgument(Value value) {
  auto quotient = value.getDefiningOp<arith::DivFOp>();
  if (!quotient || !quotient.getType().isF32() ||
      !matchPattern(quotient.getLhs(), m_OneFloat()))
    return Value();
  auto sum = quotient.getRhs().getDefiningOp<arith::AddFOp>();
  if (!sum)
    return Value();
  for (auto [one, term] : {std::pair(sum.getLhs(), sum.getRhs()),
                           std::pair(sum.getRhs(), sum.getLhs())})
    if (auto exponential = term.getDefiningOp<math::ExpOp>())
      if (matchPattern(one, m_OneFloat()))
        return exponential.getOperand();
  return Value();
}

/// 1 / (1 + e^y), or a product with it in one division; null for another op.
static Value emitLogistic(Emitter &e, Operation &op, IRMapping &map,
                          int64_t lanes) {
  auto mapped = [&](Value v) {
    Value result = map.lookupOrNull(v);
    return result ? result : e.splat(v, lanes);
  };
  if (auto product = dyn_cast<arith::MulFOp>(op))
    for (auto [a, b] : {std::pair(product.getLhs(), product.getRhs()),
                        std::pair(product.getRhs(), product.getLhs())})
      if (Value y = logisticArgument(b))
        return logistic(e, mapped(a), mapped(y));
  if (Value y =
          op.getNumResults() == 1 ? logisticArgument(op.getResult(0)) : Value())
    return logistic(e, e.constant(mapped(y).getType(), 1), mapped(y));
  return Value();
}

/// Vectors of one type, a power of two of them, as one vector.
static Value concatenate(Emitter &e, ValueRange vectors) {
  if (vectors.size() == 1)
    return vectors.front();
  size_t half = vectors.size() / 2;
  Value low = concatenate(e, vectors.take_front(half));
  Value high = concatenate(e, vectors.drop_front(half));
  int64_t lanes = 2 * cast<VectorType>(low.getType()).getDimSize(0);
  return vector::ShuffleOp::create(
      e.builder, e.loc, low, high,
      llvm::to_vector(llvm::seq<int64_t>(0, lanes)));
}

Value Epilogue::load(Emitter &e, const Operand &operand, const Place &at,
                     int64_t lanes) const {
  const View &view = operand.view;
  if (operand.scalar)
    return e.splat(operand.scalar, lanes);
  if (view.sizes.size() == 1 && out.sizes.size() != 1)
    return e.load(view, at.channel, lanes);
  return e.load(view, linear(e, view, at.position, at.channel), lanes);
}

Value Epilogue::apply(Emitter &e, Value accumulators, ArrayRef<Place> places,
                      int64_t lanes) const {
  if (region->empty())
    return e.convert(accumulators, out.element);
  Block &block = region->front();
  IRMapping map;
  map.map(block.getArgument(0), accumulators);
  for (auto [operand, argument] :
       llvm::zip(operands, block.getArguments().drop_front())) {
    Values loaded;
    for (const Place &place : places)
      loaded.push_back(load(e, operand, place, lanes));
    map.map(argument, concatenate(e, loaded));
  }
  return applyBlock(e, map, lanes * places.size(), lanes);
}

bool Epilogue::saturates(const Emitter &e, int64_t lanes) const {
  constexpr int64_t least = 4;
  return saturation && lanes >= least && llvm::isPowerOf2_64(lanes) &&
         lanes <= e.target.lanes(32);
}

Value Epilogue::applyBlock(Emitter &e, IRMapping &map, int64_t width,
                           int64_t lanes) const {
  Block &block = region->front();
  bool packs = saturates(e, lanes);
  for (Operation &op : block.without_terminator()) {
    if (packs && saturation->includes(&op))
      continue;
    Value logistic = emitLogistic(e, op, map, width);
    map.map(op.getResult(0),
            logistic ? logistic : cloneOnVectors(e, op, map, width));
  }
  auto valueOf = [&](Value v) {
    Value mapped = map.lookupOrNull(v);
    return mapped ? mapped : e.splat(v, width);
  };
  if (packs)
    return saturation->emit(e, valueOf(saturation->number()), lanes);
  return valueOf(block.getTerminator()->getOperand(0));
}

void Epilogue::prefetch(Emitter &e, const Place &at) const {
  e.prefetchToWrite(out, linear(e, out, at.position, at.channel));
}

bool Epilogue::isLong() const {
  return !region->empty() && llvm::any_of(region->front(), [](Operation &op) {
    return isa<math::MathDialect>(op.getDialect());
  });
}

/// Operands of the out's shape may lie in the out themselves.
bool Epilogue::mayKeep() const {
  return !region->empty() &&
         region->front().getArgument(0).getType() == out.element &&
         llvm::none_of(operands, [](const Operand &operand) {
           return operand.view.sizes.size() > 1;
         });
}

void Epilogue::keep(Emitter &e, Value accumulators, const Place &at,
                    int64_t lanes) const {
  e.store(out, linear(e, out, at.position, at.channel),
          e.narrow(accumulators, lanes));
}

Value Epilogue::kept(Emitter &e, const Place &at, int64_t lanes) const {
  return e.load(out, linear(e, out, at.position, at.channel), lanes);
}

size_t Epilogue::vectorsAtOnce(size_t vectors) const {
  if (!isLong())
    return 1;
  return vectors <= all ? all : some;
}

void Epilogue::store(Emitter &e, ValueRange accumulators,
                     ArrayRef<Place> places, int64_t lanes, size_t run) const {
  size_t most = vectorsAtOnce(places.size());
  bool packs = saturates(e, lanes);
  if (!packs)
    run = 1;
  else if (!isLong())
    most = run > 1 ? std::min<size_t>(Saturation::atOnce, run)
                   : Saturation::atOnce;
  size_t left = run; // of those that follow each other
  while (!places.empty()) {
    size_t count = floorPowerOfTwo(std::min(most, places.size()));
    if (run > 1)
      count = std::min<size_t>(count, floorPowerOfTwo(left));
    Values narrowed =
        llvm::map_to_vector(accumulators.take_front(count),
                            [&](Value sum) { return e.narrow(sum, lanes); });
    Value result =
        apply(e, concatenate(e, narrowed), places.take_front(count), lanes);
    int64_t together = run > 1 ? count : 1;
    for (size_t i = 0; i < count; i += together)
      e.store(out, linear(e, out, places[i].position, places[i].channel),
              e.slice(result, i * lanes, lanes * together));
    left = left == count ? run : left - count;
    accumulators = accumulators.drop_front(count);
    places = places.drop_front(count);
  }
}

void Epilogue::storePixels(Emitter &e, ValueRange accumulators, Value first,
                           ArrayRef<int64_t> valid, PlaceOf place) const {
  size_t vectors = valid.size(), full = llvm::count(valid, valid.front());
  for (auto [from, to] : {std::pair(size_t(0), full), std::pair(full, vectors)})
    if (from < to) {
      Values sums;
      SmallVector<Place> places;
      for (size_t p = 0; p < accumulators.size() / vectors; ++p)
        for (size_t j = from; j < to; ++j) {
          sums.push_back(accumulators[p * vectors + j]);
          places.push_back(place(e.add(first, p), j));
        }
      store(e, sums, places, valid[from], to - from);
    }
}

void Epilogue::storeKept(Emitter &e, Value first, unsigned pixels,
                         ArrayRef<int64_t> valid, PlaceOf place) const {
  Values sums;
  for (unsigned p = 0; p < pixels; ++p)
    for (auto [j, lanes] : llvm::enumerate(valid))
      sums.push_back(kept(e, place(e.add(first, p), j), lanes));
  storePixels(e, sums, first, valid, place);
}

/// A long epilogue has no registers beside a tile of accumulators: these wait
/// in the out.
void Epilogue::storeTile(Emitter &e, ValueRange accumulators, unsigned pixels,
                         ArrayRef<int64_t> valid, PlaceOf place) const {
  unsigned vectors = valid.size();
  unsigned most = vectorsAtOnce(accumulators.size());
  if (!isLong() || !mayKeep() || accumulators.size() <= most)
    return storePixels(e, accumulators, e.index(0), valid, place);
  for (auto [i, sum] : llvm::enumerate(accumulators))
    keep(e, sum, place(e.index(i / vectors), i % vectors), valid[i % vectors]);
  unsigned step = std::max(1u, most / vectors), rest = pixels % step;
  e.loop(0, pixels - rest, step,
         [&](Value first) { storeKept(e, first, step, valid, place); });
  if (rest != 0)
    storeKept(e, e.index(pixels - rest), rest, valid, place);
}
