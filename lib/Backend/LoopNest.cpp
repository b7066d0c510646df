//===- LoopNest.cpp - a linalg operation as strided loops -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/LoopNest.h"
#include "Backend/Address.h"

using namespace mlir;

namespace mlc {

unsigned LoopNest::carried() const {
  unsigned count = 0;
  while (count < loops.size() && loops[loops.size() - 1 - count].reduction)
    ++count;
  return count;
}

/// Adds `factor` * `expr` to the coefficients and the base of operand
/// `operand`.
static bool addLinear(AffineExpr expr, int64_t factor, unsigned operand,
                      LoopNest &nest) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    nest.loops[dim.getPosition()].coefficients[operand] += factor;
    return true;
  }
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    nest.bases[operand] += factor * constant.getValue();
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (binary.getKind() == AffineExprKind::Add)
    return addLinear(binary.getLHS(), factor, operand, nest) &&
           addLinear(binary.getRHS(), factor, operand, nest);
  auto scale = dyn_cast<AffineConstantExpr>(binary.getRHS());
  return binary.getKind() == AffineExprKind::Mul && scale &&
         addLinear(binary.getLHS(), factor * scale.getValue(), operand, nest);
}

static bool addOperand(linalg::LinalgOp op, OpOperand &use, LoopNest &nest) {
  auto type = dyn_cast<MemRefType>(use.get().getType());
  if (!type) // A scalar.
    return !isa<ShapedType>(use.get().getType());
  auto strides = staticStrides(type);
  if (!strides)
    return false;
  AffineMap map = op.getMatchingIndexingMap(&use);
  for (auto [expr, stride] : llvm::zip_equal(map.getResults(), *strides))
    if (!addLinear(expr, stride, use.getOperandNumber(), nest))
      return false;
  return true;
}

/// Whether iteration i of `outer` continues where the last one of `inner` ends.
static bool mergeable(const Loop &outer, const Loop &inner) {
  if (outer.reduction != inner.reduction)
    return false;
  for (auto [far, near] :
       llvm::zip_equal(outer.coefficients, inner.coefficients))
    if (far != near * inner.size)
      return false;
  return true;
}

namespace {
/// How bad a loop is as the innermost one.
struct Cost {
  linalg::LinalgOp op;

  int64_t operator()(const Loop &loop) {
    // Short loops are not worth a vector.
    int64_t cost = loop.size < 8 ? 8 - loop.size : 0;
    for (OpOperand &use : op->getOpOperands()) {
      int64_t step = std::abs(loop.coefficients[use.getOperandNumber()]);
      bool result = op.isDpsInit(&use);
      if (step > 1)
        cost += result ? 16 : 8;
    }
    return cost;
  }
};
} // namespace

static int64_t resultStep(linalg::LinalgOp op, const Loop &loop) {
  unsigned first = op.getDpsInitOperand(0)->getOperandNumber();
  return std::abs(loop.coefficients[first]);
}

static int64_t largestStep(const Loop &loop) {
  int64_t step = 0;
  for (int64_t coefficient : loop.coefficients)
    step = std::max<int64_t>(step, std::abs(coefficient));
  return step;
}

static void orderLoops(linalg::LinalgOp op, SmallVectorImpl<Loop> &loops) {
  if (loops.empty())
    return;
  Cost cost{op};
  unsigned best = 0;
  for (unsigned i = 1; i < loops.size(); ++i) {
    auto key = [&](const Loop &loop) {
      return std::make_tuple(cost(loop), loop.reduction,
                             loop.reduction ? largestStep(loop)
                                            : resultStep(op, loop));
    };
    if (key(loops[i]) <= key(loops[best]))
      best = i;
  }
  Loop innermost = loops[best];
  loops.erase(loops.begin() + best);
  llvm::sort(loops, [&](const Loop &a, const Loop &b) {
    if (a.reduction != b.reduction)
      return b.reduction;
    if (!a.reduction && resultStep(op, a) != resultStep(op, b))
      return resultStep(op, a) > resultStep(op, b);
    if (largestStep(a) != largestStep(b))
      return largestStep(a) > largestStep(b);
    return a.dim < b.dim;
  });
  loops.push_back(innermost);
}

static void mergeLoops(SmallVectorImpl<Loop> &loops) {
  for (unsigned i = 1; i < loops.size();) {
    if (!mergeable(loops[i - 1], loops[i])) {
      ++i;
      continue;
    }
    loops[i].size *= loops[i - 1].size;
    loops.erase(loops.begin() + i - 1);
  }
}

std::optional<LoopNest> makeLoopNest(linalg::LinalgOp op) {
  LoopNest nest;
  unsigned operands = op->getNumOperands();
  nest.bases.assign(operands, 0);
  SmallVector<int64_t, 4> sizes = op.getStaticLoopRanges();
  for (auto [dim, size] : llvm::enumerate(sizes)) {
    if (ShapedType::isDynamic(size))
      return std::nullopt;
    bool reduction =
        op.getIteratorTypesArray()[dim] != utils::IteratorType::parallel;
    nest.loops.push_back(
        {unsigned(dim), size, reduction, SmallVector<int64_t>(operands, 0)});
  }
  for (OpOperand &use : op->getOpOperands())
    if (!addOperand(op, use, nest))
      return std::nullopt;
  // linalg.index reads the loop of its dimension, which has to stay.
  if (op.hasIndexSemantics()) {
    orderLoops(op, nest.loops);
    return nest;
  }
  llvm::erase_if(nest.loops, [](const Loop &loop) { return loop.size == 1; });
  orderLoops(op, nest.loops);
  mergeLoops(nest.loops);
  return nest;
}

} // namespace mlc
