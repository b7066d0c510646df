//===- ConvertScatter.cpp - Gathers and scatters of ONNX ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/GraphImporter.h"
#include "Import/Indices.h"

using namespace mlir;
using namespace mlc;

namespace {

std::optional<nn::ScatterKind> scatterKind(Node &node) {
  std::string name = node.stringAttr("reduction", "none");
  if (name == "none")
    return nn::ScatterKind::assign;
  std::optional<nn::ScatterKind> kind = nn::symbolizeScatterKind(name);
  if (!kind)
    node.error() << "reduction '" << name << "' is not supported";
  return kind;
}

//===----------------------------------------------------------------------===//
// Scatters whose places are known
//===----------------------------------------------------------------------===//

/// A box of a tensor: where it starts, and its size.
struct Box {
  llvm::SmallVector<int64_t> starts, sizes;
};

/// The box that `rows`, linear positions in `shape`, walk through in row-major
/// order, if they do.
std::optional<Box> boxOf(llvm::ArrayRef<int64_t> rows,
                         llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t> strides = nn::rowMajorStrides(shape);
  auto indexOf = [&](int64_t linear) {
    llvm::SmallVector<int64_t> index;
    for (int64_t stride : strides) {
      index.push_back(linear / stride);
      linear %= stride;
    }
    return index;
  };
  if (rows.empty())
    return std::nullopt;
  Box box{indexOf(rows.front()), {}};
  int64_t count = 1;
  for (auto [first, last] : llvm::zip(box.starts, indexOf(rows.back()))) {
    if (last < first)
      return std::nullopt;
    box.sizes.push_back(last - first + 1);
    count *= last - first + 1;
  }
  if (count != static_cast<int64_t>(rows.size()))
    return std::nullopt;
  llvm::SmallVector<int64_t> inner = nn::rowMajorStrides(box.sizes);
  for (auto [i, row] : llvm::enumerate(rows)) {
    int64_t expected = 0, left = i;
    for (size_t d = 0; d < shape.size(); ++d) {
      expected += (box.starts[d] + left / inner[d]) * strides[d];
      left %= inner[d];
    }
    if (row != expected)
      return std::nullopt;
  }
  return box;
}

/// `part` in the place of `box` in `whole`: a join of what is before, the part,
/// and what is behind, dimension by dimension.
Value insertBox(Node &node, Value whole, Value part, const Box &box,
                size_t d = 0) {
  if (!whole || !part || d == box.starts.size())
    return part;
  int64_t size = nn::shapeOf(whole)[d], start = box.starts[d],
          end = start + box.sizes[d];
  Value middle = node.slice(whole, d, start, box.sizes[d]);
  llvm::SmallVector<Value> parts;
  if (start > 0)
    parts.push_back(node.slice(whole, d, 0, start));
  parts.push_back(insertBox(node, middle, part, box, d + 1));
  if (end < size)
    parts.push_back(node.slice(whole, d, end, size - end));
  return concat(node, parts, d);
}

/// Row i of the result is row source(i) of `data` followed by `updates`.
Value selectRows(Node &node, Value data, Value updates,
                 llvm::ArrayRef<int64_t> rows) {
  int64_t count = nn::shapeOf(data)[0];
  llvm::SmallVector<int64_t> source =
      llvm::to_vector(llvm::seq<int64_t>(0, count));
  for (auto [i, row] : llvm::enumerate(rows))
    source[row] = count + i;
  Value both = concat(node, {data, updates}, 0);
  return gatherRows(node, both, node.constantI64(source));
}

/// Writes `updates` [K, M] into `data`, whose leading dimensions are `leading`,
/// at the linear positions `rows` [K] of these; null where they are not known.
Value scatterKnown(Node &node, Value data, llvm::ArrayRef<int64_t> leading,
                   Value rows, Value updates) {
  std::optional<llvm::SmallVector<int64_t>> known =
      nn::constantIntegers(node.constantOf(rows));
  if (!known)
    return {};
  int64_t count = dimProduct(leading);
  if (llvm::any_of(*known, [&](int64_t r) { return r < 0 || r >= count; }))
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(data));
  if (std::optional<Box> box = boxOf(*known, leading)) {
    llvm::SmallVector<int64_t> part(box->sizes);
    llvm::append_range(part, ArrayRef(shape).drop_front(leading.size()));
    return insertBox(node, data, node.reshape(updates, part), *box);
  }
  // An index of each row of the data, however few are written.
  if (count > nn::kMaxGrownBytes / int64_t(sizeof(int64_t)))
    return {};
  Value flat = node.reshape(data, {count, nn::shapeOf(updates)[1]});
  return node.reshape(selectRows(node, flat, updates, *known), shape);
}

/// As scatterKnown, for any positions and kinds.
Value scatter(Node &node, Value data, llvm::ArrayRef<int64_t> leading,
              Value rows, Value updates, nn::ScatterKind kind) {
  if (!data || !rows || !updates)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(data));
  if (dimProduct(shape) == 0 || dimProduct(nn::shapeOf(rows)) == 0)
    return data;
  if (kind == nn::ScatterKind::assign)
    if (Value y = scatterKnown(node, data, leading, rows, updates))
      return y;
  Value flat = node.reshape(
      data, {dimProduct(leading),
             dimProduct(ArrayRef(shape).drop_front(leading.size()))});
  auto kindAttr = nn::ScatterKindAttr::get(node.builder.getContext(), kind);
  Value y = node.create<nn::ScatterOp>(flat, rows, updates, kindAttr);
  return node.reshape(y, shape);
}

//===----------------------------------------------------------------------===//
// Linear positions
//===----------------------------------------------------------------------===//

/// Of index tuples [..., tuple] into the first dimensions of `data` after
/// `batch` of them: linear positions in those, of shape [...].
Value tuplePositions(Node &node, Value indices, Value data, int64_t batch) {
  llvm::ArrayRef<int64_t> shape = nn::shapeOf(data);
  llvm::SmallVector<int64_t> given(nn::shapeOf(indices));
  int64_t tuple = given.pop_back_val(), rank = given.size();
  llvm::SmallVector<int64_t> strides =
      nn::rowMajorStrides(shape.take_front(batch + tuple));
  Type i64 = node.builder.getI64Type();
  Value sum = broadcast(node, node.scalar(i64, 0), given);
  for (int64_t d = 0; d < batch; ++d)
    sum = node.create<nn::AddOp>(
        sum, iota(node, given[d], i64, d, rank, 0, strides[d]));
  for (int64_t t = 0; t < tuple; ++t) {
    Value part = node.reshape(node.slice(indices, rank, t, 1), given);
    requireIndices(node, part, shape[batch + t]);
    part = wrapIndicesWithin(node, part, shape[batch + t],
                             node.importer.extents.along(data, batch + t));
    part = withScalar<nn::MulOp>(node, part, strides[batch + t]);
    sum = node.create<nn::AddOp>(sum, part);
  }
  return sum;
}

LogicalResult checkTuple(Node &node, Value data, Value indices, int64_t batch) {
  ArrayRef<int64_t> shape = nn::shapeOf(data), given = nn::shapeOf(indices);
  int64_t rank = shape.size(), givenRank = given.size();
  if (givenRank < 1 || batch < 0 || batch >= givenRank || batch > rank ||
      given.back() > rank - batch ||
      given.take_front(batch) != shape.take_front(batch))
    return node.error() << "indices are " << indices.getType() << " with "
                        << batch << " batch dimensions, for data "
                        << data.getType();
  return success();
}

Values scatterND(Node &node) {
  Value data = node.input(0), indices = node.input(1), updates = node.input(2);
  if (!data || !indices || !updates ||
      failed(checkTuple(node, data, indices, 0)))
    return {};
  std::optional<nn::ScatterKind> kind = scatterKind(node);
  if (!kind)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(data)),
      given(nn::shapeOf(indices));
  int64_t tuple = given.back();
  int64_t rows = dimProduct(ArrayRef(given).drop_back());
  int64_t row = dimProduct(ArrayRef(shape).drop_front(tuple));
  Value positions =
      node.reshape(tuplePositions(node, indices, data, 0), {rows});
  return {scatter(node, data, ArrayRef(shape).take_front(tuple), positions,
                  node.reshape(updates, {rows, row}), *kind)};
}

Values scatterElements(Node &node) {
  Value data = node.input(0), indices = node.input(1), updates = node.input(2);
  if (!data || !indices || !updates)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(data));
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 0), shape.size());
  std::optional<nn::ScatterKind> kind = scatterKind(node);
  if (failed(axis) || !kind)
    return {};
  if (nn::shapeOf(indices).size() != shape.size() ||
      nn::shapeOf(updates) != nn::shapeOf(indices)) {
    node.error() << "indices are " << indices.getType() << " and updates "
                 << updates.getType() << " for data " << data.getType();
    return {};
  }
  int64_t count = dimProduct(nn::shapeOf(indices));
  requireIndices(node, indices, shape[*axis]);
  Value positions = elementPositions(node, indices, shape, *axis,
                                     node.importer.extents.along(data, *axis));
  return {scatter(node, data, shape, node.reshape(positions, {count}),
                  node.reshape(updates, {count, 1}), *kind)};
}

Values gatherElements(Node &node) {
  Value data = node.input(0), indices = node.input(1);
  if (!data || !indices)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(data)),
      given(nn::shapeOf(indices));
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 0), shape.size());
  if (failed(axis))
    return {};
  if (given.size() != shape.size()) {
    node.error() << "indices have rank " << given.size() << " and data "
                 << shape.size() << ", the same is required";
    return {};
  }
  requireIndices(node, indices, shape[*axis]);
  Value flat = node.reshape(data, {dimProduct(shape)});
  return {
      gatherRows(node, flat,
                 elementPositions(node, indices, shape, *axis,
                                  node.importer.extents.along(data, *axis)))};
}

Values gatherND(Node &node) {
  Value data = node.input(0), indices = node.input(1);
  int64_t batch = node.intAttr("batch_dims", 0);
  if (!data || !indices || failed(checkTuple(node, data, indices, batch)))
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(data)),
      result(nn::shapeOf(indices));
  int64_t leading = batch + result.pop_back_val();
  ArrayRef<int64_t> rest = ArrayRef(shape).drop_front(leading);
  Value flat =
      node.reshape(data, {dimProduct(ArrayRef(shape).take_front(leading)),
                          dimProduct(rest)});
  Value y = gatherRows(node, flat, tuplePositions(node, indices, data, batch));
  llvm::append_range(result, rest);
  return {node.reshape(y, result)};
}

/// Rows of a cache [batch, outer..., length, inner...] from where each sample
/// of the batch has got to, around its end where the mode is circular.
Values tensorScatter(Node &node) {
  Value cache = node.input(0), update = node.input(1);
  if (!cache || !update)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(cache)),
      given(nn::shapeOf(update));
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", -2), shape.size());
  std::string mode = node.stringAttr("mode", "linear");
  if (failed(axis))
    return {};
  llvm::SmallVector<int64_t> wanted(shape);
  if (given.size() == shape.size())
    wanted[*axis] = given[*axis];
  if (*axis == 0 || given != wanted || given[*axis] > shape[*axis] ||
      (mode != "linear" && mode != "circular")) {
    node.error() << "cache is " << cache.getType() << ", update "
                 << update.getType() << " and mode '" << mode << "' on axis "
                 << *axis;
    return {};
  }
  Type i64 = node.builder.getI64Type();
  int64_t batch = shape[0], length = shape[*axis], count = given[*axis],
          outer = dimProduct(ArrayRef(shape).slice(1, *axis - 1)),
          inner = dimProduct(ArrayRef(shape).drop_front(*axis + 1));
  Value place = iota(node, count, i64, 2, 3);
  if (node.hasInput(2)) {
    Value start = node.inputs()[2];
    if (nn::shapeOf(start) != ArrayRef<int64_t>{batch}) {
      node.error() << "write indices are " << start.getType() << ", " << batch
                   << " are required";
      return {};
    }
    // Around the end of a circular cache every start is one.
    int64_t ends = mode == "linear" ? length - count + 1 : INT64_MAX;
    if (std::optional<int64_t> i = nn::constantOutside(start, 0, ends)) {
      node.error() << "writes " << count << " from index " << *i
                   << " into a cache of " << length;
      return {};
    }
    start = node.reshape(node.cast(start, i64), {batch, 1, 1});
    place = node.create<nn::AddOp>(place, start);
  }
  if (mode == "circular")
    place = node.create<nn::ModOp>(place, node.scalar(i64, length), UnitAttr());
  place = node.create<nn::AddOp>(
      place, iota(node, batch, i64, 0, 3, 0, outer * length));
  place =
      node.create<nn::AddOp>(place, iota(node, outer, i64, 1, 3, 0, length));
  int64_t rows = batch * outer * count;
  return {scatter(node, cache, ArrayRef(shape).take_front(*axis + 1),
                  node.reshape(place, {rows}),
                  node.reshape(update, {rows, inner}),
                  nn::ScatterKind::assign)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::scatterConverters() {
  static const Converter table[] = {
      {"GatherElements", gatherElements}, {"GatherND", gatherND},
      {"Scatter", scatterElements},       {"ScatterElements", scatterElements},
      {"ScatterND", scatterND},           {"TensorScatter", tensorScatter},
  };
  return table;
}
