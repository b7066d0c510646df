//===- ChannelMoves.cpp - Channels that only change place -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/ChannelMoves.h"

#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/ChannelOrder.h"
#include "NN/Transforms/ChannelTies.h"

#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace mlir::nn;

/// Tensors above this many elements are not looked at for shuffles: the check
/// visits each element.
static constexpr int64_t kMaxShuffleElements = int64_t(1) << 24;

static std::optional<int64_t> sliceAxis(SliceOp op) {
  std::optional<int64_t> axis;
  for (int64_t d = 0, e = op.getSizes().size(); d < e; ++d) {
    if (op.getStarts()[d] == 0 && op.getSteps()[d] == 1 &&
        op.getSizes()[d] == shapeOf(op.getInput())[d])
      continue;
    if (axis)
      return std::nullopt;
    axis = d;
  }
  return axis;
}

/// Whether an axis is one of channels, which are looked at one by one, and not
/// one of rows or pixels without end.
static bool isTraceable(Operation *op, int64_t axis) {
  constexpr int64_t most = int64_t(1) << 16;
  auto isFew = [&](Value v) { return shapeOf(v)[axis] <= most; };
  if (auto gather = dyn_cast<GatherOp>(op))
    return isFew(gather.getInput()) && isFew(gather);
  return llvm::all_of(op->getOperands(), isFew) && isFew(op->getResult(0));
}

static std::optional<int64_t> moveAxisOf(Operation *op) {
  if (!isa<ConcatOp, SliceOp, GatherOp>(op) ||
      llvm::is_contained(shapeOf(op->getResult(0)), 0))
    return std::nullopt; // Nothing moves.
  if (auto concat = dyn_cast<ConcatOp>(op))
    return concat.getAxis();
  if (auto slice = dyn_cast<SliceOp>(op))
    return sliceAxis(slice);
  auto gather = dyn_cast<GatherOp>(op);
  if (gather && shapeOf(gather.getIndices()).size() == 1 &&
      isReadableConstant(gather.getIndices()))
    return gather.getAxis();
  return std::nullopt;
}

std::optional<int64_t> nn::moveAxis(Operation *op) {
  std::optional<int64_t> axis = moveAxisOf(op);
  return axis && isTraceable(op, *axis) ? axis : std::nullopt;
}

namespace {
/// Reads values through what moves along one axis, each value once: pieces of
/// one value that are joined again, layer after layer, are as many paths as
/// there are ways through the layers.
class ChannelTracer {
public:
  explicit ChannelTracer(int64_t axis) : axis(axis) {}
  Provenance trace(Value v) {
    result.channels = SmallVector<ChannelRef>(channelsOf(v));
    return std::move(result);
  }

private:
  bool isOrigin(Value v) const;
  ArrayRef<ChannelRef> channelsOf(Value v);
  SmallVector<ChannelRef> read(Value v);

  int64_t axis;
  Provenance result;
  llvm::DenseMap<Value, std::unique_ptr<SmallVector<ChannelRef>>> known;
};
} // namespace

bool ChannelTracer::isOrigin(Value v) const {
  Operation *op = v.getDefiningOp();
  return !op || moveAxis(op) != axis;
}

ArrayRef<ChannelRef> ChannelTracer::channelsOf(Value v) {
  if (auto found = known.find(v); found != known.end())
    return *found->second;
  auto channels = std::make_unique<SmallVector<ChannelRef>>(read(v));
  return *(known[v] = std::move(channels));
}

SmallVector<ChannelRef> ChannelTracer::read(Value v) {
  SmallVector<ChannelRef> channels;
  if (isOrigin(v)) {
    for (int64_t i = 0, e = shapeOf(v)[axis]; i < e; ++i)
      channels.push_back({v, i});
    return channels;
  }
  Operation *op = v.getDefiningOp();
  result.chain.insert(op);
  if (auto concat = dyn_cast<ConcatOp>(op)) {
    for (Value input : concat.getInputs())
      llvm::append_range(channels, channelsOf(input));
    return channels;
  }
  // Not all channels of an origin for each of its thousands of slices.
  Value source = op->getOperand(0);
  ArrayRef<ChannelRef> inner;
  if (!isOrigin(source))
    inner = channelsOf(source);
  auto channelAt = [&](int64_t i) {
    return inner.empty() ? ChannelRef{source, i} : inner[i];
  };
  if (auto slice = dyn_cast<SliceOp>(op)) {
    result.gathers |= slice.getSteps()[axis] != 1;
    for (int64_t i = 0; i < slice.getSizes()[axis]; ++i)
      channels.push_back(
          channelAt(slice.getStarts()[axis] + i * slice.getSteps()[axis]));
    return channels;
  }
  result.gathers = true;
  ElementsAttr indices = constantValue(cast<GatherOp>(op).getIndices());
  SmallVector<int64_t> places = *constantIntegers(indices);
  for (int64_t i : places)
    channels.push_back(channelAt(i < 0 ? i + shapeOf(source)[axis] : i));
  return channels;
}

Provenance nn::traceChannels(Value v, int64_t axis) {
  return ChannelTracer(axis).trace(v);
}

static bool continues(const ChannelRef &before, const ChannelRef &next) {
  return before.origin == next.origin && before.index + 1 == next.index;
}

int64_t nn::countRuns(ArrayRef<ChannelRef> channels) {
  int64_t runs = channels.empty() ? 0 : 1;
  for (size_t i = 1; i < channels.size(); ++i)
    runs += !continues(channels[i - 1], channels[i]);
  return runs;
}

/// Channels [start, start + size) of `v`.
static Value sliceChannels(OpBuilder &builder, Location loc, Value v,
                           int64_t axis, int64_t start, int64_t size) {
  SmallVector<int64_t> sizes(shapeOf(v)), steps(sizes.size(), 1);
  if (sizes[axis] == size)
    return v;
  SmallVector<int64_t> starts(sizes.size(), 0);
  starts[axis] = start;
  sizes[axis] = size;
  return SliceOp::create(builder, loc, v, starts, sizes, steps);
}

Value nn::moveChannels(OpBuilder &builder, Location loc,
                       ArrayRef<ChannelRef> channels, int64_t axis) {
  SmallVector<Value> pieces;
  for (size_t begin = 0, end; begin < channels.size(); begin = end) {
    for (end = begin + 1; end < channels.size(); ++end)
      if (!continues(channels[end - 1], channels[end]))
        break;
    pieces.push_back(sliceChannels(builder, loc, channels[begin].origin, axis,
                                   channels[begin].index, end - begin));
  }
  if (pieces.size() == 1)
    return pieces.front();
  return ConcatOp::create(builder, loc, pieces, axis);
}

//===----------------------------------------------------------------------===//
// Shuffles
//===----------------------------------------------------------------------===//

/// For each element of `op`'s result, the element of its input.
static void composeTranspose(TransposeOp op, MutableArrayRef<int64_t> source) {
  SmallVector<int64_t> to = rowMajorStrides(op.getType().getShape());
  SmallVector<int64_t> from = rowMajorStrides(shapeOf(op.getInput()));
  for (int64_t &linear : source) {
    int64_t rest = linear, offset = 0;
    for (auto [d, stride] : llvm::enumerate(to)) {
      offset += rest / stride * from[op.getPermutation()[d]];
      rest %= stride;
    }
    linear = offset;
  }
}

/// The order in which `source` permutes dimension `axis`; nullopt where it does
/// anything else.
static std::optional<SmallVector<int64_t>>
axisPermutation(ArrayRef<int64_t> source, ArrayRef<int64_t> shape,
                int64_t axis) {
  int64_t stride = rowMajorStrides(shape)[axis], size = shape[axis];
  SmallVector<int64_t> order;
  for (int64_t i = 0; i < size; ++i) {
    int64_t from = source[i * stride];
    if (from % stride != 0 || from / stride >= size)
      return std::nullopt;
    order.push_back(from / stride);
  }
  for (auto [linear, from] : llvm::enumerate(source)) {
    int64_t i = static_cast<int64_t>(linear) / stride % size;
    if (from != static_cast<int64_t>(linear) + (order[i] - i) * stride)
      return std::nullopt;
  }
  return order;
}

std::optional<int64_t> nn::shuffleGroups(ArrayRef<int64_t> order) {
  int64_t size = order.size(), n = size > 1 ? order[1] : 0;
  if (n < 2 || size % n != 0 || size == n)
    return std::nullopt;
  int64_t groups = size / n;
  for (int64_t i = 0; i < size; ++i)
    if (order[i] != i % groups * n + i / groups)
      return std::nullopt;
  return groups;
}

/// Whether reshapes and transposes `chain` (the last one first) permute one
/// axis.
static std::optional<Shuffle> matchChain(ArrayRef<Operation *> chain) {
  auto type = cast<RankedTensorType>(chain.front()->getResult(0).getType());
  Value input = chain.back()->getOperand(0);
  if (type.getNumElements() == 0 || type.getNumElements() > kMaxShuffleElements)
    return std::nullopt;
  SmallVector<int64_t> source =
      llvm::to_vector(llvm::seq<int64_t>(0, type.getNumElements()));
  for (Operation *op : chain)
    if (auto transpose = dyn_cast<TransposeOp>(op))
      composeTranspose(transpose, source);
  ArrayRef<int64_t> shape = shapeOf(input);
  for (int64_t axis = 0, e = shape.size(); axis < e; ++axis)
    if (auto order = axisPermutation(source, shape, axis))
      if (shuffleGroups(*order))
        return Shuffle{input, axis, *order};
  return std::nullopt;
}

std::optional<Shuffle> nn::matchShuffle(Operation *tail) {
  SmallVector<Operation *> chain;
  bool transposes = false;
  for (Operation *op = tail; op && isa<ReshapeOp, TransposeOp>(op);
       op = op->getOperand(0).getDefiningOp()) {
    chain.push_back(op);
    transposes |= isa<TransposeOp>(op);
  }
  while (transposes && chain.size() > 1) {
    if (std::optional<Shuffle> shuffle = matchChain(chain))
      return shuffle;
    chain.pop_back();
  }
  return std::nullopt;
}

Value nn::expandShuffle(OpBuilder &builder, Location loc,
                        const Shuffle &shuffle) {
  int64_t groups = *shuffleGroups(shuffle.order);
  int64_t n = static_cast<int64_t>(shuffle.order.size()) / groups;
  auto type = cast<RankedTensorType>(shuffle.input.getType());
  SmallVector<int64_t> split(type.getShape());
  split[shuffle.axis] = groups;
  split.insert(split.begin() + shuffle.axis + 1, n);
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, split.size()));
  std::swap(permutation[shuffle.axis], permutation[shuffle.axis + 1]);
  Value v = ReshapeOp::create(builder, loc, type.clone(split), shuffle.input);
  v = TransposeOp::create(builder, loc, v, permutation);
  return ReshapeOp::create(builder, loc, type, v);
}
