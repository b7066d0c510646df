//===- Extents.cpp - Dimensions as long as the data say -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Extents.h"

#include "Import/Compose.h"
#include "Import/GraphImporter.h"

using namespace mlir;
using namespace mlc;

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

Extent Extent::times(int64_t by) const {
  return {base, factor * by, offset * by, most * by};
}

Extent Extent::plus(int64_t by) const {
  return {base, factor, offset + by, std::max<int64_t>(0, most + by)};
}

std::optional<Extent> Extent::over(int64_t by) const {
  if (isConstant() && offset % by == 0)
    return constant(offset / by);
  if (by == 0 || factor % by != 0 || offset % by != 0)
    return std::nullopt;
  return Extent{base, factor / by, offset / by, most / by};
}

/// Whether two values are computed alike from the same values; `budget` bounds
/// how many pairs are looked at.
static bool isSameValue(Value a, Value b, int &budget) {
  if (a == b)
    return true;
  Operation *x = a.getDefiningOp(), *y = b.getDefiningOp();
  if (!x || !y || --budget < 0 || x->getName() != y->getName() ||
      x->getNumOperands() != y->getNumOperands() || x->getNumRegions() != 0 ||
      x->getDiscardableAttrDictionary() != y->getDiscardableAttrDictionary() ||
      x->getPropertiesAsAttribute() != y->getPropertiesAsAttribute() ||
      x->getResultTypes() != y->getResultTypes() ||
      cast<OpResult>(a).getResultNumber() !=
          cast<OpResult>(b).getResultNumber())
    return false;
  for (auto [p, q] : llvm::zip(x->getOperands(), y->getOperands()))
    if (!isSameValue(p, q, budget))
      return false;
  return true;
}

BoundedDim BoundedDim::reshaped(ArrayRef<int64_t> from,
                                ArrayRef<int64_t> to) const {
  BoundedDim nowhere{-1, extent};
  if (axis < 0)
    return nowhere;
  int64_t before = dimProduct(from.take_front(axis)), size = from[axis],
          passed = 1;
  for (auto [i, other] : llvm::enumerate(to)) {
    int64_t place = static_cast<int64_t>(i);
    if (passed == before && other == size)
      return {place, extent};
    if (passed == before && other != 1) {
      bool isOutermost = before == 1;
      if (isOutermost && other > size && other % size == 0)
        return {place, extent.times(other / size)};
      std::optional<Extent> part;
      if (isOutermost && other > 0 && size % other == 0)
        part = extent.over(size / other);
      return part ? BoundedDim{place, *part} : nowhere;
    }
    passed *= other;
  }
  return nowhere;
}

static bool isSameBase(Value a, Value b) {
  int budget = 64;
  return (!a && !b) || (a && b && isSameValue(a, b, budget));
}

bool mlc::isSame(const Extent &a, const Extent &b) {
  return a.offset == b.offset && (a.isConstant() || a.factor == b.factor) &&
         isSameBase(a.base, b.base);
}

std::optional<Extent> mlc::sumOf(const Extent &a, const Extent &b,
                                 int64_t sign) {
  Extent sum = a;
  sum.offset += sign * b.offset;
  sum.most = a.most + sign * (b.isConstant() || sign > 0 ? b.most : 0);
  if (b.isConstant())
    return sum;
  if (a.isConstant()) {
    sum.base = b.base;
    sum.factor = sign * b.factor;
    return sum;
  }
  if (!isSameBase(a.base, b.base))
    return std::nullopt;
  sum.factor += sign * b.factor;
  if (sum.factor == 0)
    return Extent::constant(sum.offset);
  return sum;
}

//===----------------------------------------------------------------------===//
// What is known of values
//===----------------------------------------------------------------------===//

ArrayRef<BoundedDim> Extents::dimsOf(Value v) const {
  auto it = dims.find(v);
  return it == dims.end() ? ArrayRef<BoundedDim>() : ArrayRef(it->second);
}

std::optional<Extent> Extents::along(Value v, int64_t axis) const {
  for (const BoundedDim &dim : dimsOf(v))
    if (dim.axis == axis)
      return dim.extent;
  return std::nullopt;
}

void Extents::set(Value v, Dims list) {
  if (!list.empty())
    dims[v] = std::move(list);
}

std::optional<Extents::Sizes> Extents::sizesOf(Value v) const {
  auto it = sizes.find(v);
  if (it == sizes.end())
    return std::nullopt;
  return it->second;
}

void Extents::setSizes(Value v, Sizes list) { sizes[v] = std::move(list); }

bool Extents::concerns(Operation *op) const {
  return llvm::any_of(op->getOperands(), [&](Value v) {
    return dims.contains(v) || sizes.contains(v);
  });
}

LogicalResult Extents::checkAllFollowed(Operation *root) const {
  WalkResult result = root->walk([&](Operation *op) {
    if (followed.contains(op) || isa<func::ReturnOp>(op))
      return WalkResult::advance();
    for (Value v : op->getOperands())
      if (!dimsOf(v).empty()) {
        emitError(op->getLoc())
            << "passes a tensor of as many rows as are found at run time into "
               "or out of a subgraph, which is not supported; take a fixed "
               "number of rows before (TopK)";
        return WalkResult::interrupt();
      }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

Value mlc::valueOf(Node &node, const Extent &extent) {
  Type i64 = node.builder.getI64Type();
  if (extent.isConstant())
    return node.scalar(i64, extent.offset);
  Value v = extent.base;
  if (extent.factor != 1)
    v = withScalar<nn::MulOp>(node, v, extent.factor);
  return extent.offset == 0 ? v : withScalar<nn::AddOp>(node, v, extent.offset);
}

Extent mlc::extentOf(Value v, int64_t most) { return {v, 1, 0, most}; }

Extent mlc::cap(Node &node, const Extent &extent, int64_t most) {
  if (extent.isConstant())
    return Extent::constant(std::min(extent.offset, most));
  if (extent.most <= most)
    return extent;
  Value least = withScalar<nn::MinOp>(node, valueOf(node, extent), most);
  return extentOf(least, most);
}

Value mlc::masked(Node &node, Value v, ArrayRef<int64_t> axes, Value fill) {
  if (!v || !fill)
    return {};
  int64_t rank = nn::shapeOf(v).size();
  Type i64 = node.builder.getI64Type();
  for (int64_t axis : axes) {
    std::optional<Extent> extent = node.importer.extents.along(v, axis);
    if (!extent)
      continue;
    Value place = iota(node, nn::shapeOf(v)[axis], i64, axis, rank);
    Value isData = node.create<nn::LessOp>(place, valueOf(node, *extent));
    v = node.create<nn::SelectOp>(isData, v, fill);
    if (!v)
      return {};
  }
  return v;
}

Value mlc::masked(Node &node, Value v, ArrayRef<int64_t> axes, double fill) {
  return v ? masked(node, v, axes, node.scalar(nn::elementOf(v), fill))
           : Value();
}

/// An op of its own, which is not folded: others may read `v` as it is.
static Value sameWith(Node &node, Value v, Extents::Dims dims) {
  auto op = nn::ReshapeOp::create(node.builder, node.loc, v.getType(), v);
  Extents &extents = node.importer.extents;
  extents.forget(op.getResult());
  extents.markFollowed(op);
  extents.set(op.getResult(), std::move(dims));
  return op.getResult();
}

Value mlc::bounded(Node &node, Value v, Extents::Dims dims) {
  return !v || dims.empty() ? v : sameWith(node, v, std::move(dims));
}

Value mlc::released(Node &node, Value v, int64_t axis) {
  Extents &extents = node.importer.extents;
  if (!v || !extents.along(v, axis))
    return v;
  Extents::Dims others(extents.dimsOf(v));
  llvm::erase_if(others, [&](const BoundedDim &d) { return d.axis == axis; });
  return sameWith(node, v, std::move(others));
}

Value mlc::settled(Node &node, Value v, double fill) {
  if (!v)
    return {};
  SmallVector<int64_t> axes;
  for (const BoundedDim &dim : node.importer.extents.dimsOf(v))
    axes.push_back(dim.axis);
  if (axes.empty())
    return v;
  if (llvm::is_contained(axes, -1)) {
    node.error() << "reads elements that padding lies among";
    return {};
  }
  v = masked(node, v, axes, fill);
  return v ? sameWith(node, v, {}) : Value();
}

Value mlc::findTrue(Node &node, Value mask) {
  if (!mask)
    return {};
  int64_t size = dimProduct(nn::shapeOf(mask));
  mask = node.reshape(settled(node, mask, 0), {size});
  if (!mask)
    return {};
  int64_t bound = node.importer.mostFound(size);
  Type i64 = node.builder.getI64Type();
  Type types[] = {RankedTensorType::get({bound}, i64),
                  RankedTensorType::get({}, i64)};
  auto op = nn::CompactOp::create(node.builder, node.loc, types, mask);
  if (!node.finish(op))
    return {};
  node.importer.extents.set(op.getPlaces(),
                            {{0, extentOf(op.getCount(), bound)}});
  return op.getPlaces();
}

Value mlc::shapeValue(Node &node, Value v, int64_t start, int64_t end) {
  Extents &extents = node.importer.extents;
  Extents::Sizes sizes;
  SmallVector<Value> parts;
  bool isConstant = true;
  for (int64_t axis = start; axis < end; ++axis) {
    std::optional<Extent> extent = extents.along(v, axis);
    isConstant &= !extent;
    sizes.push_back(extent ? *extent : Extent::constant(nn::shapeOf(v)[axis]));
  }
  if (isConstant)
    return node.constantI64(nn::shapeOf(v).slice(start, end - start));
  for (const Extent &size : sizes)
    parts.push_back(node.reshape(valueOf(node, size), {1}));
  Value shape = concat(node, parts, 0);
  if (shape)
    extents.setSizes(shape, std::move(sizes));
  return shape;
}

Value mlc::withoutForm(Value v) {
  for (;;)
    if (auto reshape = v.getDefiningOp<nn::ReshapeOp>())
      v = reshape.getInput();
    else if (auto cast = v.getDefiningOp<nn::CastOp>();
             cast && nn::elementOf(cast.getInput()).isSignlessInteger(64))
      v = cast.getInput();
    else
      return v;
}

/// The mask whose true elements `v` counts by a sum of all of them, or null.
static Value maskCountedBy(Value v) {
  auto sum = withoutForm(v).getDefiningOp<nn::ReduceOp>();
  if (!sum || sum.getKind() != nn::ReduceKind::sum ||
      sum.getType().getNumElements() != 1)
    return {};
  auto cast = withoutForm(sum.getInput()).getDefiningOp<nn::CastOp>();
  if (!cast || !nn::elementOf(cast.getInput()).isInteger(1) ||
      !nn::elementOf(cast).isSignlessInteger(64))
    return {};
  return withoutForm(cast.getInput());
}

std::optional<Extents::Sizes> mlc::knownSizes(Node &node, Value v) {
  if (auto sizes = node.importer.extents.sizesOf(v))
    return sizes;
  if (auto values = nn::constantIntegers(node.constantOf(v)))
    return llvm::map_to_vector(*values, Extent::constant);
  if (Value mask = maskCountedBy(v)) {
    Value places = findTrue(node, mask);
    return places ? std::optional(
                        Extents::Sizes{*node.importer.extents.along(places, 0)})
                  : std::nullopt;
  }
  auto join = v.getDefiningOp<nn::ConcatOp>();
  if (!join || nn::shapeOf(v).size() != 1)
    return std::nullopt;
  Extents::Sizes all;
  for (Value part : join.getInputs()) {
    auto sizes = knownSizes(node, part);
    if (!sizes)
      return std::nullopt;
    all.append(*sizes);
  }
  return all;
}

FailureOr<Extents::Sizes> mlc::sizesOfInput(Node &node, size_t i) {
  if (node.hasInput(i))
    if (auto sizes = knownSizes(node, node.inputs()[i]))
      return *sizes;
  FailureOr<llvm::SmallVector<int64_t>> values = node.constantInts(i);
  if (failed(values))
    return failure();
  return llvm::map_to_vector(*values, Extent::constant);
}
