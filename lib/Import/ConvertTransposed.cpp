//===- ConvertTransposed.cpp - Transposed convolution ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A transposed convolution of stride s is s convolutions a dimension, one for
// each place that an output element can have between those that input elements
// map to: element q * s + p sums x[q - t] * w[p + t * s] over t. All of them
// are one convolution with more output channels (a "sub-pixel" convolution) and
// an interleaving of its results. No product with an inserted zero is computed.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Support/Window.h"

using namespace mlir;
using namespace mlc;

namespace {

/// One spatial dimension.
struct Dim {
  int64_t size, kernel, stride, dilation, padBegin, padEnd, extra;
  int64_t result;

  int64_t span() const { return windowReach(kernel, dilation); }
  /// Weights of one phase.
  int64_t taps() const { return llvm::divideCeilSigned(span(), stride); }
  int64_t full() const { return (size - 1) * stride + span(); }
  /// The first and one past the last position of phases that are needed.
  int64_t first() const { return padBegin / stride; }
  int64_t last() const {
    return std::max(llvm::divideCeilSigned(padBegin + result, stride),
                    first() + 1);
  }
};

constexpr int64_t kLimit = int64_t(1) << 31;

LogicalResult readList(Node &node, llvm::StringRef name, size_t rank,
                       int64_t otherwise, int64_t least,
                       llvm::SmallVector<int64_t> &values) {
  llvm::SmallVector<int64_t> usual(rank, otherwise);
  values = node.intsAttr(name, usual);
  if (values.size() != rank)
    return node.fail("attribute '" + name + "' has " +
                     llvm::Twine(values.size()) + " entries, " +
                     llvm::Twine(rank) + " are required");
  for (int64_t v : values)
    if (v < least || v > kLimit)
      return node.fail("attribute '" + name + "' holds " + llvm::Twine(v) +
                       ", which is out of range");
  return success();
}

/// Pads from a wanted result, or the result from pads.
LogicalResult resolve(Node &node, llvm::ArrayRef<int64_t> pads,
                      llvm::ArrayRef<int64_t> wanted,
                      llvm::MutableArrayRef<Dim> dims) {
  std::string mode = node.stringAttr("auto_pad", "NOTSET");
  bool isSame = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  if (!isSame && mode != "NOTSET" && mode != "VALID")
    return node.fail("attribute 'auto_pad' is '" + mode +
                     "', NOTSET, VALID, SAME_UPPER or SAME_LOWER is required");
  for (auto [i, d] : llvm::enumerate(dims)) {
    if (!isSame && wanted.empty()) {
      d.padBegin = mode == "VALID" ? 0 : pads[i];
      d.padEnd = mode == "VALID" ? 0 : pads[dims.size() + i];
      d.result = d.full() + d.extra - d.padBegin - d.padEnd;
    } else {
      d.result = wanted.empty() ? d.size * d.stride : wanted[i];
      int64_t total = std::max<int64_t>(0, d.full() + d.extra - d.result);
      d.padBegin = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
      d.padEnd = total - d.padBegin;
    }
    if (d.result < 1 || d.result > kLimit)
      return node.fail("result has dimension " + llvm::Twine(d.result) +
                       ", 1 to 2^31 are required");
  }
  return success();
}

FailureOr<llvm::SmallVector<Dim>> readDims(Node &node,
                                           llvm::ArrayRef<int64_t> input,
                                           llvm::ArrayRef<int64_t> kernel) {
  size_t rank = input.size();
  llvm::SmallVector<int64_t> strides, dilations, pads, extra, wanted;
  if (failed(readList(node, "strides", rank, 1, 1, strides)) ||
      failed(readList(node, "dilations", rank, 1, 1, dilations)) ||
      failed(readList(node, "pads", 2 * rank, 0, 0, pads)) ||
      failed(readList(node, "output_padding", rank, 0, 0, extra)))
    return failure();
  if (node.hasAttr("output_shape") &&
      failed(readList(node, "output_shape", rank, 0, 1, wanted)))
    return failure();
  llvm::SmallVector<Dim> dims;
  for (size_t i = 0; i < rank; ++i)
    dims.push_back(
        {input[i], kernel[i], strides[i], dilations[i], 0, 0, extra[i], 0});
  if (failed(resolve(node, pads, wanted, dims)))
    return failure();
  return dims;
}

/// `v` with `filler` around it.
Value padWith(Node &node, Value v, double filler,
              llvm::ArrayRef<int64_t> pads) {
  Value scalar = v ? node.scalar(nn::elementOf(v), filler) : Value();
  if (!scalar)
    return {};
  return node.finish(nn::PadOp::create(node.builder, node.loc, v.getType(), v,
                                       scalar, pads, nn::PadMode::constant));
}

/// w [C, O / g, kernel...] to the weights of all phases:
/// [g, phases..., O / g] as the first dimension, C / g, taps..., taps reversed.
/// `zero` is what stands for 0.
Value phaseWeights(Node &node, Value w, double zero, int64_t groups,
                   llvm::ArrayRef<Dim> dims) {
  llvm::SmallVector<int64_t> shape(nn::shapeOf(w));
  int64_t inputs = shape[0] / groups, outputs = shape[1], rank = dims.size();
  llvm::SmallVector<int64_t> grouped = {groups, inputs, outputs};
  llvm::SmallVector<int64_t> permutation = {0},
                             result = {groups * outputs, inputs};
  for (auto [i, d] : llvm::enumerate(dims)) {
    // Zeros between the taps, then up to a multiple of the stride.
    llvm::SmallVector<int64_t> apart(nn::shapeOf(w));
    apart.insert(apart.begin() + 3 + i, 1);
    if (d.dilation > 1) {
      llvm::SmallVector<int64_t> pads(2 * apart.size(), 0);
      pads[apart.size() + 3 + i] = d.dilation - 1;
      w = padWith(node, node.reshape(w, apart), zero, pads);
      if (!w)
        return {};
      llvm::SmallVector<int64_t> joined(nn::shapeOf(w));
      joined[2 + i] *= d.dilation;
      joined.erase(joined.begin() + 3 + i);
      w = node.reshape(w, joined);
    }
    llvm::SmallVector<int64_t> pads(2 * (2 + rank), 0);
    pads[2 + rank + 2 + i] = d.taps() * d.stride - d.kernel * d.dilation;
    if (pads[2 + rank + 2 + i] != 0)
      w = padWith(node, w, zero, pads);
    if (!w)
      return {};
    llvm::append_values(grouped, d.taps(), d.stride);
    permutation.push_back(4 + 2 * i);
    result[0] *= d.stride;
    result.push_back(d.taps());
  }
  llvm::append_values(permutation, 2, 1);
  for (int64_t i = 0; i < rank; ++i)
    permutation.push_back(3 + 2 * i);
  w = node.transpose(node.reshape(w, grouped), permutation);
  w = node.reshape(w, result);
  llvm::SmallVector<int64_t> starts(2 + rank, 0), steps(2 + rank, 1);
  for (auto [i, d] : llvm::enumerate(dims)) {
    starts[2 + i] = d.taps() - 1;
    steps[2 + i] = -1;
  }
  return node.create<nn::SliceOp>(w, starts, result, steps);
}

/// What each channel [g, O / g] or, for all groups, [O / g] has, for channels
/// [g, phases..., O / g]; what is one for all stays.
Value phaseChannels(Node &node, Value v, int64_t groups, int64_t outputs,
                    llvm::ArrayRef<Dim> dims) {
  int64_t count = v ? dimProduct(nn::shapeOf(v)) : 1, phases = 1;
  if (count == 1 && groups * outputs != 1)
    return v;
  for (const Dim &d : dims)
    phases *= d.stride;
  v = node.reshape(v, {count / outputs, 1, outputs});
  v = broadcast(node, v, {groups, phases, outputs});
  return node.reshape(v, {groups * phases * outputs});
}

/// Integers and what they mean, as constants: nn-quantize asks for such.
struct Stored {
  Value integers, scale;
  double zero; ///< the only zero point

  int64_t scales() const { return dimProduct(nn::shapeOf(scale)); }

  static std::optional<Stored> match(Node &node, Value v) {
    auto op = v.getDefiningOp<nn::DequantizeOp>();
    if (!op || !node.constantOf(op.getInput()))
      return std::nullopt;
    std::optional<llvm::SmallVector<int64_t>> zeros =
        nn::constantIntegers(node.constantOf(op.getZeroPoint()));
    if (!zeros || zeros->empty() || !llvm::all_equal(*zeros))
      return std::nullopt;
    return Stored{op.getInput(), op.getScale(),
                  static_cast<double>(zeros->front())};
  }
  /// `moved` integers, whose first dimension is channels.
  Value dequantize(Node &node, Value moved, int64_t groups, int64_t outputs,
                   llvm::ArrayRef<Dim> dims) const {
    Value s = phaseChannels(node, scale, groups, outputs, dims);
    Value z = moved ? node.scalar(nn::elementOf(moved), zero) : Value();
    if (!s || !z)
      return {};
    llvm::SmallVector<int64_t> shape(nn::shapeOf(moved).size(), 1);
    shape[0] = dimProduct(nn::shapeOf(s));
    return node.create<nn::DequantizeOp>(
        moved, shape[0] == 1 ? s : node.reshape(s, shape), z);
  }
};

/// Weights of all phases, integers if they are quantised.
Value phaseAnyWeights(Node &node, Value w, int64_t groups,
                      llvm::ArrayRef<Dim> dims) {
  int64_t outputs = nn::shapeOf(w)[1];
  std::optional<Stored> stored = Stored::match(node, w);
  // Scales along other dimensions are moved with what they scale.
  bool isOne = stored && stored->scales() == 1;
  bool isByOutput =
      stored &&
      nn::shapeOf(stored->scale).size() + 1 == nn::shapeOf(w).size() &&
      nn::shapeOf(stored->scale)[0] == outputs && stored->scales() == outputs;
  if (!isOne && !isByOutput)
    return phaseWeights(node, w, 0, groups, dims);
  Value moved =
      phaseWeights(node, stored->integers, stored->zero, groups, dims);
  return stored->dequantize(node, moved, groups, outputs, dims);
}

/// Bias [O] for channels [g, phases..., O / g].
Value phaseBias(Node &node, Value bias, int64_t groups,
                llvm::ArrayRef<Dim> dims) {
  if (!bias)
    return {};
  int64_t outputs = nn::shapeOf(bias)[0] / groups;
  std::optional<Stored> stored = Stored::match(node, bias);
  bool isKnown =
      stored && (stored->scales() == 1 || stored->scales() == groups * outputs);
  if (!isKnown)
    return phaseChannels(node, bias, groups, outputs, dims);
  Value moved = phaseChannels(node, stored->integers, groups, outputs, dims);
  return stored->dequantize(node, moved, groups, outputs, dims);
}

/// The input with what the phases read beyond it, as pads of the convolution
/// where they are positive.
Value placeInput(Node &node, Value x, llvm::ArrayRef<Dim> dims,
                 llvm::SmallVector<int64_t> &pads) {
  size_t rank = dims.size();
  llvm::SmallVector<int64_t> cuts(2 * (rank + 2), 0);
  pads.assign(2 * rank, 0);
  for (auto [i, d] : llvm::enumerate(dims)) {
    int64_t begin = d.taps() - 1 - d.first(), end = d.last() - d.size;
    pads[i] = std::max<int64_t>(0, begin);
    pads[rank + i] = std::max<int64_t>(0, end);
    cuts[2 + i] = std::min<int64_t>(0, begin);
    cuts[rank + 4 + i] = std::min<int64_t>(0, end);
  }
  return padWithZeros(node, x, cuts);
}

/// [N, (g, phases..., o), positions...] to [N, (g, o), positions * stride...].
Value interleave(Node &node, Value y, int64_t groups, int64_t outputs,
                 llvm::ArrayRef<Dim> dims) {
  if (!y)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(y));
  int64_t rank = dims.size();
  llvm::SmallVector<int64_t> apart = {shape[0], groups},
                             permutation = {0, 1, 2 + rank},
                             joined = {shape[0], groups * outputs};
  for (const Dim &d : dims)
    apart.push_back(d.stride);
  apart.push_back(outputs);
  for (auto [i, d] : llvm::enumerate(dims)) {
    apart.push_back(shape[2 + i]);
    llvm::append_values(permutation, 3 + rank + static_cast<int64_t>(i),
                        2 + static_cast<int64_t>(i));
    joined.push_back(shape[2 + i] * d.stride);
  }
  y = node.transpose(node.reshape(y, apart), permutation);
  y = node.reshape(y, joined);
  llvm::SmallVector<int64_t> starts(2 + rank, 0), sizes(joined),
      steps(2 + rank, 1);
  for (auto [i, d] : llvm::enumerate(dims)) {
    starts[2 + i] = d.padBegin - d.first() * d.stride;
    sizes[2 + i] = d.result;
  }
  return node.create<nn::SliceOp>(y, starts, sizes, steps);
}

Values convTranspose(Node &node) {
  Value x = node.input(0), w = node.input(1);
  if (!x || !w)
    return {};
  llvm::SmallVector<int64_t> input(nn::shapeOf(x)), weights(nn::shapeOf(w));
  int64_t groups = node.intAttr("group", 1);
  if (input.size() < 3 || weights.size() != input.size() || groups < 1 ||
      groups > input[1] || input[1] % groups != 0 || weights[0] != input[1] ||
      dimProduct(input) == 0 || dimProduct(weights) == 0) {
    node.error() << "input is " << x.getType() << " and weights " << w.getType()
                 << " in " << groups
                 << " groups; the same rank of at least 3, as many channels, "
                    "a multiple of the groups, and elements are required";
    return {};
  }
  FailureOr<llvm::SmallVector<Dim>> dims = readDims(
      node, ArrayRef(input).drop_front(2), ArrayRef(weights).drop_front(2));
  if (failed(dims))
    return {};
  Value bias;
  if (node.hasInput(2)) {
    if (nn::shapeOf(node.inputs()[2]) != ArrayRef{weights[1] * groups}) {
      node.error() << "bias is " << node.inputs()[2].getType() << ", ["
                   << weights[1] * groups << "] is required";
      return {};
    }
    bias = phaseBias(node, node.inputs()[2], groups, *dims);
  }
  // Strides beyond the kernel fill the phases with zeros.
  double elements = static_cast<double>(weights[0]) * weights[1];
  for (const Dim &d : *dims)
    elements *= static_cast<double>(d.taps()) * d.stride;
  if (elements > static_cast<double>(dimProduct(weights)) &&
      !node.affords(elements))
    return {};
  llvm::SmallVector<int64_t> pads, ones(dims->size(), 1);
  x = placeInput(node, x, *dims, pads);
  Value phased = phaseAnyWeights(node, w, groups, *dims);
  if (!x || !phased || node.failed())
    return {};
  Value y = node.finish(nn::ConvOp::create(
      node.builder, node.loc, x.getType(), x, phased, bias, ValueRange(), ones,
      pads, ones, static_cast<uint64_t>(groups), nn::Layout::channels_first));
  return {interleave(node, y, groups, weights[1], *dims)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::transposedConverters() {
  static const Converter table[] = {
      {"ConvTranspose", convTranspose},
  };
  return table;
}
