//===- ConvertContribNorm.cpp - Fused normalisations of onnxruntime -------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/Norms.h"
#include "Import/Quantization.h"

using namespace mlir;
using namespace mlc;

namespace {

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// `v` normalised over its last dimension, times gamma, plus beta, which may be
/// null, as `element`.
Normalized layer(Node &node, Value v, Type element, Value gamma, Value beta,
                 bool hasMean) {
  if (!v || !gamma)
    return {};
  int64_t rank = nn::shapeOf(v).size();
  if (rank < 1 || nn::shapeOf(gamma) != ArrayRef{nn::shapeOf(v)[rank - 1]}) {
    node.error() << "input is " << v.getType() << " and gamma "
                 << gamma.getType()
                 << ", a value an element of the last dimension is required";
    return {};
  }
  double epsilon = node.floatAttr("epsilon", 1e-12f);
  Type stash = nn::elementOf(v);
  Normalized n = hasMean ? normalize(node, v, {rank - 1}, epsilon)
                         : normalizeSquares(node, v, {rank - 1}, epsilon);
  n.y = node.create<nn::MulOp>(n.y, node.cast(gamma, stash));
  if (beta)
    n.y = node.create<nn::AddOp>(n.y, node.cast(beta, stash));
  n.y = n.y ? node.cast(n.y, element) : Value();
  return n;
}

/// Input + skip + bias, then a layer, in f32 where the type is narrower.
/// Outputs are the result, the mean, one over the deviation, and the sum.
Values skipNorm(Node &node, Value beta, Value bias, bool hasMean) {
  Value x = node.input(0), skip = node.input(1), gamma = node.input(2);
  if (!x || !skip)
    return {};
  Type element = nn::elementOf(x), stash = stashType(x);
  Value sum =
      node.create<nn::AddOp>(node.cast(x, stash), node.cast(skip, stash));
  if (!sum)
    return {};
  if (nn::shapeOf(sum) != nn::shapeOf(x)) {
    node.error() << "skip is " << skip.getType()
                 << ", which does not broadcast "
                 << "to the input's " << x.getType();
    return {};
  }
  if (bias)
    sum = node.create<nn::AddOp>(sum, node.cast(bias, stash));
  Normalized n = layer(node, sum, element, gamma, beta, hasMean);
  if (!hasMean && node.hasOutput(1)) {
    node.error() << "has no mean to give as output 1";
    return {};
  }
  if (!sum)
    return {};
  return {n.y, n.mean, n.inverse, node.cast(sum, element)};
}

Values skipLayerNorm(Node &node) {
  return skipNorm(node, node.optionalInput(3), node.optionalInput(4), true);
}

Values skipSimplifiedLayerNorm(Node &node) {
  return skipNorm(node, Value(), node.optionalInput(3), false);
}

//===----------------------------------------------------------------------===//
// Embeddings
//===----------------------------------------------------------------------===//

/// The inputs of EmbedLayerNormalization as floats; null where absent.
struct Embedding {
  Value ids, segments, words, positions, segmentTable, gamma, beta, mask;
  Value positionIds;
};

/// The number of words a row of the mask marks, i32 [B].
Value maskIndex(Node &node, const Embedding &e) {
  int64_t batch = nn::shapeOf(e.ids)[0];
  Type i32 = node.builder.getI32Type();
  if (!e.mask)
    return broadcast(node, node.scalar(i32, 0), {batch});
  Value isMarked = withScalar<nn::EqualOp>(node, e.mask, 1);
  if (!isMarked)
    return {};
  return reduce(node, node.cast(isMarked, i32), nn::ReduceKind::sum, {1},
                false);
}

Values embed(Node &node, const Embedding &e) {
  if (node.failed())
    return {};
  if (nn::shapeOf(e.ids).size() != 2 || nn::shapeOf(e.words).size() != 2 ||
      nn::shapeOf(e.positions).size() != 2) {
    node.error() << "input_ids, word_embedding and position_embedding are "
                 << e.ids.getType() << ", " << e.words.getType() << " and "
                 << e.positions.getType() << ", rank 2 is required";
    return {};
  }
  int64_t length = nn::shapeOf(e.ids)[1];
  if (!e.positionIds && nn::shapeOf(e.positions)[0] < length) {
    node.error() << "has " << nn::shapeOf(e.positions)[0]
                 << " positions for sequences of " << length;
    return {};
  }
  Type element = nn::elementOf(e.words), stash = stashType(e.words);
  auto wide = [&](Value v) { return v ? node.cast(v, stash) : Value(); };
  Value positions = e.positionIds ? gatherRows(node, e.positions, e.positionIds)
                                  : node.slice(e.positions, 0, 0, length);
  Value sum = node.create<nn::AddOp>(wide(gatherRows(node, e.words, e.ids)),
                                     wide(positions));
  if (e.segments && e.segmentTable)
    sum = node.create<nn::AddOp>(
        sum, wide(gatherRows(node, e.segmentTable, e.segments)));
  Normalized n = layer(node, sum, element, e.gamma, e.beta, true);
  if (!sum)
    return {};
  return {n.y, maskIndex(node, e), node.cast(sum, element)};
}

Values embedLayerNorm(Node &node) {
  return embed(node,
               {node.input(0), node.optionalInput(1), node.input(2),
                node.input(3), node.optionalInput(4), node.input(5),
                node.input(6), node.optionalInput(7), node.optionalInput(8)});
}

/// The same on quantised tables: scales are inputs 8 to 12, zero points 13 to
/// 17.
Values quantizedEmbedLayerNorm(Node &node) {
  auto table = [&](size_t i, size_t k) {
    Value v = node.input(i), scale = node.input(8 + k),
          zeroPoint = node.input(13 + k);
    if (!v || !scale || !zeroPoint)
      return Value();
    return dequantize(node, v, node.reshape(scale, {}),
                      node.reshape(zeroPoint, {}));
  };
  bool hasSegments = node.hasInput(1) && node.hasInput(4);
  return embed(node,
               {node.input(0), node.optionalInput(1), table(2, 0), table(3, 1),
                hasSegments ? table(4, 2) : Value(), table(5, 3), table(6, 4),
                node.optionalInput(7), Value()});
}

//===----------------------------------------------------------------------===//
// Groups of channels
//===----------------------------------------------------------------------===//

Value groupNormOf(Node &node, Value x, Value gamma, Value beta) {
  if (!x || !gamma || !beta)
    return {};
  bool isLast = node.intAttr("channels_last", 1);
  int64_t rank = nn::shapeOf(x).size(), groups = node.intAttr("groups", 0);
  if (rank < 3 || groups < 1 ||
      nn::shapeOf(x)[isLast ? rank - 1 : 1] % groups != 0) {
    node.error() << "channels of " << x.getType() << " do not make " << groups
                 << " groups";
    return {};
  }
  Type element = nn::elementOf(x), stash = stashType(x);
  SmallVector<int64_t> shape(nn::shapeOf(x)), split(shape), axes, affine;
  int64_t c = isLast ? rank - 1 : 1, channels = shape[c];
  split[c] = groups;
  split.insert(split.begin() + c + 1, channels / groups);
  for (int64_t d = 1; d <= rank; ++d)
    if (d != c)
      axes.push_back(d);
  affine.assign(isLast ? 1 : rank - 1, 1);
  affine.front() = channels;
  Value wide = node.reshape(node.cast(x, stash), split);
  Value y = node.reshape(
      normalize(node, wide, axes, node.floatAttr("epsilon", 1e-5f)).y, shape);
  y = node.create<nn::MulOp>(y, node.reshape(node.cast(gamma, stash), affine));
  y = node.create<nn::AddOp>(y, node.reshape(node.cast(beta, stash), affine));
  if (y && node.intAttr("activation", 0) != 0)
    y = node.create<nn::SwishOp>(y, node.builder.getF64FloatAttr(1));
  return y ? node.cast(y, element) : Value();
}

Values groupNorm(Node &node) {
  return {groupNormOf(node, node.input(0), node.input(1), node.input(2))};
}

/// X + skip + bias first; skip may be one value per channel of each image.
Values skipGroupNorm(Node &node) {
  Value x = node.input(0), skip = node.input(3);
  if (!x || !skip)
    return {};
  int64_t rank = nn::shapeOf(x).size();
  if (nn::shapeOf(skip).size() == 2 && rank > 2) {
    SmallVector<int64_t> shape(rank, 1);
    shape[0] = nn::shapeOf(skip)[0];
    shape[node.intAttr("channels_last", 1) ? rank - 1 : 1] =
        nn::shapeOf(skip)[1];
    skip = node.reshape(skip, shape);
  }
  Value sum = node.create<nn::AddOp>(x, skip);
  if (Value bias = node.optionalInput(4))
    sum = node.create<nn::AddOp>(sum, node.intAttr("channels_last", 1)
                                          ? bias
                                          : perChannel(node, bias, rank));
  return {groupNormOf(node, sum, node.input(1), node.input(2)), sum};
}

} // namespace

llvm::ArrayRef<Converter> mlc::contribNormConverters() {
  static const Converter table[] = {
      {"EmbedLayerNormalization", embedLayerNorm, kMicrosoft},
      {"GroupNorm", groupNorm, kMicrosoft},
      {"QEmbedLayerNormalization", quantizedEmbedLayerNorm, kMicrosoft},
      {"SkipGroupNorm", skipGroupNorm, kMicrosoft},
      {"SkipLayerNormalization", skipLayerNorm, kMicrosoft},
      {"SkipSimplifiedLayerNormalization", skipSimplifiedLayerNorm, kMicrosoft},
  };
  return table;
}
