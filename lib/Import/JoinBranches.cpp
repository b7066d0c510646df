//===- JoinBranches.cpp - Results of If as large as either's --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/JoinBranches.h"

#include "Import/Compose.h"
#include "Import/GraphImporter.h"

using namespace mlir;
using namespace mlc;

static bool differInSizesAlone(Value a, Value b) {
  return nn::elementOf(a) == nn::elementOf(b) &&
         nn::shapeOf(a).size() == nn::shapeOf(b).size();
}

static Extent extentAlong(Node &node, Value v, int64_t axis) {
  std::optional<Extent> extent = node.importer.extents.along(v, axis);
  return extent ? *extent : Extent::constant(nn::shapeOf(v)[axis]);
}

void BranchJoiner::join(Values &onTrue, Values &onFalse) {
  for (unsigned i = 0, e = std::min(onTrue.size(), onFalse.size()); i < e;
       ++i) {
    Value values[2] = {onTrue[i], onFalse[i]};
    if (!differInSizesAlone(values[0], values[1]))
      continue;
    int64_t rank = nn::shapeOf(values[0]).size();
    for (int64_t axis = 0; axis < rank && !node.failed(); ++axis)
      joinAxis(i, axis, values);
    onTrue[i] = values[0];
    onFalse[i] = values[1];
  }
  onTrue.append(sizes[0]);
  onFalse.append(sizes[1]);
}

void BranchJoiner::joinAxis(unsigned i, int64_t axis, Value (&values)[2]) {
  Extent extents[2] = {extentAlong(node, values[0], axis),
                       extentAlong(node, values[1], axis)};
  if (extents[0].isConstant() && isSame(extents[0], extents[1]))
    return;
  int64_t most =
      std::max(nn::shapeOf(values[0])[axis], nn::shapeOf(values[1])[axis]);
  for (int branch : {0, 1}) {
    OpBuilder::InsertionGuard guard(node.builder);
    node.builder.setInsertionPointToEnd(blocks[branch]);
    sizes[branch].push_back(valueOf(node, extents[branch]));
    values[branch] = fit(values[branch], axis, most);
  }
  counted.push_back({i, axis, most});
}

/// `v` with `size` elements along `axis`, those behind its own of any value.
Value BranchJoiner::fit(Value v, int64_t axis, int64_t size) {
  v = released(node, v, axis);
  SmallVector<int64_t> pads(2 * nn::shapeOf(v).size());
  pads[pads.size() / 2 + axis] = size - nn::shapeOf(v)[axis];
  return padWithZeros(node, v, pads);
}

void BranchJoiner::finish(Values &results) {
  size_t first = results.size() - counted.size();
  SmallVector<Extents::Dims> dims(first);
  for (auto [i, place] : llvm::enumerate(counted))
    dims[place.result].push_back(
        {place.axis, extentOf(results[first + i], place.most)});
  results.truncate(first);
  for (auto [result, list] : llvm::zip(results, dims))
    result = bounded(node, result, list);
}
