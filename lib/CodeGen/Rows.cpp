//===- Rows.cpp - loops over rows, and folds of a row ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Rows.h"

#include "CodeGen/Numeric.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlc;

static void loopOver(Emitter &e, ArrayRef<int64_t> sizes, Values &position,
                     llvm::function_ref<void(ValueRange)> body) {
  if (sizes.empty())
    return body(position);
  e.parallelLoop(0, sizes.front(), 1, [&](Value i) {
    position.push_back(i);
    loopOver(e, sizes.drop_front(), position, body);
    position.pop_back();
  });
}

void mlc::forEachPosition(Emitter &e, ArrayRef<int64_t> sizes,
                          llvm::function_ref<void(ValueRange)> body) {
  Values position;
  loopOver(e, sizes, position, body);
}

Value mlc::linearIndex(Emitter &e, const View &view, ValueRange position) {
  Value at = e.index(0);
  for (auto [index, stride] : llvm::zip(position, view.strides))
    at = e.add(at, e.mul(index, stride));
  return at;
}

JoinedRows mlc::joinRows(const View &a, const View &b) {
  JoinedRows result = {a.sizes.size(), 1};
  for (; result.outer > 0; --result.outer) {
    size_t dim = result.outer - 1;
    if (a.sizes[dim] != 1 &&
        (a.strides[dim] != result.row || b.strides[dim] != result.row))
      break;
    result.row *= a.sizes[dim];
  }
  return result;
}

int64_t mlc::rowLanes(const Emitter &e, int64_t count, Type type) {
  return std::min<int64_t>(e.target.lanes(8 * kernel::elementBytes(type)),
                           floorPowerOfTwo(std::max<int64_t>(count, 1)));
}

Value mlc::foldIdentity(Emitter &e, Fold fold, Type type, bool isUnsigned) {
  switch (fold) {
  case Fold::sum:
    return e.constant(type, 0);
  case Fold::prod:
    return e.constant(type, 1);
  case Fold::max:
  case Fold::maxNumber:
    return lowest(e, type, isUnsigned);
  case Fold::min:
    return highest(e, type, isUnsigned);
  }
  llvm_unreachable("all folds are handled");
}

Value mlc::foldTwo(Emitter &e, Fold fold, Value a, Value b, bool isUnsigned) {
  switch (fold) {
  case Fold::sum:
    return e.plus(a, b);
  case Fold::prod:
    return e.times(a, b);
  case Fold::max:
    return e.maximum(a, b, isUnsigned);
  case Fold::min:
    return e.minimum(a, b, isUnsigned);
  case Fold::maxNumber:
    return e.maximumNumber(a, b, isUnsigned);
  }
  llvm_unreachable("all folds are handled");
}

//===----------------------------------------------------------------------===//
// NaNs
//===----------------------------------------------------------------------===//
//
// NEON's extremes keep NaNs. x86's give the second operand where either is one:
// NaNs stay in the accumulator, as the second, and come to it by a comparison
// that takes two elements at a time. Others have nothing better.

int64_t mlc::foldedAtOnce(const Emitter &e, Fold fold, Type accumulator) {
  bool isExtreme = fold == Fold::max || fold == Fold::min;
  bool keepsNaNs = e.target.triple.isAArch64() || e.target.triple.isARM();
  return isExtreme && isa<FloatType>(accumulator) && !keepsNaNs ? 2 : 1;
}

/// `a` where it is beyond `b`, else `b`, so that a NaN in `b` stays.
static Value beyond(Emitter &e, Fold fold, Value a, Value b) {
  auto predicate =
      fold == Fold::max ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT;
  Value isBeyond = arith::CmpFOp::create(e.builder, e.loc, predicate, a, b);
  return arith::SelectOp::create(e.builder, e.loc, isBeyond, a, b);
}

/// `v`, or NaN where `a` or `b` is. All bits of that NaN are ones: it is the
/// comparison's result, and one instruction more puts it in.
static Value withNaNs(Emitter &e, Value v, Value a, Value b) {
  auto element = cast<FloatType>(getElementTypeOrSelf(v.getType()));
  TypedAttr nan =
      FloatAttr::get(element, APFloat(element.getFloatSemantics(),
                                      APInt::getAllOnes(element.getWidth())));
  if (auto vector = dyn_cast<VectorType>(v.getType()))
    nan = DenseElementsAttr::get(vector, Attribute(nan));
  Value isNaN =
      arith::CmpFOp::create(e.builder, e.loc, arith::CmpFPredicate::UNO, a, b);
  return arith::SelectOp::create(
      e.builder, e.loc, isNaN, arith::ConstantOp::create(e.builder, e.loc, nan),
      v);
}

Value mlc::foldAll(Emitter &e, Fold fold, Value folded, ValueRange elements,
                   bool isUnsigned) {
  if (foldedAtOnce(e, fold, getElementTypeOrSelf(folded.getType())) == 1) {
    for (Value element : elements)
      folded = foldTwo(e, fold, folded, element, isUnsigned);
    return folded;
  }
  for (; elements.size() > 1; elements = elements.drop_front(2)) {
    Value a = elements[0], b = elements[1];
    folded = beyond(e, fold, beyond(e, fold, b, a), folded);
    folded = withNaNs(e, folded, a, b);
  }
  if (elements.empty())
    return folded;
  Value last = elements[0];
  return withNaNs(e, beyond(e, fold, last, folded), last, last);
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// Halves a vector until one lane is left; its lanes are a power of two.
static Value foldLanes(Emitter &e, Fold fold, Value v, bool isUnsigned) {
  int64_t lanes = cast<VectorType>(v.getType()).getDimSize(0);
  for (lanes /= 2; lanes >= 1; lanes /= 2) {
    Value high = vector::ExtractStridedSliceOp::create(
        e.builder, e.loc, v, ArrayRef<int64_t>{lanes}, ArrayRef<int64_t>{lanes},
        ArrayRef<int64_t>{1});
    v = foldTwo(e, fold, e.narrow(v, lanes), high, isUnsigned);
  }
  return vector::ExtractOp::create(e.builder, e.loc, v, ArrayRef<int64_t>{0});
}

Value mlc::reduceRow(Emitter &e, const Row &row, Fold fold,
                     llvm::function_ref<Value(Value, int64_t)> element) {
  bool isUnsigned = row.isUnsigned;
  int64_t vectors = row.count / row.lanes;
  int64_t atOnce = foldedAtOnce(e, fold, row.accumulator);
  int64_t accumulators =
      std::clamp<int64_t>(vectors / (2 * atOnce), 1, row.mostSums);
  int64_t step = accumulators * atOnce * row.lanes;
  int64_t looped = row.count / step * step;
  Type type = e.vectorOf(row.accumulator, row.lanes);
  Values sums(accumulators, foldIdentity(e, fold, type, isUnsigned));
  sums = e.loop(
      e.index(0), e.index(looped), step, sums,
      [&](Value i, ValueRange carried) {
        Values next;
        for (int64_t j = 0; j < accumulators; ++j) {
          Values elements;
          for (int64_t k = j * atOnce; k < (j + 1) * atOnce; ++k)
            elements.push_back(element(e.add(i, k * row.lanes), row.lanes));
          next.push_back(foldAll(e, fold, carried[j], elements, isUnsigned));
        }
        return next;
      });
  int64_t done = looped;
  for (; done + row.lanes <= row.count; done += row.lanes)
    sums[0] = foldAll(e, fold, sums[0], element(e.index(done), row.lanes),
                      isUnsigned);
  for (int64_t j = 1; j < accumulators; ++j)
    sums[0] = foldTwo(e, fold, sums[0], sums[j], isUnsigned);
  Value result = foldLanes(e, fold, sums[0], isUnsigned);
  // What is left by halves, so that each piece has a power of two of lanes.
  for (int64_t lanes = row.lanes / 2; done < row.count; lanes /= 2) {
    if (done + lanes > row.count)
      continue;
    Value piece = foldLanes(e, fold, element(e.index(done), lanes), isUnsigned);
    result = foldTwo(e, fold, result, piece, isUnsigned);
    done += lanes;
  }
  return result;
}
