//===- PruneChannels.cpp - Channels that do not matter --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Channels of all values are numbered as slots: one slot for what has to stay
// or go together. Each round finds slots that nothing reads, or that are
// constant where they are read, and removes them all at once.
//
// What is not followed stays: a slot goes only where every op that touches it
// is one of three kinds, an op that ties it to other slots (channelTies), a
// move that follow() knows, or a Reader. All others pin it.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/ChannelConstants.h"
#include "NN/Transforms/ChannelMoves.h"
#include "NN/Transforms/ChannelOrder.h"
#include "NN/Transforms/Passes.h"

#include "llvm/ADT/IntEqClasses.h"
#include "llvm/ADT/Sequence.h"

namespace mlir {
namespace nn {
#define GEN_PASS_DEF_PRUNECHANNELSPASS
#include "NN/Transforms/Passes.h.inc"
} // namespace nn
} // namespace mlir

using namespace mlir;
using namespace mlir::nn;

namespace {
/// Where a value's slots are.
struct ValueSlots {
  int64_t axis;
  /// By position on the axis, before joining: see Slots::at.
  SmallVector<unsigned> slots;
};

/// The slots of a function's values.
class Slots {
public:
  explicit Slots(Operation *root);

  llvm::MapVector<Value, ValueSlots> values;
  unsigned size() const { return pinned.size(); }
  unsigned at(Value v, int64_t position) const {
    return classes[values.find(v)->second.slots[position]];
  }
  bool isPinned(unsigned slot) const { return pinned[slot]; }

private:
  void number(Value v, const ChannelView &view);
  bool isNumberedAlong(Value v, int64_t axis) const;
  bool follow(Operation *move);
  void join(Value a, int64_t positionA, Value b, int64_t positionB);
  void pin(Value v);
  void compress();

  struct Join {
    unsigned a, b;
  };
  SmallVector<Join> joins;
  /// Before joining by slot; after, by class.
  SmallVector<bool> pinned;
  llvm::IntEqClasses classes;
  llvm::SetVector<Operation *> moves;
  SmallVector<ViewedValue> moved;
};
} // namespace

/// `op` where it sums over all channels of its input by weights that can be
/// looked at; null otherwise.
static LinearOpInterface asReader(Operation *op) {
  auto linear = dyn_cast<LinearOpInterface>(op);
  bool reads = linear && linear.getGroups() == 1 &&
               isReadableConstant(linear.getWeights()) &&
               linear.getWeightsZero() == 0;
  return reads ? linear : LinearOpInterface();
}

void Slots::pin(Value v) {
  auto it = values.find(v);
  if (it == values.end())
    return;
  for (unsigned slot : it->second.slots)
    pinned[slot] = true;
}

/// Numbers all values tied to `v`, and notes the moving ops among them.
void Slots::number(Value v, const ChannelView &view) {
  auto known = values.find(v);
  if (known != values.end()) {
    if (known->second.axis != view.axis)
      pin(v);
    return;
  }
  ViewGroup group = ViewGroup::of(v, view);
  // Positions are numbered one by one; no layer has as many.
  constexpr int64_t most = int64_t(1) << 22;
  if (llvm::any_of(group.members, [](const auto &member) {
        return shapeOf(member.first)[member.second.axis] > most;
      }))
    return;
  unsigned base = pinned.size();
  // Group convolutions need as many channels in each group: theirs stay.
  bool stays =
      group.pinned || !group.blocks.empty() ||
      llvm::any_of(group.sums, [](Operation *op) { return !asReader(op); });
  pinned.append(group.channels, stays);
  for (auto &[member, memberView] : group.members) {
    ValueSlots slots{memberView.axis, {}};
    for (int64_t i = 0, e = shapeOf(member)[memberView.axis]; i < e; ++i)
      slots.slots.push_back(base + i / memberView.inner % group.channels);
    if (values.insert({member, slots}).second)
      continue;
    // Seen through two views that do not follow from one another.
    pin(member);
    for (int64_t c = 0; c < group.channels; ++c)
      pinned[base + c] = true;
  }
  for (auto &entry : group.members) {
    Value member = entry.first;
    ChannelView plain{entry.second.axis, 1, 1};
    auto queue = [&](Operation *op) {
      moves.insert(op);
      for (Value operand : op->getOperands())
        moved.push_back({operand, plain});
      moved.push_back({op->getResult(0), plain});
    };
    if (llvm::is_contained(group.moved, member))
      queue(member.getDefiningOp());
    for (Operation *user : member.getUsers())
      if (group.readers.contains(user))
        queue(user);
  }
}

void Slots::join(Value a, int64_t positionA, Value b, int64_t positionB) {
  joins.push_back({values.find(a)->second.slots[positionA],
                   values.find(b)->second.slots[positionB]});
}

/// Whether each channel of what `op` gives along `axis` comes from one channel
/// of an operand, and `op` stays an op of its kind without some of them. What
/// is listed here, movedFrom and applyOrders can follow.
static bool isFollowed(Operation *op, int64_t axis) {
  if (auto concat = dyn_cast<ConcatOp>(op))
    return static_cast<int64_t>(concat.getAxis()) == axis;
  if (auto slice = dyn_cast<SliceOp>(op))
    return slice.getSteps()[axis] == 1;
  return isa<GatherOp>(op) && moveAxis(op) == axis;
}

/// The operand and the position in it behind each position of the result of
/// `op`, whose move along `axis` is followed.
static SmallVector<std::pair<Value, int64_t>> movedFrom(Operation *op,
                                                        int64_t axis) {
  SmallVector<std::pair<Value, int64_t>> result;
  if (auto concat = dyn_cast<ConcatOp>(op)) {
    for (Value input : concat.getInputs())
      for (int64_t i = 0, e = shapeOf(input)[axis]; i < e; ++i)
        result.push_back({input, i});
  } else if (auto slice = dyn_cast<SliceOp>(op)) {
    for (int64_t i = 0; i < slice.getSizes()[axis]; ++i)
      result.push_back({slice.getInput(), slice.getStarts()[axis] + i});
  } else {
    auto gather = cast<GatherOp>(op);
    int64_t size = shapeOf(gather.getInput())[axis];
    SmallVector<int64_t> indices =
        *constantIntegers(constantValue(gather.getIndices()));
    for (int64_t i : indices)
      result.push_back({gather.getInput(), i < 0 ? i + size : i});
  }
  return result;
}

bool Slots::isNumberedAlong(Value v, int64_t axis) const {
  auto it = values.find(v);
  return it != values.end() && it->second.axis == axis;
}

/// Joins the slots of what `move` gives with those it takes them from; false
/// where its way is not known.
bool Slots::follow(Operation *move) {
  Value result = move->getResult(0);
  auto it = values.find(result);
  if (it == values.end())
    return false;
  int64_t axis = it->second.axis;
  if (!isFollowed(move, axis))
    return false;
  SmallVector<std::pair<Value, int64_t>> from = movedFrom(move, axis);
  if (!llvm::all_of(from, [&](const std::pair<Value, int64_t> &source) {
        return isNumberedAlong(source.first, axis);
      }))
    return false;
  for (auto [i, source] : llvm::enumerate(from))
    join(result, i, source.first, source.second);
  return true;
}

void Slots::compress() {
  classes.grow(pinned.size());
  for (const Join &j : joins)
    classes.join(j.a, j.b);
  classes.compress();
  SmallVector<bool> joined(classes.getNumClasses(), false);
  for (auto [slot, isPinned] : llvm::enumerate(pinned))
    if (isPinned)
      joined[classes[slot]] = true;
  pinned = std::move(joined);
}

Slots::Slots(Operation *root) {
  root->walk([&](Operation *op) {
    auto linear = dyn_cast<LinearOpInterface>(op);
    // A product of two computed matrices has no channels.
    if (linear && (isa<ConvOp>(op) || isReadableConstant(linear.getWeights())))
      number(linear.getResult(), {linear.getResultChannelDim(), 1, 1});
  });
  while (!moved.empty()) {
    auto [v, view] = moved.pop_back_val();
    bool isIndices = static_cast<int64_t>(shapeOf(v).size()) <= view.axis;
    if (!isIndices && !constantValue(v))
      number(v, view);
  }
  for (Operation *move : moves)
    if (!follow(move)) {
      pin(move->getResult(0));
      for (Value operand : move->getOperands())
        pin(operand);
    }
  compress();
}

//===----------------------------------------------------------------------===//
// Readers
//===----------------------------------------------------------------------===//

/// For each input channel, whether any weight is not zero.
static SmallVector<bool> readChannels(LinearOpInterface reader) {
  WeightChannels channels = reader.getWeightChannels();
  SmallVector<bool> reads(channels.inputs, false);
  WeightView weights(constantValue(reader.getWeights()));
  for (int64_t i = 0, e = weights.size(); i < e; ++i) {
    int64_t channel = channels.input(i);
    if (!reads[channel] && !weights.isZero(i))
      reads[channel] = true;
  }
  return reads;
}

namespace {
/// One round: what goes, and why.
class Pruner {
public:
  explicit Pruner(Operation *root) : root(root), slots(root) {
    unread.resize(slots.size(), true);
    constant.resize(slots.size(), true);
  }
  /// Whether anything was removed.
  bool run();
  int64_t numUnread = 0, numConstant = 0, numWeights = 0;

private:
  void look();
  void lookAt(LinearOpInterface reader);
  void keepOneEach();
  void absorb(LinearOpInterface reader);
  AxisOrders orders() const;
  int64_t countWeights();

  bool goes(unsigned slot) const {
    return !slots.isPinned(slot) && !kept[slot] &&
           (unread[slot] || constant[slot]);
  }

  Operation *root;
  Slots slots;
  ChannelConstants constants;
  SmallVector<LinearOpInterface> readers;
  SmallVector<bool> unread, constant, kept;
};
} // namespace

void Pruner::lookAt(LinearOpInterface reader) {
  Value input = reader.getInput();
  int64_t axis = reader.getInputChannelDim();
  auto it = slots.values.find(input);
  if (it == slots.values.end() || it->second.axis != axis)
    return;
  readers.push_back(reader);
  SmallVector<bool> reads = readChannels(reader);
  for (auto [position, isRead] : llvm::enumerate(reads)) {
    if (!isRead)
      continue;
    unsigned slot = slots.at(input, position);
    unread[slot] = false;
    if (slots.isPinned(slot) || !constant[slot])
      continue;
    std::optional<double> value = constants.at(input, axis, position);
    constant[slot] =
        value && (*value == reader.getInputZero() || canAbsorb(reader));
  }
}

/// A tensor without channels would be no tensor: its first slot stays.
void Pruner::keepOneEach() {
  for (auto &[v, at] : slots.values) {
    bool stays = false;
    for (size_t i = 0; i < at.slots.size() && !stays; ++i)
      stays = !goes(slots.at(v, i));
    if (!stays && !at.slots.empty())
      kept[slots.at(v, 0)] = true;
  }
}

void Pruner::absorb(LinearOpInterface reader) {
  SmallVector<std::pair<int64_t, double>> values;
  for (int64_t i = 0, e = reader.getInputChannels(); i < e; ++i) {
    unsigned slot = slots.at(reader.getInput(), i);
    if (!goes(slot) || unread[slot])
      continue;
    double value =
        *constants.at(reader.getInput(), reader.getInputChannelDim(), i);
    if (value != reader.getInputZero())
      values.push_back({i, value});
  }
  if (!values.empty())
    addToBias(reader, values);
}

AxisOrders Pruner::orders() const {
  AxisOrders result;
  for (auto &[v, at] : slots.values) {
    SmallVector<int64_t> positions;
    for (size_t i = 0; i < at.slots.size(); ++i)
      if (!goes(slots.at(v, i)))
        positions.push_back(i);
    if (positions.size() != at.slots.size())
      result.insert({v, {at.axis, positions}});
  }
  return result;
}

int64_t Pruner::countWeights() {
  int64_t count = 0;
  root->walk([&](LinearOpInterface op) {
    if (constantValue(op.getWeights()))
      count += ShapedType::getNumElements(shapeOf(op.getWeights()));
  });
  return count;
}

bool Pruner::run() {
  kept.assign(slots.size(), false);
  root->walk([&](Operation *op) {
    if (LinearOpInterface reader = asReader(op))
      lookAt(reader);
  });
  keepOneEach();
  AxisOrders removal = orders();
  if (removal.empty())
    return false;
  for (unsigned slot = 0; slot < slots.size(); ++slot)
    if (goes(slot))
      ++(unread[slot] ? numUnread : numConstant);
  int64_t before = countWeights();
  for (LinearOpInterface reader : readers)
    absorb(reader);
  applyOrders(removal);
  numWeights = before - countWeights();
  return true;
}

namespace {
struct PruneChannels : nn::impl::PruneChannelsPassBase<PruneChannels> {
  using PruneChannelsPassBase::PruneChannelsPassBase;

  void runOnOperation() override {
    if (maxRounds < 1) {
      getOperation().emitError()
          << "nn-prune-channels: max-rounds is " << maxRounds.getValue()
          << ", at least 1 is required";
      return signalPassFailure();
    }
    for (int64_t round = 0; round < maxRounds; ++round) {
      Pruner pruner(getOperation());
      if (!pruner.run())
        return;
      numUnread += pruner.numUnread;
      numConstant += pruner.numConstant;
      numWeights += pruner.numWeights;
    }
  }
};
} // namespace
