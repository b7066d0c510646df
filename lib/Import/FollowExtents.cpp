//===- FollowExtents.cpp - Bounded dimensions through nn ops --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One rule an op. A rule says which dimensions of the result are bounded; where
// padding would mix with data it first puts a masked operand in the place of
// the op's own.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Extents.h"
#include "Import/GraphImporter.h"

#include "llvm/ADT/TypeSwitch.h"

#include <limits>

using namespace mlir;
using namespace mlc;

namespace {

using Dims = Extents::Dims;

class Follower {
public:
  Follower(Node &node, Operation *op)
      : node(node), extents(node.importer.extents), op(op) {}

  /// The result, its dimensions set; null where refused.
  Value run() {
    result = op->getResult(0);
    // What the op is to read comes before it.
    OpBuilder::InsertionGuard guard(node.builder);
    node.builder.setInsertionPoint(op);
    if (failed(dispatch()))
      return {};
    // What a rule computes otherwise has its dimensions from its own ops.
    if (result == op->getResult(0))
      extents.set(result, dims);
    return result;
  }

private:
  LogicalResult dispatch();
  bool readsAmong();
  LogicalResult broadcast();
  LogicalResult follow(nn::ReshapeOp reshape);
  LogicalResult follow(nn::TransposeOp transpose);
  LogicalResult follow(nn::SliceOp slice);
  LogicalResult follow(nn::PadOp pad);
  LogicalResult follow(nn::ConcatOp concat);
  LogicalResult follow(nn::GatherOp gather);
  LogicalResult follow(nn::ScatterOp scatter);
  LogicalResult follow(nn::OrderOp order);
  LogicalResult follow(nn::ReduceOp reduce);
  LogicalResult follow(nn::SoftmaxOp softmax);
  LogicalResult follow(nn::MatmulOp matmul);
  LogicalResult followRegions();
  /// Of operand 0 alone, where `isRowWise` says of each dimension whether the
  /// op keeps it; the others must be static.
  LogicalResult keep(llvm::function_ref<bool(int64_t)> isRowWise);

  /// Adds a dimension; refuses two extents for one.
  LogicalResult add(int64_t axis, const Extent &extent);
  LogicalResult refuse(const Twine &what);
  void mask(unsigned operand, ArrayRef<int64_t> axes, double fill) {
    if (Value v = masked(node, op->getOperand(operand), axes, fill))
      op->setOperand(operand, v);
  }
  ArrayRef<int64_t> shapeOf(unsigned operand) {
    return nn::shapeOf(op->getOperand(operand));
  }
  /// A copy: rules make ops, whose dimensions are recorded.
  Dims dimsOf(unsigned operand) {
    return Dims(extents.dimsOf(op->getOperand(operand)));
  }

  Node &node;
  Extents &extents;
  Operation *op;
  Value result;
  Dims dims;
};

LogicalResult Follower::refuse(const Twine &what) {
  return node.fail(what +
                   ", and reads a tensor of as many rows as are found at "
                   "run time; take a fixed number of them before (TopK), "
                   "or leave this to the caller");
}

LogicalResult Follower::add(int64_t axis, const Extent &extent) {
  for (const BoundedDim &dim : dims)
    if (dim.axis == axis)
      return isSame(dim.extent, extent)
                 ? success()
                 : refuse("combines rows of two different numbers");
  dims.push_back({axis, extent});
  return success();
}

/// Elementwise ops: dimensions meet from the last one on.
LogicalResult Follower::broadcast() {
  int64_t rank = nn::shapeOf(op->getResult(0)).size();
  for (unsigned i = 0; i < op->getNumOperands(); ++i) {
    int64_t lead = rank - static_cast<int64_t>(shapeOf(i).size());
    for (const BoundedDim &dim : dimsOf(i)) {
      int64_t axis = dim.axis + lead;
      if (shapeOf(i)[dim.axis] != nn::shapeOf(op->getResult(0))[axis])
        return refuse("repeats a row that may not be there");
      if (failed(add(axis, dim.extent)))
        return failure();
    }
  }
  return success();
}

LogicalResult Follower::keep(llvm::function_ref<bool(int64_t)> isRowWise) {
  for (unsigned i = 1; i < op->getNumOperands(); ++i)
    if (!dimsOf(i).empty())
      return refuse("takes parameters for all rows");
  for (const BoundedDim &dim : dimsOf(0))
    if (!isRowWise(dim.axis))
      return refuse("computes across rows");
    else if (failed(add(dim.axis, dim.extent)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

LogicalResult Follower::follow(nn::ReshapeOp reshape) {
  for (const BoundedDim &dim : dimsOf(0)) {
    BoundedDim moved = dim.reshaped(shapeOf(0), reshape.getType().getShape());
    if (moved.axis < 0)
      dims.push_back(moved);
    else if (failed(add(moved.axis, moved.extent)))
      return failure();
  }
  return success();
}

LogicalResult Follower::follow(nn::TransposeOp transpose) {
  for (const BoundedDim &dim : dimsOf(0)) {
    auto place = llvm::find(transpose.getPermutation(), dim.axis);
    if (failed(add(place - transpose.getPermutation().begin(), dim.extent)))
      return failure();
  }
  return success();
}

LogicalResult Follower::follow(nn::SliceOp slice) {
  for (const BoundedDim &dim : dimsOf(0)) {
    int64_t start = slice.getStarts()[dim.axis],
            size = slice.getSizes()[dim.axis];
    if (slice.getSteps()[dim.axis] != 1 && size > 1)
      return refuse("takes rows in steps");
    Extent left = dim.extent;
    if (start > 0) {
      Value v = withScalar<nn::SubOp>(node, valueOf(node, left), start);
      v = withScalar<nn::MaxOp>(node, v, 0);
      left = extentOf(v, shapeOf(0)[dim.axis] - start);
    }
    if (failed(add(dim.axis, cap(node, left, size))))
      return failure();
  }
  return success();
}

/// Padding in front moves the rows; padding behind follows the last one, so
/// that the rows beyond it hold its value before.
LogicalResult Follower::follow(nn::PadOp pad) {
  int64_t rank = shapeOf(0).size();
  for (const BoundedDim &dim : dimsOf(0)) {
    int64_t begin = pad.getPads()[dim.axis],
            end = pad.getPads()[rank + dim.axis];
    if (begin != 0 || end != 0) {
      if (pad.getMode() != nn::PadMode::constant)
        return refuse("repeats the last rows");
      Value fill = masked(node, pad.getInput(), dim.axis, pad.getValue());
      if (!fill)
        return failure();
      pad.getInputMutable().assign(fill);
    }
    if (failed(add(dim.axis, dim.extent.plus(begin + end))))
      return failure();
  }
  return success();
}

/// Along the axis, the rows of each part follow the last one of the part
/// before: a gather from the parts side by side.
LogicalResult Follower::follow(nn::ConcatOp concat) {
  int64_t axis = concat.getAxis();
  SmallVector<Extent> parts;
  bool isStatic = true;
  for (unsigned i = 0; i < op->getNumOperands(); ++i) {
    parts.push_back(Extent::constant(shapeOf(i)[axis]));
    for (const BoundedDim &dim : dimsOf(i)) {
      if (dim.axis == axis) {
        parts.back() = dim.extent;
        isStatic = false;
      } else if (failed(add(dim.axis, dim.extent))) {
        return failure();
      }
    }
  }
  if (isStatic)
    return success();
  node.builder.setInsertionPointAfter(op);
  extents.set(result, dims);
  int64_t total = nn::shapeOf(result)[axis], first = 0;
  Value places = iota(node, total, node.builder.getI64Type(), 0, 1), from;
  Value start = valueOf(node, Extent::constant(0));
  for (auto [i, part] : llvm::enumerate(parts)) {
    Value own = node.create<nn::SubOp>(places, start);
    own = withScalar<nn::AddOp>(node, own, first);
    Value isOwn = node.create<nn::GreaterOrEqualOp>(places, start);
    from = from ? node.create<nn::SelectOp>(isOwn, own, from) : own;
    start = node.create<nn::AddOp>(start, valueOf(node, part));
    first += shapeOf(i)[axis];
  }
  result = node.create<nn::GatherOp>(result, from,
                                     node.builder.getI64IntegerAttr(axis));
  if (!result)
    return failure();
  Dims all(extents.dimsOf(result));
  all.push_back({axis, extentOf(start, total)});
  extents.set(result, all);
  return success();
}

LogicalResult Follower::follow(nn::GatherOp gather) {
  int64_t axis = gather.getAxis(), indexRank = shapeOf(1).size();
  for (const BoundedDim &dim : dimsOf(1)) {
    if (failed(add(axis + dim.axis, dim.extent)))
      return failure();
  }
  for (const BoundedDim &dim : dimsOf(0)) {
    if (dim.axis < 0)
      continue;
    if (dim.axis != axis) {
      int64_t moved = dim.axis < axis ? dim.axis : dim.axis + indexRank - 1;
      if (failed(add(moved, dim.extent)))
        return failure();
      continue;
    }
    // Indices that count from the end count from the extent's.
    Value wrapped =
        wrapIndices(node, gather.getIndices(), shapeOf(0)[axis], dim.extent);
    if (!wrapped)
      return failure();
    gather.getIndicesMutable().assign(wrapped);
  }
  return success();
}

/// Only rows below the extent are written.
LogicalResult Follower::follow(nn::ScatterOp scatter) {
  // Converters count negative indices from the end of the data.
  for (const BoundedDim &dim : dimsOf(0))
    if (dim.axis != 0)
      return refuse("writes into rows");
    else if (failed(add(0, dim.extent)))
      return failure();
  std::optional<Extent> count;
  for (unsigned i : {1, 2})
    for (const BoundedDim &dim : dimsOf(i)) {
      if (dim.axis != 0)
        return refuse("writes a part of each row");
      if (count && !isSame(*count, dim.extent))
        return refuse("writes rows of one number at places of another");
      count = dim.extent;
    }
  if (!count)
    return success();
  Value v = valueOf(node, *count);
  if (!v)
    return failure();
  scatter.getCountMutable().assign(v);
  return success();
}

//===----------------------------------------------------------------------===//
// What goes along a dimension
//===----------------------------------------------------------------------===//

/// What is padded comes last in the order.
LogicalResult Follower::follow(nn::OrderOp order) {
  int64_t axis = order.getAxis();
  Type element = order.getInput().getType().getElementType();
  for (const BoundedDim &dim : dimsOf(0)) {
    Extent left = dim.extent;
    if (dim.axis == axis) {
      double last = !order.getDescending() && isa<FloatType>(element)
                        ? std::numeric_limits<double>::quiet_NaN()
                        : extremeOf(element, !order.getDescending());
      mask(0, axis, last);
      left = cap(node, left, order.getCount());
    }
    if (failed(add(dim.axis, left)))
      return failure();
  }
  return success();
}

/// What padding holds so that a reduction does not see it.
double neutralOf(nn::ReduceKind kind, Type element) {
  switch (kind) {
  case nn::ReduceKind::prod:
    return 1;
  case nn::ReduceKind::max:
  case nn::ReduceKind::log_sum_exp:
    return extremeOf(element, false);
  case nn::ReduceKind::min:
    return extremeOf(element, true);
  default:
    return 0;
  }
}

LogicalResult Follower::follow(nn::ReduceOp reduce) {
  SmallVector<int64_t> axes(reduce.getAxes()), over;
  Type element = reduce.getInput().getType().getElementType();
  Value count;
  int64_t others = 1;
  for (int64_t axis : axes)
    others *= extents.along(reduce.getInput(), axis) ? 1 : shapeOf(0)[axis];
  for (const BoundedDim &dim : dimsOf(0)) {
    if (llvm::is_contained(axes, dim.axis)) {
      over.push_back(dim.axis);
      Value v = valueOf(node, dim.extent);
      count = count ? node.create<nn::MulOp>(count, v) : v;
      continue;
    }
    int64_t gone =
        llvm::count_if(axes, [&](int64_t a) { return a < dim.axis; });
    if (failed(add(dim.axis - (reduce.getKeepdims() ? 0 : gone), dim.extent)))
      return failure();
  }
  if (over.empty())
    return success();
  nn::ReduceKind kind = reduce.getKind();
  mask(0, over, neutralOf(kind, element));
  if (kind != nn::ReduceKind::mean)
    return success();
  if (!isa<FloatType>(element))
    return refuse("takes the mean of integers");
  reduce.setKind(nn::ReduceKind::sum);
  node.builder.setInsertionPointAfter(op);
  extents.set(result, dims);
  count = node.cast(withScalar<nn::MulOp>(node, count, others), element);
  result = node.create<nn::DivOp>(result, count);
  return success(result != nullptr);
}

LogicalResult Follower::follow(nn::SoftmaxOp softmax) {
  int64_t axis = softmax.getAxis();
  if (extents.along(softmax.getInput(), axis))
    mask(0, axis, -std::numeric_limits<double>::infinity());
  dims = dimsOf(0);
  return success();
}

/// The contracted dimension is masked on both sides, for 0 times NaN is not 0.
/// A bias, where a converter gives one, is constant.
LogicalResult Follower::follow(nn::MatmulOp matmul) {
  int64_t rank = matmul.getType().getRank();
  for (unsigned i : {0, 1}) {
    int64_t own = shapeOf(i).size();
    int64_t inner = i == 0 || matmul.getTransposeRhs() ? own - 1 : own - 2;
    for (const BoundedDim &dim : dimsOf(i)) {
      if (dim.axis == inner)
        continue;
      bool isOuter = dim.axis >= own - 2;
      int64_t axis = !isOuter ? dim.axis + rank - own : rank - 2 + (i == 1);
      if (failed(add(axis, dim.extent)))
        return failure();
    }
    Value other = op->getOperand(1 - i);
    int64_t otherInner = i == 1 || matmul.getTransposeRhs()
                             ? nn::shapeOf(other).size() - 1
                             : nn::shapeOf(other).size() - 2;
    std::optional<Extent> extent = extents.along(op->getOperand(i), inner);
    if (extent && !extents.along(other, otherInner)) {
      Value v = bounded(node, other, {{otherInner, *extent}});
      op->setOperand(1 - i, v);
      mask(1 - i, otherInner, 0);
    }
    if (extent)
      mask(i, inner, 0);
  }
  return success();
}

/// A result for each region.
LogicalResult Follower::followRegions() {
  if (!dimsOf(0).empty())
    return refuse("samples images");
  for (unsigned i : {1, 2})
    for (const BoundedDim &dim : dimsOf(i))
      if (dim.axis != 0)
        return refuse("takes regions of a part of the numbers");
      else if (failed(add(0, dim.extent)))
        return failure();
  return success();
}

/// Whether padding lies among an operand's elements, which a reshape leaves
/// there and a gather of whole rows passes over.
bool Follower::readsAmong() {
  auto gather = dyn_cast<nn::GatherOp>(op);
  unsigned first = gather && gather.getAxis() == 0 ? 1 : 0;
  return !isa<nn::ReshapeOp>(op) &&
         llvm::any_of(llvm::seq(first, op->getNumOperands()), [&](unsigned i) {
           return llvm::any_of(
               dimsOf(i), [](const BoundedDim &dim) { return dim.axis < 0; });
         });
}

LogicalResult Follower::dispatch() {
  if (readsAmong())
    return refuse("reads elements that padding lies among");
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<nn::ReshapeOp, nn::TransposeOp, nn::SliceOp, nn::PadOp,
            nn::ConcatOp, nn::GatherOp, nn::ScatterOp, nn::OrderOp,
            nn::ReduceOp, nn::SoftmaxOp, nn::MatmulOp>(
          [&](auto known) { return follow(known); })
      .Case<nn::BroadcastOp>([&](auto) { return broadcast(); })
      .Case<nn::ConvOp>(
          [&](auto) { return keep([](int64_t axis) { return axis == 0; }); })
      .Case<nn::PoolOp>(
          [&](auto) { return keep([](int64_t axis) { return axis < 2; }); })
      .Case<nn::BatchNormOp>(
          [&](auto) { return keep([](int64_t axis) { return axis != 1; }); })
      .Case<nn::RoiAlignOp>([&](auto) { return followRegions(); })
      .Case<nn::ResampleOp>([&](nn::ResampleOp resample) {
        return keep([&](int64_t axis) {
          return axis != static_cast<int64_t>(resample.getAxis());
        });
      })
      .Default([&](Operation *other) {
        return isa<nn::ElementwiseOpInterface>(other)
                   ? broadcast()
                   : refuse("computes across rows");
      });
}

} // namespace

Value Extents::follow(Node &node, Operation *op) {
  followed.insert(op);
  bool isBounded = llvm::any_of(op->getOperands(),
                                [&](Value v) { return !dimsOf(v).empty(); });
  Value result = isBounded ? Follower(node, op).run() : op->getResult(0);
  if (!result)
    return {};
  std::optional<Sizes> known = followSizes(*this, op);
  if (!known)
    return result;
  if (!llvm::all_of(*known, [](const Extent &e) { return e.isConstant(); })) {
    setSizes(result, *known);
    return result;
  }
  auto type = cast<RankedTensorType>(result.getType());
  unsigned width = type.getElementTypeBitWidth();
  auto values = llvm::map_to_vector(*known, [&](const Extent &e) {
    return APInt(64, e.offset).trunc(width);
  });
  return node.constant(DenseElementsAttr::get(type, ArrayRef<APInt>(values)));
}
