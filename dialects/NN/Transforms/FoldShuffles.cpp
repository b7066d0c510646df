//===- FoldShuffles.cpp - Channel shuffles into the order of weights ------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/ChannelMoves.h"
#include "NN/Transforms/ChannelOrder.h"
#include "NN/Transforms/Passes.h"

#include "llvm/ADT/Sequence.h"

#include <numeric>

namespace mlir {
namespace nn {
#define GEN_PASS_DEF_FOLDSHUFFLESPASS
#include "NN/Transforms/Passes.h.inc"
} // namespace nn
} // namespace mlir

using namespace mlir;
using namespace mlir::nn;

/// On gathers that stand for a shuffle while the pass runs.
static constexpr StringLiteral kShuffle = "nn.shuffle";

static bool isMoveAlong(Operation *op, int64_t axis) {
  return moveAxis(op) == axis;
}

/// A gather as the permutation it is; nullopt where it repeats or drops
/// elements.
static std::optional<Shuffle> readShuffle(GatherOp op) {
  std::optional<int64_t> axis = moveAxis(op);
  if (!axis || op.getType() != op.getInput().getType())
    return std::nullopt;
  SmallVector<int64_t> order =
      *constantIntegers(constantValue(op.getIndices()));
  for (int64_t &i : order)
    i = i < 0 ? i + order.size() : i;
  SmallVector<int64_t> sorted(order);
  llvm::sort(sorted);
  if (!isIdentity(sorted))
    return std::nullopt;
  return Shuffle{op.getInput(), *axis, order};
}

namespace {
class ShuffleFolder {
public:
  ShuffleFolder(Operation *root, int64_t minRun) : root(root), minRun(minRun) {}

  void run();
  int64_t folded = 0, left = 0;

private:
  void recogniseShuffles();
  void splitReaders();
  void foldAll();
  bool foldForward(Value moved, int64_t axis, bool allowRuns);
  bool foldWith(Value moved, int64_t axis, ArrayRef<int64_t> order,
                const ViewGroup &group, bool allowRuns);
  bool foldBackward(Value moved, int64_t axis);
  void mergeReaders();
  void eraseDead();
  void expandShuffles();
  int64_t countShuffles();

  bool isWorthRuns(ArrayRef<ChannelRef> channels, bool allowRuns) const {
    int64_t runs = countRuns(channels);
    return runs <= 1 || (allowRuns && runs * minRun <= static_cast<int64_t>(
                                                           channels.size()));
  }

  Operation *root;
  int64_t minRun;
  /// Moved values and their copies for readers that compute.
  SmallVector<std::pair<Operation *, Operation *>> copies;
  llvm::DenseSet<Operation *> erased;
};
} // namespace

/// Shuffles as gathers: one form to reason about.
void ShuffleFolder::recogniseShuffles() {
  SmallVector<Operation *> tails;
  root->walk([&](Operation *op) {
    if (isa<ReshapeOp, TransposeOp>(op))
      tails.push_back(op);
  });
  for (Operation *tail : llvm::reverse(tails)) {
    if (tail->use_empty())
      continue;
    std::optional<Shuffle> shuffle = matchShuffle(tail);
    if (!shuffle)
      continue;
    OpBuilder builder(tail);
    auto type = RankedTensorType::get(
        static_cast<int64_t>(shuffle->order.size()), builder.getI64Type());
    Value order =
        ConstantOp::create(builder, tail->getLoc(), type,
                           DenseIntElementsAttr::get(type, shuffle->order));
    auto gather = GatherOp::create(builder, tail->getLoc(), shuffle->input,
                                   order, shuffle->axis);
    gather->setAttr(kShuffle, builder.getUnitAttr());
    Value replacement = gather;
    if (gather.getType() != tail->getResult(0).getType())
      replacement = ReshapeOp::create(
          builder, tail->getLoc(), tail->getResult(0).getType(), replacement);
    tail->getResult(0).replaceAllUsesWith(replacement);
  }
}

/// A moved value that both moving and computing ops read is made twice, so that
/// the computing ones can have another order.
void ShuffleFolder::splitReaders() {
  root->walk([&](Operation *op) {
    std::optional<int64_t> axis = moveAxis(op);
    if (!axis)
      return;
    SmallVector<OpOperand *> computing;
    bool hasMoving = false;
    for (OpOperand &use : op->getResult(0).getUses()) {
      if (isMoveAlong(use.getOwner(), *axis))
        hasMoving = true;
      else
        computing.push_back(&use);
    }
    if (!hasMoving || computing.empty())
      return;
    OpBuilder builder(op);
    builder.setInsertionPointAfter(op);
    Operation *copy = builder.clone(*op);
    for (OpOperand *use : computing)
      use->set(copy->getResult(0));
    copies.push_back({op, copy});
  });
}

/// Orders that `group` may be able to have, those with the fewest runs first:
/// as the channels lie; as they lie inside each block of a group convolution;
/// as it is.
static SmallVector<SmallVector<int64_t>> candidates(const ViewGroup &group,
                                                    const Provenance &from) {
  int64_t size = from.channels.size(), block = size;
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, size));
  if (group.pinned || !group.readers.empty())
    return {order};
  for (const ChannelTies &ties : group.blocks)
    block = std::gcd(block, ties.block);
  llvm::MapVector<Value, int64_t> rank;
  for (const ChannelRef &ref : from.channels)
    rank.insert({ref.origin, rank.size()});
  SmallVector<SmallVector<int64_t>> result;
  for (int64_t width : {size, block}) {
    auto key = [&](int64_t i) {
      const ChannelRef &ref = from.channels[i];
      return std::make_tuple(i / width, rank.lookup(ref.origin), ref.index, i);
    };
    SmallVector<int64_t> sorted = order;
    llvm::sort(sorted, [&](int64_t a, int64_t b) { return key(a) < key(b); });
    result.push_back(sorted);
  }
  result.push_back(order);
  return result;
}

/// Gives the readers of a moved value an order in which its channels lie in
/// memory.
bool ShuffleFolder::foldForward(Value moved, int64_t axis, bool allowRuns) {
  Provenance from = traceChannels(moved, axis);
  if (!from.gathers)
    return false;
  ViewGroup group = ViewGroup::of(moved, {axis, 1, 1});
  for (ArrayRef<int64_t> order : candidates(group, from))
    if (foldWith(moved, axis, order, group, allowRuns))
      return true;
  return false;
}

bool ShuffleFolder::foldWith(Value moved, int64_t axis, ArrayRef<int64_t> order,
                             const ViewGroup &group, bool allowRuns) {
  ChannelView view{axis, 1, 1};
  SmallVector<std::pair<Value, SmallVector<ChannelRef>>> moves;
  SmallVector<Value> members =
      isIdentity(order) ? SmallVector<Value>{moved} : group.moved;
  for (Value v : members) {
    if (group.members.lookup(v) != view ||
        !isMoveAlong(v.getDefiningOp(), axis))
      return false;
    SmallVector<ChannelRef> channels = traceChannels(v, axis).channels, next;
    for (int64_t i : order)
      next.push_back(channels[i]);
    if (!isWorthRuns(next, allowRuns))
      return false;
    moves.push_back({v, next});
  }
  // Other groups follow whole blocks; what moves in them would have to be
  // redone.
  auto check = [&](const ViewGroup &other) {
    return other.members.contains(moved) ||
           (other.moved.empty() && other.readers.empty());
  };
  OrderPlan plan;
  if (!isIdentity(order) && failed(plan.permute(moved, view, order, check)))
    return false;
  applyOrders(plan.orders());
  for (auto &[v, channels] : moves) {
    OpBuilder builder(v.getDefiningOp());
    Value next = moveChannels(builder, v.getLoc(), channels, axis);
    const_cast<Value &>(v).replaceAllUsesWith(next);
  }
  return true;
}

/// The origins of a moved value that is a permutation of each of them, one
/// after the other, with the orders.
static std::optional<llvm::MapVector<Value, SmallVector<int64_t>>>
permutedOrigins(const Provenance &from, int64_t axis) {
  llvm::MapVector<Value, SmallVector<int64_t>> orders;
  Value last;
  for (const ChannelRef &ref : from.channels) {
    if (ref.origin != last && orders.contains(ref.origin))
      return std::nullopt;
    last = ref.origin;
    orders[ref.origin].push_back(ref.index);
  }
  for (auto &[origin, order] : orders) {
    SmallVector<int64_t> sorted(order);
    llvm::sort(sorted);
    if (!isIdentity(sorted) ||
        static_cast<int64_t>(order.size()) != shapeOf(origin)[axis])
      return std::nullopt;
  }
  return orders;
}

/// Gives what computes a moved value's channels the order that its readers
/// want.
bool ShuffleFolder::foldBackward(Value moved, int64_t axis) {
  Provenance from = traceChannels(moved, axis);
  auto origins = permutedOrigins(from, axis);
  if (!from.gathers || !origins)
    return false;
  for (Operation *op : from.chain)
    for (Operation *user : op->getUsers())
      if (op->getResult(0) != moved && !from.chain.contains(user))
        return false;
  auto check = [&](const ViewGroup &group) {
    return group.moved.empty() && !group.members.contains(moved) &&
           llvm::all_of(group.readers, [&](Operation *reader) {
             return from.chain.contains(reader);
           });
  };
  OrderPlan plan;
  for (auto &[origin, order] : *origins)
    if (!isIdentity(order) &&
        failed(plan.permute(origin, ChannelView{axis, 1, 1}, order, check)))
      return false;
  OpBuilder builder(moved.getDefiningOp());
  SmallVector<ChannelRef> inOrder;
  for (auto &[origin, order] : *origins)
    for (int64_t i = 0, e = order.size(); i < e; ++i)
      inOrder.push_back({origin, i});
  // Before the readers move over: they want the order that the origins get.
  applyOrders(plan.orders());
  Value joined = moveChannels(builder, moved.getLoc(), inOrder, axis);
  moved.replaceAllUsesWith(joined);
  return true;
}

void ShuffleFolder::foldAll() {
  SmallVector<Operation *> sinks;
  root->walk([&](Operation *op) {
    std::optional<int64_t> axis = moveAxis(op);
    if (axis && llvm::any_of(op->getUsers(), [&](Operation *user) {
          return !isMoveAlong(user, *axis);
        }))
      sinks.push_back(op);
  });
  for (Operation *op : sinks) {
    if (erased.contains(op))
      continue;
    int64_t axis = *moveAxis(op);
    // Nothing moved is best; slices are better than a shuffle.
    Value moved = op->getResult(0);
    if (foldForward(moved, axis, false) || foldBackward(moved, axis) ||
        foldForward(moved, axis, true))
      eraseDead();
  }
}

void ShuffleFolder::mergeReaders() {
  for (auto [original, copy] : copies)
    if (!erased.contains(original) && !erased.contains(copy))
      copy->getResult(0).replaceAllUsesWith(original->getResult(0));
}

void ShuffleFolder::eraseDead() {
  SmallVector<Operation *> movers;
  root->walk([&](Operation *op) {
    if (isa<ConstantOp, ReshapeOp, TransposeOp, GatherOp, SliceOp, ConcatOp>(
            op))
      movers.push_back(op);
  });
  for (Operation *op : llvm::reverse(movers)) {
    if (!op->use_empty())
      continue;
    erased.insert(op);
    op->erase();
  }
}

/// Gathers that permute channels; others choose some, which no order replaces.
int64_t ShuffleFolder::countShuffles() {
  int64_t count = 0;
  root->walk([&](GatherOp op) { count += readShuffle(op).has_value(); });
  return count;
}

void ShuffleFolder::expandShuffles() {
  SmallVector<GatherOp> gathers;
  root->walk([&](GatherOp op) {
    if (op->hasAttr(kShuffle))
      gathers.push_back(op);
  });
  for (GatherOp op : gathers) {
    OpBuilder builder(op);
    op->removeAttr(kShuffle);
    std::optional<Shuffle> shuffle = readShuffle(op);
    if (!shuffle || !shuffleGroups(shuffle->order))
      continue;
    op.getResult().replaceAllUsesWith(
        expandShuffle(builder, op.getLoc(), *shuffle));
    op.erase();
  }
  eraseDead();
}

void ShuffleFolder::run() {
  recogniseShuffles();
  eraseDead();
  int64_t before = countShuffles();
  splitReaders();
  foldAll();
  mergeReaders();
  eraseDead();
  left = countShuffles();
  folded = before - left;
  expandShuffles();
}

namespace {
struct FoldShuffles : nn::impl::FoldShufflesPassBase<FoldShuffles> {
  using FoldShufflesPassBase::FoldShufflesPassBase;
  void runOnOperation() override {
    if (minRun < 1) {
      emitError(getOperation()->getLoc())
          << "nn-fold-shuffles: min-run is " << minRun.getValue()
          << ", at least 1 is required";
      return signalPassFailure();
    }
    ShuffleFolder folder(getOperation(), minRun);
    folder.run();
    numFolded += folder.folded;
    numLeft += folder.left;
  }
};
} // namespace
