//===- ConvertUnique.cpp - Unique -----------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rows are sorted, stably, so that equal ones are neighbours, the first of them
// first: where a row differs from the one before, a group begins.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/GraphImporter.h"

using namespace mlir;
using namespace mlc;

namespace {

using Dims = llvm::SmallVector<int64_t>;

/// Elements of a row: each sorts all rows once.
constexpr int64_t kMostColumns = 1024;

class UniqueRows {
public:
  /// Of `rows` [count, width].
  UniqueRows(Node &node, Value rows)
      : node(node), rows(rows), count(nn::shapeOf(rows)[0]),
        width(nn::shapeOf(rows)[1]), i64(node.builder.getI64Type()) {}

  /// The rows that are kept, by number, bounded; how many of each there are,
  /// bounded; and the place of each row's like among them, [count].
  struct Result {
    Value first, counts, inverse;
  };

  Result run(bool isSorted) {
    Value order = sort();
    Value begins = beginnings(order);
    Value groups =
        cumulative<nn::AddOp>(node, node.cast(begins, i64), 0, false, 0);
    groups = withScalar<nn::SubOp>(node, groups, 1);
    Value places = findTrue(node, begins);
    if (!places || !groups)
      return {};
    Value first = gatherRows(node, order, places), counts = sizesOf(places);
    Value inverse = scattered(order, groups, count);
    if (!isSorted)
      reorder(first, counts, inverse);
    return {first, counts, inverse};
  }

private:
  Value orderOf(Value keys) {
    Builder &b = node.builder;
    return node.create<nn::OrderOp>(keys, b.getI64IntegerAttr(0),
                                    b.getI64IntegerAttr(nn::shapeOf(keys)[0]),
                                    UnitAttr());
  }

  /// The numbers of the rows in lexicographic order: by the last column first.
  Value sort() {
    Value order;
    for (int64_t column = width - 1; column >= 0 && !node.failed(); --column) {
      Value keys = node.reshape(node.slice(rows, 1, column, 1), {count});
      if (!order) {
        order = orderOf(keys);
        continue;
      }
      keys = gatherRows(node, keys, order);
      order = keys ? gatherRows(node, order, orderOf(keys)) : Value();
    }
    return order;
  }

  /// Whether each row in order differs from the one before.
  Value beginnings(Value order) {
    Value sorted = gatherRows(node, rows, order);
    if (!sorted)
      return {};
    Type flag = node.builder.getI1Type();
    Value yes = broadcast(node, node.scalar(flag, 1), {1});
    if (count == 1)
      return yes;
    Value same = node.create<nn::EqualOp>(node.slice(sorted, 0, 1, count - 1),
                                          node.slice(sorted, 0, 0, count - 1));
    if (!same)
      return {};
    Value differs = reduce(node, node.create<nn::NotOp>(same),
                           nn::ReduceKind::max, {1}, false);
    return concat(node, {yes, differs}, 0);
  }

  /// How far it is from each place to the next one, or the end.
  Value sizesOf(Value places) {
    Value ends = masked(node, places, {0}, count);
    Value next = shifted(node, ends, 0, 1, /*isReverse=*/true, count);
    return node.create<nn::SubOp>(next, places);
  }

  /// result[places[i]] = values[i], of [size].
  Value scattered(Value places, Value values, int64_t size) {
    if (!places || !values)
      return {};
    Value zeros = broadcast(node, node.scalar(i64, 0), {size, 1});
    auto assign = nn::ScatterKindAttr::get(node.builder.getContext(),
                                           nn::ScatterKind::assign);
    Value y = node.create<nn::ScatterOp>(
        zeros, places, node.reshape(values, {nn::shapeOf(values)[0], 1}),
        assign);
    return node.reshape(y, {size});
  }

  /// Groups in the order of their first rows.
  void reorder(Value &first, Value &counts, Value &inverse) {
    int64_t bound = nn::shapeOf(first)[0];
    Value order = orderOf(first);
    first = gatherRows(node, first, order);
    counts = gatherRows(node, counts, order);
    Value rank = scattered(order, iota(node, bound, i64, 0, 1), bound);
    inverse = rank ? gatherRows(node, rank, inverse) : Value();
  }

  Node &node;
  Value rows;
  int64_t count, width;
  Type i64;
};

Values unique(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  bool hasAxis = node.hasAttr("axis");
  if (!node.importer.extents.dimsOf(x).empty()) {
    node.error() << "reads a tensor of as many rows as are found at run time; "
                    "take a fixed number of them before (TopK)";
    return {};
  }
  if (!hasAxis)
    x = node.reshape(x, {dimProduct(nn::shapeOf(x))});
  Dims shape(nn::shapeOf(x));
  int64_t rank = shape.size();
  FailureOr<int64_t> axis =
      node.normalizeAxis(hasAxis ? node.intAttr("axis", 0) : 0, rank);
  if (failed(axis))
    return {};
  int64_t count = shape[*axis],
          width = dimProduct(shape) / std::max<int64_t>(1, count);
  if (dimProduct(shape) == 0 || width > kMostColumns) {
    node.error() << "finds unique rows of " << width << " elements among "
                 << count << "; at least one row, and rows of at most "
                 << kMostColumns << " elements, are supported";
    return {};
  }
  Dims there = {*axis};
  for (int64_t d = 0; d < rank; ++d)
    if (d != *axis)
      there.push_back(d);
  Value rows = node.reshape(node.transpose(x, there), {count, width});
  if (!rows)
    return {};
  UniqueRows::Result found =
      UniqueRows(node, rows).run(node.intAttr("sorted", 1));
  if (!found.first)
    return {};
  Value y = node.create<nn::GatherOp>(x, found.first,
                                      node.builder.getI64IntegerAttr(*axis));
  return {y, found.first, found.inverse, found.counts};
}

} // namespace

llvm::ArrayRef<Converter> mlc::uniqueConverters() {
  static const Converter table[] = {{"Unique", unique}};
  return table;
}
