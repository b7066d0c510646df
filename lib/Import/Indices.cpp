//===- Indices.cpp - What must hold of indices ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Indices.h"

#include "Import/Compose.h"

using namespace mlir;
using namespace mlc;

void mlc::requireIndices(Node &node, Value indices, int64_t size) {
  if (!indices || node.constantOf(indices) ||
      cast<RankedTensorType>(indices.getType()).getNumElements() == 0)
    return;
  // i + size below 2 * size, both unsigned: one comparison for both ends.
  Builder &b = node.builder;
  bool isUnsigned = nn::elementOf(indices).isUnsignedInteger();
  Value v = node.cast(indices, b.getI64Type());
  if (!isUnsigned)
    v = withScalar<nn::AddOp>(node, v, size);
  if (v)
    v = node.cast(v, b.getIntegerType(64, /*isSigned=*/false));
  Value isInside =
      withScalar<nn::LessOp>(node, v, isUnsigned ? size : 2 * size);
  if (!isInside)
    return;
  int64_t rank = nn::shapeOf(isInside).size();
  Value all = reduce(node, isInside, nn::ReduceKind::min,
                     llvm::to_vector(llvm::seq<int64_t>(0, rank)), false);
  if (all)
    nn::RequireOp::create(node.builder, node.loc, all);
}
