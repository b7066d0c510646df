//===- BoundedMovement.cpp - Movement by sizes known at run time ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/BoundedMovement.h"

#include "Import/Compose.h"
#include "Import/GraphImporter.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlc;

bool mlc::isDynamicSlice(Node &node, Value x, int64_t axis, const Extent &start,
                         const Extent &end, int64_t step) {
  if (!start.isConstant() || !end.isConstant())
    return true;
  // From the front, in steps of one, padding is behind what is taken.
  bool isBox = start.offset >= 0 && end.offset >= 0 && step == 1;
  return !isBox && node.importer.extents.along(x, axis).has_value();
}

/// The most elements that a slice of `size` may have.
static int64_t mostOf(int64_t size, const Extent &start, const Extent &end,
                      int64_t step) {
  int64_t most = size;
  if (step > 0) {
    if (end.isConstant() ? end.offset >= 0 : start.isConstant())
      most = std::min(most, end.most);
    if (start.isConstant() && start.offset >= 0)
      most = std::max<int64_t>(0, most - start.offset);
    if (start.isConstant() && start.offset < 0 && start.offset > -most)
      most = -start.offset;
  }
  return llvm::divideCeil(most, std::abs(step));
}

Value mlc::sliceDynamic(Node &node, Value x, int64_t axis, const Extent &start,
                        const Extent &end, int64_t step) {
  int64_t size = nn::shapeOf(x)[axis];
  Extent all =
      node.importer.extents.along(x, axis).value_or(Extent::constant(size));
  bool isHead = start.isConstant() && start.offset == 0 && step == 1;
  if (isHead && isSame(all, end))
    return x;
  if (isHead && all.isConstant() && end.most <= size && end.factor > 0 &&
      end.offset >= 0)
    return bounded(node, node.slice(x, axis, 0, end.most), {{axis, end}});
  Type i64 = node.builder.getI64Type();
  Value count = valueOf(node, all);
  int64_t low = step > 0 ? 0 : -1;
  auto fromFront = [&](const Extent &at) -> Value {
    Value v = valueOf(node, at);
    Value wrapped = node.create<nn::AddOp>(v, count);
    v = node.create<nn::SelectOp>(withScalar<nn::LessOp>(node, v, 0), wrapped,
                                  v);
    Value high = withScalar<nn::AddOp>(node, count, low);
    v = withScalar<nn::MaxOp>(node, v, low);
    return v ? node.create<nn::MinOp>(v, high) : Value();
  };
  Value from = fromFront(start), to = fromFront(end);
  Value span = step > 0 ? node.create<nn::SubOp>(to, from)
                        : node.create<nn::SubOp>(from, to);
  int64_t by = std::abs(step);
  Value taken = withScalar<nn::DivOp>(
      node, withScalar<nn::AddOp>(node, span, by - 1), by);
  taken = withScalar<nn::MaxOp>(node, taken, 0);
  int64_t most = mostOf(size, start, end, step);
  Value index =
      node.create<nn::AddOp>(iota(node, most, i64, 0, 1, 0, step), from);
  x = released(node, x, axis);
  Value y =
      node.create<nn::GatherOp>(x, index, node.builder.getI64IntegerAttr(axis));
  if (!y || !taken)
    return {};
  Extents::Dims dims(node.importer.extents.dimsOf(y));
  dims.push_back({axis, extentOf(taken, most)});
  return bounded(node, y, dims);
}

Value mlc::padDynamic(Node &node, Value x, const Extents::Sizes &pads,
                      Value fill) {
  int64_t rank = nn::shapeOf(x).size();
  llvm::SmallVector<int64_t> fixed(2 * rank, 0);
  Extents::Dims dims;
  for (int64_t axis = 0; axis < rank; ++axis) {
    const Extent &begin = pads[axis], &end = pads[rank + axis];
    int64_t size = nn::shapeOf(x)[axis];
    Extent all =
        node.importer.extents.along(x, axis).value_or(Extent::constant(size));
    std::optional<Extent> total = sumOf(all, begin);
    if (total)
      total = sumOf(*total, end);
    if (!begin.isConstant() || !total) {
      node.error() << "pads dimension " << axis
                   << " by a number known at run time, which does not make it "
                      "as long as is known; pad it to a fixed size";
      return {};
    }
    // What is behind the last row holds `fill`, then as much as is needed.
    x = masked(node, x, axis, fill);
    x = released(node, x, axis);
    if (!x)
      return {};
    fixed[axis] = begin.offset;
    fixed[rank + axis] = total->most - size - begin.offset;
    if (!total->isConstant())
      dims.push_back({axis, *total});
  }
  Value y =
      node.finish(nn::PadOp::create(node.builder, node.loc, x.getType(), x,
                                    fill, fixed, nn::PadMode::constant));
  return bounded(node, y, dims);
}
