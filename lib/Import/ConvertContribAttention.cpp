//===- ConvertContribAttention.cpp - Attention of com.microsoft -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/AttentionParts.h"
#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/Products.h"
#include "Import/Quantization.h"

using namespace mlir;
using namespace mlc;

namespace {

/// What these operators cannot do with static shapes, or nowhere say.
LogicalResult refuseAttributes(Node &node, ArrayRef<StringRef> names) {
  for (StringRef name : names)
    if (node.intAttr(name, 0) != 0)
      return node.fail("attribute '" + name + "' is " +
                       llvm::Twine(node.intAttr(name, 0)) +
                       ", only 0 is supported");
  return success();
}

LogicalResult refuseInput(Node &node, size_t i, StringRef what) {
  if (!node.hasInput(i))
    return success();
  return node.fail("input " + llvm::Twine(i) + " ('" + node.proto.input(i) +
                   "', " + what + ") is not supported");
}

int64_t headsOf(Node &node) {
  int64_t heads = node.intAttr("num_heads", 0);
  if (heads < 1)
    node.error() << "num_heads is " << heads << ", at least 1 is required";
  return heads;
}

/// Keys (or values) of the past [B, N, P, H] with new ones behind them.
Value behind(Node &node, Value past, Value fresh) {
  if (!past || !fresh || node.failed())
    return fresh;
  ArrayRef<int64_t> a = nn::shapeOf(past), b = nn::shapeOf(fresh);
  if (a.size() != 4 || a[0] != b[0] || a[1] != b[1] || a[3] != b[3]) {
    node.error() << "past is " << past.getType() << " and what follows it "
                 << fresh.getType();
    return {};
  }
  return concat(node, {past, fresh}, 2);
}

int64_t pastLength(Value past) { return past ? nn::shapeOf(past)[2] : 0; }

/// The mask of padding and of the order of time, or null; the first from input
/// `i`.
Value maskOf(Node &node, size_t i, Value q, Value k, int64_t past) {
  if (!q || !k)
    return {};
  AttentionSizes sizes = {nn::shapeOf(q)[0], nn::shapeOf(q)[2], past,
                          nn::shapeOf(k)[2]};
  Type element = nn::elementOf(q);
  Value mask =
      paddingMask(node, node.optionalInput(i), sizes,
                  node.floatAttr("mask_filter_value", -10000), element);
  return node.intAttr("unidirectional", 0)
             ? causalMask(node, mask, sizes, element)
             : mask;
}

/// A bias of scores broadcasts to [B, N, S, T].
Value scoreBias(Node &node, size_t i, Value q, Value k) {
  Value bias = node.optionalInput(i);
  if (!bias || !q || !k || node.failed())
    return {};
  ArrayRef<int64_t> shape = nn::shapeOf(bias), query = nn::shapeOf(q);
  int64_t total = nn::shapeOf(k)[2];
  if (shape.size() != 4 || (shape[0] != 1 && shape[0] != query[0]) ||
      (shape[1] != 1 && shape[1] != query[1]) || shape[2] != query[2] ||
      shape[3] != total)
    node.error() << "attention_bias is " << bias.getType() << ", [" << query[0]
                 << " or 1, " << query[1] << " or 1, " << query[2] << ", "
                 << total << "] is required";
  return node.failed() ? Value() : bias;
}

//===----------------------------------------------------------------------===//
// Attention, QAttention
//===----------------------------------------------------------------------===//

/// Where Attention and QAttention have their inputs.
struct AttentionInputs {
  size_t mask, past, bias;
};

/// Attention on `projected`, queries, keys and values side by side [B, S, D].
Values attentionOn(Node &node, Value projected, AttentionInputs inputs) {
  int64_t heads = headsOf(node);
  if (!projected || node.failed())
    return {};
  if (nn::shapeOf(projected).size() != 3 ||
      !isa<FloatType>(nn::elementOf(projected))) {
    node.error() << "input times weights is " << projected.getType()
                 << ", floats of rank 3 are required";
    return {};
  }
  int64_t width = nn::shapeOf(projected)[2];
  SmallVector<int64_t> sizes =
      node.intsAttr("qkv_hidden_sizes", {width / 3, width / 3, width / 3});
  if (sizes.size() != 3 || sizes[0] != sizes[1] || sizes[0] < 1 ||
      sizes[2] < 1 || sizes[0] > width || sizes[2] > width ||
      sizes[0] + sizes[1] + sizes[2] != width) {
    node.error() << "qkv_hidden_sizes are [" << ArrayRef(sizes)
                 << "], three, the first two equal, with the sum " << width
                 << " are required";
    return {};
  }
  Value q = splitHeads(node, node.slice(projected, 2, 0, sizes[0]), heads);
  Value k =
      splitHeads(node, node.slice(projected, 2, sizes[0], sizes[1]), heads);
  Value v = splitHeads(
      node, node.slice(projected, 2, sizes[0] + sizes[1], sizes[2]), heads);
  int64_t past = 0;
  if (Value both = node.optionalInput(inputs.past); both && q) {
    ArrayRef<int64_t> shape = nn::shapeOf(both);
    if (shape.size() != 5 || shape[0] != 2) {
      node.error() << "past is " << both.getType()
                   << ", [2, batch, heads, length, size] is required";
      return {};
    }
    past = shape[3];
    auto part = [&](int64_t i) {
      return node.reshape(node.slice(both, 0, i, 1), shape.drop_front());
    };
    k = behind(node, part(0), k);
    v = behind(node, part(1), v);
  }
  if (!q || !k || !v)
    return {};
  Value mask = maskOf(node, inputs.mask, q, k, past);
  Value bias = scoreBias(node, inputs.bias, q, k);
  if (node.failed())
    return {};
  Values results = {attend(node, {q, k, v, mask, bias,
                                  attentionScale(node, nn::shapeOf(q)[3])})
                        .output};
  if (!node.hasOutput(1))
    return results;
  auto stacked = [&](Value v) {
    SmallVector<int64_t> shape(nn::shapeOf(v));
    shape.insert(shape.begin(), 1);
    return node.reshape(v, shape);
  };
  if (nn::shapeOf(k) != nn::shapeOf(v)) {
    node.error() << "present needs keys and values of one size";
    return {};
  }
  results.push_back(concat(node, {stacked(k), stacked(v)}, 0));
  return results;
}

Values attention(Node &node) {
  Value x = node.input(0), weights = node.input(1);
  if (failed(
          refuseAttributes(node, {"do_rotary", "past_present_share_buffer"})) ||
      failed(refuseInput(node, 6, "past_sequence_length")))
    return {};
  if (x && nn::shapeOf(x).size() != 3)
    node.error() << "input is " << x.getType() << ", rank 3 is required";
  Value projected = importMatmul(node, x, weights, {}, {});
  if (node.hasInput(2))
    projected = node.create<nn::AddOp>(projected, node.inputs()[2]);
  return attentionOn(node, projected, {3, 4, 5});
}

/// Input, weights and bias, their scales, mask, zero points, past.
Values quantizedAttention(Node &node) {
  constexpr size_t kNone = 9;
  Quantized x = {node.input(0), node.input(3), node.optionalInput(6)};
  Quantized weights = {node.input(1), node.input(4), node.optionalInput(7)};
  if (failed(
          refuseAttributes(node, {"do_rotary", "past_present_share_buffer"})))
    return {};
  if (x.stored && nn::shapeOf(x.stored).size() != 3)
    node.error() << "input is " << x.stored.getType() << ", rank 3 is required";
  Value projected = scaledProduct(node, x, weights, node.input(2));
  return attentionOn(node, projected, {5, 8, kNone});
}

//===----------------------------------------------------------------------===//
// MultiHeadAttention
//===----------------------------------------------------------------------===//

/// Where MultiHeadAttention and its sibling for decoders have their inputs.
struct HeadInputs {
  size_t bias, mask, scoreBias, pastKey, pastValue;
};

/// Queries [B, N, S, H], keys and values [B, N, L, H]; null on failure.
struct Heads {
  Value q, k, v;
};

/// Part `i` of [B, L, N, parts, H] as [B, N, L, H].
Value packedPart(Node &node, Value v, int64_t i) {
  SmallVector<int64_t> shape(nn::shapeOf(v));
  Value part = node.reshape(node.slice(v, 3, i, 1),
                            {shape[0], shape[1], shape[2], shape[4]});
  return node.transpose(part, {0, 2, 1, 3});
}

/// Part [start, start + size) of the bias of all projections added to `v`
/// [B, N, L, H].
Value biasedHeads(Node &node, Value v, Value bias, int64_t &start) {
  if (!v || !bias || node.failed())
    return v;
  int64_t heads = nn::shapeOf(v)[1], size = nn::shapeOf(v)[3];
  if (nn::shapeOf(bias).size() != 1 ||
      start + heads * size > nn::shapeOf(bias)[0]) {
    node.error() << "bias is " << bias.getType() << ", too small for "
                 << v.getType();
    return {};
  }
  Value part =
      node.reshape(node.slice(bias, 0, start, heads * size), {heads, 1, size});
  start += heads * size;
  return node.create<nn::AddOp>(v, part);
}

/// The forms: five dimensions hold three (or, as keys, two) parts; three are a
/// projection, or all three side by side; keys of four are heads already.
Heads readHeads(Node &node, int64_t heads) {
  Value query = node.input(0), key = node.optionalInput(1),
        value = node.optionalInput(2);
  if (!query || node.failed())
    return {};
  ArrayRef<int64_t> shape = nn::shapeOf(query);
  if (shape.size() == 5 && shape[2] == heads && shape[3] == 3 && !key && !value)
    return {packedPart(node, query, 0), packedPart(node, query, 1),
            packedPart(node, query, 2)};
  if (shape.size() == 3 && !key && !value && shape[2] % 3 == 0) {
    auto part = [&](int64_t i) {
      int64_t size = shape[2] / 3;
      return splitHeads(node, node.slice(query, 2, i * size, size), heads);
    };
    return {part(0), part(1), part(2)};
  }
  Heads h;
  h.q = splitHeads(node, query, heads);
  if (node.failed())
    return {};
  if (key && !value && nn::shapeOf(key).size() == 5 &&
      nn::shapeOf(key)[2] == heads && nn::shapeOf(key)[3] == 2) {
    h.k = packedPart(node, key, 0);
    h.v = packedPart(node, key, 1);
  } else if (key && value) {
    h.k = nn::shapeOf(key).size() == 4 ? key : splitHeads(node, key, heads);
    h.v =
        nn::shapeOf(value).size() == 4 ? value : splitHeads(node, value, heads);
  } else {
    node.error() << "query is " << query.getType() << ", key and value are in "
                 << "none of the operator's forms";
  }
  return node.failed() ? Heads() : h;
}

Values headAttention(Node &node, HeadInputs inputs) {
  int64_t heads = headsOf(node), start = 0;
  Heads h = readHeads(node, heads);
  Value bias = node.optionalInput(inputs.bias);
  h.q = biasedHeads(node, h.q, bias, start);
  h.k = biasedHeads(node, h.k, bias, start);
  h.v = biasedHeads(node, h.v, bias, start);
  Value pastKey = node.optionalInput(inputs.pastKey),
        pastValue = node.optionalInput(inputs.pastValue);
  if (!node.failed() && !pastKey != !pastValue)
    node.error() << "has a past of keys or of values alone";
  Value k = behind(node, pastKey, h.k), v = behind(node, pastValue, h.v);
  if (node.failed() || !h.q || !k || !v)
    return {};
  if (!isa<FloatType>(nn::elementOf(h.q)) || nn::shapeOf(k)[1] != heads ||
      nn::shapeOf(v)[1] != heads || nn::shapeOf(k)[2] != nn::shapeOf(v)[2] ||
      nn::shapeOf(k)[3] != nn::shapeOf(h.q)[3]) {
    node.error() << "keys are " << k.getType() << " and values " << v.getType()
                 << " for queries " << h.q.getType();
    return {};
  }
  Value mask = maskOf(node, inputs.mask, h.q, k, pastLength(pastKey));
  Value scoreBiasValue = scoreBias(node, inputs.scoreBias, h.q, k);
  if (node.failed())
    return {};
  AttentionResults r =
      attend(node, {h.q, k, v, mask, scoreBiasValue,
                    attentionScale(node, nn::shapeOf(h.q)[3])});
  return {r.output, k, v, r.scores};
}

Values multiHeadAttention(Node &node) {
  if (failed(refuseInput(node, 8, "past_sequence_length")) ||
      failed(refuseInput(node, 9, "cache_indirection")))
    return {};
  return headAttention(node, {3, 4, 5, 6, 7});
}

/// One query a sequence; its inputs are in another order.
Values decoderMaskedAttention(Node &node) {
  if (failed(refuseAttributes(node, {"past_present_share_buffer"})) ||
      failed(refuseInput(node, 7, "past_sequence_length")) ||
      failed(refuseInput(node, 9, "cache_indirection")))
    return {};
  if (node.hasInput(8)) {
    FailureOr<SmallVector<int64_t>> width = node.constantInts(8);
    if (failed(width))
      return {};
    if (*width != ArrayRef<int64_t>{1}) {
      node.error() << "beam_width is [" << ArrayRef(*width)
                   << "], only 1 is supported";
      return {};
    }
  }
  return headAttention(node, {10, 3, 4, 5, 6});
}

//===----------------------------------------------------------------------===//
// RotaryEmbedding
//===----------------------------------------------------------------------===//

/// Positions [B, S]: given, or counted from the one that is.
Value positionsOf(Node &node, Value given, int64_t batch, int64_t length) {
  if (!given)
    return {};
  ArrayRef<int64_t> shape = nn::shapeOf(given);
  Value wide = node.cast(given, node.builder.getI64Type());
  if (shape == ArrayRef<int64_t>{batch, length})
    return wide;
  if (dimProduct(shape) != 1) {
    node.error() << "position_ids are " << given.getType() << ", [1] or ["
                 << batch << ", " << length << "] is required";
    return {};
  }
  Value steps = iota(node, length, node.builder.getI64Type(), 1, 2);
  return broadcast(node,
                   node.create<nn::AddOp>(steps, node.reshape(wide, {1, 1})),
                   {batch, length});
}

Values rotaryEmbedding(Node &node) {
  Value x = node.input(0), cosines = node.input(2), sines = node.input(3);
  if (!x || !cosines || !sines ||
      failed(refuseAttributes(node, {"is_packed_batching"})))
    return {};
  SmallVector<int64_t> shape(nn::shapeOf(x));
  if ((shape.size() != 3 && shape.size() != 4) ||
      nn::shapeOf(cosines).size() != 2) {
    node.error() << "input is " << x.getType() << " and cos_cache "
                 << cosines.getType() << ", ranks 3 or 4 and 2 are required";
    return {};
  }
  Value heads = x;
  if (shape.size() == 3) {
    int64_t count = node.intAttr("num_heads", 0),
            size = 2 * nn::shapeOf(cosines)[1];
    heads = splitHeads(
        node, x, count > 0 ? count : shape[2] / std::max<int64_t>(size, 1));
  }
  if (!heads)
    return {};
  Value positions = positionsOf(node, node.input(1), nn::shapeOf(heads)[0],
                                nn::shapeOf(heads)[2]);
  Value y = rotate(node, heads,
                   rotationAt(node, cosines, sines, positions,
                              node.intAttr("interleaved", 0)));
  return {shape.size() == 3 ? joinHeads(node, y) : y};
}

} // namespace

llvm::ArrayRef<Converter> mlc::contribAttentionConverters() {
  static const Converter table[] = {
      {"Attention", attention, kMicrosoft},
      {"DecoderMaskedMultiHeadAttention", decoderMaskedAttention, kMicrosoft},
      {"MultiHeadAttention", multiHeadAttention, kMicrosoft},
      {"QAttention", quantizedAttention, kMicrosoft},
      {"RotaryEmbedding", rotaryEmbedding, kMicrosoft},
  };
  return table;
}
