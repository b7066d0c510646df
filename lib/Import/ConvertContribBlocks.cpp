//===- ConvertContribBlocks.cpp - Weights quantised in blocks -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights of 2 to 8 bits with a scale a block must be constants. With integer
// zero points of their own blocks they are dequantised bytes, which nn-quantize
// keeps narrow; others are floats here already. Embeddings keep their bytes,
// and only the rows that are gathered become numbers.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/GraphImporter.h"
#include "Import/Norms.h"
#include "Import/Products.h"
#include "Import/Quantization.h"

using namespace mlir;
using namespace mlc;

namespace {

//===----------------------------------------------------------------------===//
// Packed integers
//===----------------------------------------------------------------------===//

using Bytes = SmallVector<char>;

/// Element `i` of integers of `bits` <= 8 bits in a row of bytes, the first in
/// the lowest bits.
int64_t unpack(ArrayRef<char> bytes, int64_t i, int64_t bits) {
  int64_t at = i * bits, byte = at / 8;
  unsigned value = static_cast<uint8_t>(bytes[byte]);
  if (at % 8 + bits > 8)
    value |= static_cast<uint8_t>(bytes[byte + 1]) << 8;
  return value >> (at % 8) & ((1u << bits) - 1);
}

/// The bytes of input `i`, which must be a constant of `size` bytes.
std::optional<Bytes> constantInput(Node &node, size_t i, int64_t size) {
  Value v = node.input(i);
  ElementsAttr value = node.constantOf(v);
  if (!v || !value) {
    if (v)
      node.error() << "input " << i << " ('" << node.proto.input(i)
                   << "') must be known at compile time";
    return std::nullopt;
  }
  std::optional<Bytes> bytes = nn::constantBytes(value);
  if (bytes && static_cast<int64_t>(bytes->size()) == size)
    return bytes;
  node.error() << "input " << i << " ('" << node.proto.input(i) << "') is "
               << v.getType() << ", " << size << " bytes are required";
  return std::nullopt;
}

/// The numbers of input `i`, which must be `count` constants.
std::optional<SmallVector<double>> constantNumbers(Node &node, size_t i,
                                                   int64_t count) {
  FailureOr<SmallVector<double>> values = node.constantDoubles(i);
  if (failed(values))
    return std::nullopt;
  if (static_cast<int64_t>(values->size()) == count)
    return *values;
  node.error() << "input " << i << " ('" << node.proto.input(i) << "') has "
               << values->size() << " numbers, " << count << " are required";
  return std::nullopt;
}

/// A constant of floats, each rounded to `element` from f32.
Value floats(Node &node, ArrayRef<float> values, ArrayRef<int64_t> shape,
             Type element) {
  ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                       values.size() * sizeof(float));
  Value v = node.constant(nn::makeConstant(
      RankedTensorType::get(shape, node.builder.getF32Type()), bytes));
  return v ? node.cast(v, element) : Value();
}

//===----------------------------------------------------------------------===//
// MatMulNBits
//===----------------------------------------------------------------------===//

class BlockedWeights {
public:
  explicit BlockedWeights(Node &node) : node(node) {}
  /// The weights [N, K] as f32, or f64 for such an input; null on failure.
  Value read();
  bool readAttributes();
  /// Whether the projection is left out: the result is 0.
  bool isOmitted() const;
  int64_t columns() const { return n; }
  int64_t depth() const { return k; }

private:
  bool readZeroPoints();
  bool readGroups();
  bool staysInteger();
  Value integers(ArrayRef<char> values, int64_t columns);
  Value dequantized(ArrayRef<char> packed);
  Value multiplied(ArrayRef<char> packed);
  /// The integer of `column` at `i` of K.
  uint8_t weight(ArrayRef<char> packed, int64_t column, int64_t i) const {
    int64_t size = blob();
    return unpack(packed.slice((column * blocks + i / block) * size, size),
                  i % block, bits);
  }
  int64_t blob() const { return llvm::divideCeil(block * bits, 8); }

  Node &node;
  int64_t k = 0, n = 0, bits = 0, block = 0, blocks = 0;
  SmallVector<float> scales, zeroPoints; ///< one a block of each column
  SmallVector<int64_t> groups;           ///< the block of each of K
};

bool BlockedWeights::readAttributes() {
  k = node.intAttr("K", 0);
  n = node.intAttr("N", 0);
  bits = node.intAttr("bits", 4);
  block = node.intAttr("block_size", 0);
  constexpr int64_t kMost = int64_t(1) << 31;
  if (k < 1 || n < 1 || k > kMost || n > kMost || bits < 2 || bits > 8 ||
      block < 16 || block > kMost || !llvm::isPowerOf2_64(block))
    node.error() << "K is " << k << ", N " << n << ", bits " << bits
                 << " and block_size " << block
                 << "; sizes from 1, 2 to 8 bits and a power of two from 16 "
                    "are required";
  else if (node.intAttr("weight_prepacked", 0) != 0)
    node.error() << "weights packed for one device (weight_prepacked = "
                 << node.intAttr("weight_prepacked", 0)
                 << ") are not supported; export them with 0";
  // Sizes are products of these.
  if (node.failed() ||
      failed(node.tensorType({n, k}, node.builder.getF32Type())))
    return false;
  blocks = llvm::divideCeil(k, block);
  return true;
}

bool BlockedWeights::isOmitted() const {
  return node.hasInput(1) &&
         llvm::is_contained(nn::shapeOf(node.inputs()[1]), 0);
}

/// Packed as the weights are, or one number each of the type of A.
bool BlockedWeights::readZeroPoints() {
  zeroPoints.assign(n * blocks, static_cast<float>(int64_t(1) << (bits - 1)));
  if (!node.hasInput(3))
    return true;
  if (isa<FloatType>(nn::elementOf(node.inputs()[3]))) {
    auto given = constantNumbers(node, 3, n * blocks);
    if (given)
      zeroPoints.assign(given->begin(), given->end());
    return given.has_value();
  }
  int64_t row = llvm::divideCeil(blocks * bits, 8);
  std::optional<Bytes> bytes = constantInput(node, 3, n * row);
  if (!bytes)
    return false;
  for (int64_t i = 0; i < n * blocks; ++i)
    zeroPoints[i] =
        unpack(ArrayRef(*bytes).slice(i / blocks * row, row), i % blocks, bits);
  return true;
}

/// g_idx says the block of each of K; without it they are in order.
bool BlockedWeights::readGroups() {
  groups.resize(k);
  for (int64_t i = 0; i < k; ++i)
    groups[i] = i / block;
  if (!node.hasInput(4))
    return true;
  // onnxruntime's CPU leaves them out of account.
  if (node.hasInput(3) && !isa<FloatType>(nn::elementOf(node.inputs()[3]))) {
    node.error() << "g_idx with packed zero points is not supported; give them "
                    "as floats";
    return false;
  }
  FailureOr<SmallVector<int64_t>> given = node.constantInts(4);
  if (failed(given))
    return false;
  bool isInRange =
      static_cast<int64_t>(given->size()) >= k &&
      llvm::all_of(*given, [&](int64_t g) { return g >= 0 && g < blocks; });
  if (!isInRange) {
    node.error() << "g_idx must hold " << k << " numbers below " << blocks;
    return false;
  }
  groups.assign(given->begin(), given->begin() + k);
  return true;
}

/// Whether each block of K has integers with one zero point, and f32 is what
/// they stand for.
bool BlockedWeights::staysInteger() {
  bool hasFloatPoints =
      node.hasInput(3) && isa<FloatType>(nn::elementOf(node.inputs()[3]));
  return !hasFloatPoints && !node.hasInput(4) &&
         stashType(node.input(0)).isF32();
}

/// A constant of ui8, [N, columns].
Value BlockedWeights::integers(ArrayRef<char> values, int64_t columns) {
  Type element = node.builder.getIntegerType(8, /*isSigned=*/false);
  return node.constant(
      nn::makeConstant(RankedTensorType::get({n, columns}, element), values));
}

Value BlockedWeights::dequantized(ArrayRef<char> packed) {
  Bytes stored, points;
  for (int64_t column = 0; column < n; ++column)
    for (int64_t i = 0; i < k; ++i)
      stored.push_back(static_cast<char>(weight(packed, column, i)));
  for (float point : zeroPoints)
    points.push_back(static_cast<char>(static_cast<uint8_t>(point)));
  auto spread = [&](Value parameter) {
    return broadcastable(node, parameter, {n, k}, /*axis=*/1, block);
  };
  Value scale = floats(node, scales, {n, blocks}, node.builder.getF32Type());
  // Scales may be negative, unlike those of DequantizeLinear.
  return node.create<nn::DequantizeOp>(integers(stored, k), spread(scale),
                                       spread(integers(points, blocks)));
}

Value BlockedWeights::multiplied(ArrayRef<char> packed) {
  SmallVector<float> weights(n * k);
  for (int64_t column = 0; column < n; ++column)
    for (int64_t i = 0; i < k; ++i) {
      int64_t at = column * blocks + groups[i];
      float q = weight(packed, column, i);
      weights[column * k + i] = (q - zeroPoints[at]) * scales[at];
    }
  return floats(node, weights, {n, k}, stashType(node.input(0)));
}

Value BlockedWeights::read() {
  std::optional<Bytes> bytes = constantInput(node, 1, n * blocks * blob());
  auto given = bytes ? constantNumbers(node, 2, n * blocks) : std::nullopt;
  if (!given || !readZeroPoints() || !readGroups())
    return {};
  scales.assign(given->begin(), given->end());
  return staysInteger() ? dequantized(*bytes) : multiplied(*bytes);
}

/// `a` [..., K] times the transpose of `weights` [N, K], in the type of these.
Value productWithRows(Node &node, Value a, Value weights) {
  if (!a || !weights)
    return {};
  SmallVector<int64_t> shape(nn::shapeOf(a));
  if (shape.empty() || shape.back() != nn::shapeOf(weights)[1]) {
    node.error() << "A is " << a.getType()
                 << ", K = " << nn::shapeOf(weights)[1] << " last is required";
    return {};
  }
  int64_t depth = shape.back();
  shape.back() = nn::shapeOf(weights)[0];
  Value rows = node.reshape(
      node.cast(a, nn::elementOf(weights)),
      {dimProduct(nn::shapeOf(a)) / std::max<int64_t>(depth, 1), depth});
  return node.reshape(importProduct(node, rows, weights, true), shape);
}

Values matmulNBits(Node &node) {
  Value a = node.input(0);
  BlockedWeights weights(node);
  if (!a || !weights.readAttributes())
    return {};
  Value y;
  if (weights.isOmitted()) {
    SmallVector<int64_t> shape(nn::shapeOf(a));
    if (shape.empty() || shape.back() != weights.depth()) {
      node.error() << "A is " << a.getType() << ", K = " << weights.depth()
                   << " last is required";
      return {};
    }
    shape.back() = weights.columns();
    y = broadcast(node, node.scalar(nn::elementOf(a), 0), shape);
  } else {
    y = productWithRows(node, a, weights.read());
  }
  if (y && node.hasInput(5))
    y = node.create<nn::AddOp>(y,
                               node.cast(node.inputs()[5], nn::elementOf(y)));
  return {y ? node.cast(y, nn::elementOf(a)) : y};
}

//===----------------------------------------------------------------------===//
// MatMulBnb4
//===----------------------------------------------------------------------===//

/// What 4 bits stand for: the floats of bitsandbytes, and its quantiles of a
/// normal distribution.
constexpr float kFp4[16] = {0.0f,         5.208333333e-03f,
                            0.66666667f,  1.0f,
                            0.33333333f,  0.5f,
                            0.16666667f,  0.25f,
                            -0.0f,        -5.208333333e-03f,
                            -0.66666667f, -1.0f,
                            -0.33333333f, -0.5f,
                            -0.16666667f, -0.25f};
constexpr float kNf4[16] = {-1.0f,
                            -0.6961928009986877f,
                            -0.5250730514526367f,
                            -0.39491748809814453f,
                            -0.28444138169288635f,
                            -0.18477343022823334f,
                            -0.09105003625154495f,
                            0.0f,
                            0.07958029955625534f,
                            0.16093020141124725f,
                            0.24611230194568634f,
                            0.33791524171829224f,
                            0.44070982933044434f,
                            0.5626170039176941f,
                            0.7229568362236023f,
                            1.0f};

/// Blocks go through all N * K weights in a row; the first of two is in the
/// higher bits.
Values matmulBnb4(Node &node) {
  Value a = node.input(0);
  int64_t k = node.intAttr("K", 0), n = node.intAttr("N", 0),
          block = node.intAttr("block_size", 0),
          kind = node.intAttr("quant_type", -1);
  constexpr int64_t kMost = int64_t(1) << 31;
  if (!a)
    return {};
  if (k < 1 || n < 1 || k > kMost || n > kMost || block < 1 || kind < 0 ||
      kind > 1 || node.intAttr("transB", 1) != 1) {
    node.error() << "K is " << k << ", N " << n << ", block_size " << block
                 << ", quant_type " << kind << " and transB "
                 << node.intAttr("transB", 1)
                 << "; sizes from 1, a type of 0 or 1, and 1 are required";
    return {};
  }
  int64_t count = n * k;
  std::optional<Bytes> bytes =
      constantInput(node, 1, llvm::divideCeil(count, 2));
  auto most = bytes ? constantNumbers(node, 2, llvm::divideCeil(count, block))
                    : std::nullopt;
  if (!most || failed(node.tensorType({n, k}, node.builder.getF32Type())))
    return {};
  SmallVector<float> weights(count);
  for (int64_t i = 0; i < count; ++i) {
    unsigned byte = static_cast<uint8_t>((*bytes)[i / 2]);
    unsigned code = i % 2 == 0 ? byte >> 4 : byte & 15;
    weights[i] = (kind == 0 ? kFp4 : kNf4)[code] *
                 static_cast<float>((*most)[i / block]);
  }
  Value y =
      productWithRows(node, a, floats(node, weights, {n, k}, stashType(a)));
  return {y ? node.cast(y, nn::elementOf(a)) : y};
}

//===----------------------------------------------------------------------===//
// GatherBlockQuantized
//===----------------------------------------------------------------------===//

/// Input `i` with each integer in a byte of its own: of 8 bits and fewer along
/// the last dimension, which grows to `last`.
Value widened(Node &node, size_t i, int64_t bits, int64_t last) {
  Value v = node.input(i);
  if (!v || bits == 8)
    return v;
  SmallVector<int64_t> shape(nn::shapeOf(v));
  int64_t row = shape.empty() ? 0 : shape.back();
  if (row != static_cast<int64_t>(llvm::divideCeil(last * bits, 8))) {
    node.error() << "input " << i << " ('" << node.proto.input(i) << "') is "
                 << v.getType() << ", which does not hold " << last
                 << " integers of " << bits << " bits a row";
    return {};
  }
  std::optional<Bytes> bytes = constantInput(node, i, dimProduct(shape));
  if (!bytes)
    return {};
  shape.back() = last;
  Bytes wide(dimProduct(shape));
  for (size_t at = 0; at < wide.size(); ++at)
    wide[at] =
        unpack(ArrayRef(*bytes).slice(at / last * row, row), at % last, bits);
  return node.constant(
      nn::makeConstant(RankedTensorType::get(shape, nn::elementOf(v)), wide));
}

/// Rows of integers and of their scales, then numbers of what was gathered.
Values gatherBlockQuantized(Node &node) {
  Value data = node.input(0), indices = node.input(1), scales = node.input(2);
  if (!data || !indices || !scales)
    return {};
  int64_t rank = nn::shapeOf(data).size(),
          block = node.intAttr("block_size", 128),
          bits = node.intAttr("bits", 4);
  // What has a type of 4 bits comes widened.
  bool isPacked = nn::elementOf(data).isUnsignedInteger(8) &&
                  !node.importer.isPacked(node.proto.input(0));
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("gather_axis", 0), rank);
  FailureOr<int64_t> along =
      node.normalizeAxis(node.intAttr("quantize_axis", 1), rank);
  if (failed(axis) || failed(along))
    return {};
  if (block < 16 || *axis == *along || (bits != 2 && bits != 4 && bits != 8)) {
    node.error()
        << "block_size is " << block << ", bits " << bits << ", gather_axis "
        << *axis << " and quantize_axis " << *along
        << "; blocks from 16, 2, 4 or 8 bits, and two axes are required";
    return {};
  }
  int64_t blocks = nn::shapeOf(scales).size() == static_cast<size_t>(rank)
                       ? nn::shapeOf(scales)[*along]
                       : 0;
  int64_t size = nn::shapeOf(data)[rank - 1];
  if (isPacked)
    size = size * 8 / bits;
  data = isPacked ? widened(node, 0, bits, size) : data;
  Value zeroPoints;
  if (node.hasInput(3))
    zeroPoints =
        isPacked ? widened(node, 3, bits, *along == rank - 1 ? blocks : size)
                 : node.inputs()[3];
  else if (data)
    zeroPoints = node.scalar(nn::elementOf(data),
                             isPacked ? int64_t(1) << (bits - 1) : 0);
  auto rows = [&](Value v) {
    return node.create<nn::GatherOp>(v, indices,
                                     node.builder.getI64IntegerAttr(*axis));
  };
  // The axis of blocks behind the dimensions of the indices.
  int64_t moved =
      *along < *axis ? *along : *along - 1 + nn::shapeOf(indices).size();
  Value stored = rows(data), rowScales = rows(scales);
  if (!stored || !rowScales || !zeroPoints)
    return {};
  ArrayRef<int64_t> shape = nn::shapeOf(stored);
  Value scale = broadcastable(node, rowScales, shape, moved, block);
  Value zero = node.hasInput(3)
                   ? broadcastable(node, rows(zeroPoints), shape, moved, block)
                   : zeroPoints;
  return {dequantize(node, stored, scale, zero)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::contribBlockConverters() {
  static const Converter table[] = {
      {"GatherBlockQuantized", gatherBlockQuantized, kMicrosoft},
      {"MatMulBnb4", matmulBnb4, kMicrosoft},
      {"MatMulNBits", matmulNBits, kMicrosoft},
  };
  return table;
}
