//===- ChannelOrder.cpp - Reordering and removing channels ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/ChannelOrder.h"

#include "NN/IR/ShapeInference.h"

#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::nn;

bool nn::isIdentity(ArrayRef<int64_t> order) {
  return llvm::equal(order, llvm::seq<int64_t>(0, order.size()));
}

//===----------------------------------------------------------------------===//
// ChannelView groups
//===----------------------------------------------------------------------===//

namespace {
/// Follows ties from value to value.
class GroupWalk {
public:
  explicit GroupWalk(ViewGroup &group) : group(group) {}

  void add(Value v, const ChannelView &view) {
    auto [it, isNew] = group.members.insert({v, view});
    if (isNew)
      worklist.push_back({v, view});
    else if (it->second != view)
      group.pinned = true;
  }

  void run() {
    while (!worklist.empty()) {
      auto [v, view] = worklist.pop_back_val();
      auto result = dyn_cast<OpResult>(v);
      if (!result || isa<ConstantOp>(result.getOwner()))
        group.pinned = true;
      else if (take(result.getOwner(), channelTies(result, view)))
        group.moved.push_back(v);
      for (OpOperand &use : v.getUses())
        if (take(use.getOwner(), channelTies(use, view)))
          group.readers.insert(use.getOwner());
    }
  }

private:
  /// Takes one op's ties in; whether it moves the channels.
  bool take(Operation *op, const ChannelTies &ties) {
    group.pinned |= ties.pinned;
    for (const ViewedValue &tied : ties.same)
      add(tied.first, tied.second);
    if (ties.block)
      group.blocks.push_back(ties);
    if (ties.sums)
      group.sums.insert(op);
    return ties.moves;
  }

  ViewGroup &group;
  SmallVector<ViewedValue> worklist;
};
} // namespace

ViewGroup ViewGroup::of(Value v, const ChannelView &view) {
  ViewGroup group;
  group.channels = view.channels(v);
  GroupWalk walk(group);
  walk.add(v, view);
  walk.run();
  return group;
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

/// How `order` permutes whole blocks; nullopt where it tears one apart.
static std::optional<SmallVector<int64_t>> blockOrder(ArrayRef<int64_t> order,
                                                      int64_t block) {
  SmallVector<int64_t> blocks;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i % block == 0)
      blocks.push_back(order[i] / block);
    else if (order[i] / block != blocks.back())
      return std::nullopt;
  }
  return blocks;
}

/// The order of channels that moves blocks whole.
static SmallVector<int64_t> expandBlocks(ArrayRef<int64_t> blocks,
                                         int64_t block) {
  SmallVector<int64_t> order;
  for (int64_t b : blocks)
    for (int64_t i = 0; i < block; ++i)
      order.push_back(b * block + i);
  return order;
}

namespace {
struct OrderRequest {
  Value value;
  ChannelView view;
  SmallVector<int64_t> order;
};
} // namespace

/// The old positions on the axis of `v` behind each position it has in
/// `positions`, by blocks.
static std::optional<SmallVector<int64_t>>
plannedBlocks(const AxisOrders &orders, Value v, int64_t block) {
  auto it = orders.find(v);
  if (it == orders.end())
    return std::nullopt;
  return blockOrder(it->second.positions, block);
}

/// What the other side of a group convolution has to follow, if anything.
static LogicalResult followBlocks(const ChannelTies &ties,
                                  ArrayRef<int64_t> order,
                                  const AxisOrders &orders,
                                  SmallVectorImpl<OrderRequest> &requests) {
  std::optional<SmallVector<int64_t>> blocks = blockOrder(order, ties.block);
  if (!blocks)
    return failure();
  auto [partner, view] = ties.partner;
  if (orders.contains(partner))
    return success(plannedBlocks(orders, partner, ties.partnerBlock) == blocks);
  if (!isIdentity(*blocks))
    requests.push_back(
        {partner, view, expandBlocks(*blocks, ties.partnerBlock)});
  return success();
}

LogicalResult
OrderPlan::permute(Value v, const ChannelView &view, ArrayRef<int64_t> order,
                   llvm::function_ref<bool(const ViewGroup &)> check) {
  AxisOrders next = planned;
  SmallVector<OrderRequest> requests{{v, view, SmallVector<int64_t>(order)}};
  while (!requests.empty()) {
    OrderRequest request = requests.pop_back_val();
    SmallVector<int64_t> wanted =
        request.view.positions(request.value, request.order);
    auto it = next.find(request.value);
    if (it != next.end()) {
      if (it->second.axis != request.view.axis ||
          it->second.positions != wanted)
        return failure();
      continue;
    }
    ViewGroup group = ViewGroup::of(request.value, request.view);
    if (group.pinned || (check && !check(group)))
      return failure();
    for (auto &[member, memberView] : group.members) {
      AxisOrder axisOrder{memberView.axis,
                          memberView.positions(member, request.order)};
      if (!next.insert({member, axisOrder}).second)
        return failure();
    }
    for (const ChannelTies &ties : group.blocks)
      if (failed(followBlocks(ties, request.order, next, requests)))
        return failure();
  }
  planned = std::move(next);
  return success();
}

//===----------------------------------------------------------------------===//
// Writing orders into the graph
//===----------------------------------------------------------------------===//

namespace {
/// Adapts ops to orders. Constants are replaced, never changed: others read
/// them.
class OrderWriter {
public:
  explicit OrderWriter(const AxisOrders &orders) : orders(orders) {}

  void adapt(Operation *op);
  void setTypes();

private:
  /// The new order of `v`'s dimension, or the one it has.
  SmallVector<int64_t> positions(Value v, int64_t axis) const {
    auto it = orders.find(v);
    if (it != orders.end())
      return it->second.positions;
    return llvm::to_vector(llvm::seq<int64_t>(0, shapeOf(v)[axis]));
  }
  static void select(OpOperand &operand, int64_t dim,
                     ArrayRef<int64_t> positions) {
    OpBuilder builder(operand.getOwner());
    operand.set(selectConstant(builder, operand.get(), dim, positions));
  }
  void selectChannelConstants(LinearOpInterface op);
  void adaptLinear(LinearOpInterface op);
  void adaptGroups(ConvOp op, ArrayRef<int64_t> in, ArrayRef<int64_t> out);
  void adaptSlice(SliceOp op);
  void adaptGather(GatherOp op);
  void selectTiedConstants(Operation *op);

  const AxisOrders &orders;
};
} // namespace

/// Bias and epilogue operands where they are constants.
void OrderWriter::selectChannelConstants(LinearOpInterface op) {
  auto it = orders.find(op.getResult());
  if (it == orders.end())
    return;
  ArrayRef<int64_t> order = it->second.positions;
  for (OpOperand &bias : op.getBiasMutable())
    if (constantValue(bias.get()))
      select(bias, 0, order);
  for (OpOperand &operand : op.getEpilogueOperandsMutable()) {
    Value v = operand.get();
    if (!constantValue(v) || shapeOf(v).empty())
      continue;
    bool isWhole = shapeOf(v) == shapeOf(op.getResult());
    select(operand, isWhole ? op.getResultChannelDim() : 0, order);
  }
}

void OrderWriter::adaptGroups(ConvOp op, ArrayRef<int64_t> in,
                              ArrayRef<int64_t> out) {
  auto type = cast<RankedTensorType>(op.getWeights().getType());
  int64_t groups = op.getGroups();
  int64_t columns = type.getDimSize(1), rows = type.getDimSize(0) / groups;
  int64_t inner = 1;
  for (int64_t d : type.getShape().drop_front(2))
    inner *= d;
  ElementsAttr weights =
      foldByIndex(constantValue(op.getWeights()), type, [&](int64_t linear) {
        int64_t tail = linear % inner, column = linear / inner % columns;
        int64_t row = linear / inner / columns;
        int64_t from = in[row / rows * columns + column] % columns;
        return (out[row] * columns + from) * inner + tail;
      });
  OpBuilder builder(op);
  op.getWeightsMutable().assign(
      ConstantOp::create(builder, op.getWeights().getLoc(), type, weights));
}

void OrderWriter::adaptLinear(LinearOpInterface op) {
  selectChannelConstants(op);
  SmallVector<int64_t> in = positions(op.getInput(), op.getInputChannelDim());
  SmallVector<int64_t> out =
      positions(op.getResult(), op.getResultChannelDim());
  auto conv = dyn_cast<ConvOp>(*op);
  bool isDepthwise = op.isDepthwise();
  if (op.getGroups() > 1 && !isDepthwise)
    return adaptGroups(conv, in, out);
  if (orders.contains(op.getResult()))
    select(op.getWeightsOperand(), op.getWeightsResultDim(), out);
  if (!orders.contains(op.getInput()))
    return;
  if (isDepthwise)
    conv.setGroups(in.size());
  else
    select(op.getWeightsOperand(), op.getWeightsInputDim(), in);
}

/// Channels that stay keep their order here: the slice holds those of its
/// range.
void OrderWriter::adaptSlice(SliceOp op) {
  auto it = orders.find(op.getInput());
  if (it == orders.end())
    return;
  int64_t axis = it->second.axis;
  SmallVector<int64_t> starts(op.getStarts()), sizes(op.getSizes());
  auto isBefore = [&](int64_t p) { return p < starts[axis]; };
  int64_t start = llvm::count_if(it->second.positions, isBefore);
  sizes[axis] = positions(op.getResult(), axis).size();
  starts[axis] = start;
  op.setStarts(starts);
  op.setSizes(sizes);
}

void OrderWriter::adaptGather(GatherOp op) {
  int64_t axis = op.getAxis();
  SmallVector<int64_t> in = positions(op.getInput(), axis);
  SmallVector<int64_t> out = positions(op.getResult(), axis);
  llvm::DenseMap<int64_t, int64_t> newPlace;
  for (auto [i, from] : llvm::enumerate(in))
    newPlace[from] = i;
  SmallVector<int64_t> old = *constantIntegers(constantValue(op.getIndices()));
  SmallVector<int64_t> indices;
  int64_t size = shapeOf(op.getInput())[axis];
  for (int64_t p : out)
    indices.push_back(newPlace.lookup(old[p] < 0 ? old[p] + size : old[p]));
  OpBuilder builder(op);
  auto type = RankedTensorType::get(static_cast<int64_t>(indices.size()),
                                    builder.getI64Type());
  op.getIndicesMutable().assign(
      ConstantOp::create(builder, op.getIndices().getLoc(), type,
                         DenseIntElementsAttr::get(type, indices)));
}

/// The constants whose channels are those of the result.
void OrderWriter::selectTiedConstants(Operation *op) {
  if (op->getNumResults() != 1)
    return;
  auto it = orders.find(op->getResult(0));
  if (it == orders.end())
    return;
  ChannelTies ties = channelTies(op->getOpResult(0), {it->second.axis, 1, 1});
  for (auto &[operand, view] : ties.constants)
    select(*operand, view.axis, it->second.positions);
}

void OrderWriter::adapt(Operation *op) {
  auto ordered = [&](Value v, int64_t axis) {
    auto it = orders.find(v);
    return it != orders.end() && it->second.axis == axis;
  };
  llvm::TypeSwitch<Operation *>(op)
      .Case<LinearOpInterface>([&](auto linear) { adaptLinear(linear); })
      .Case<SliceOp>([&](SliceOp slice) {
        selectTiedConstants(slice);
        adaptSlice(slice);
      })
      .Case<GatherOp>([&](GatherOp gather) {
        if (ordered(gather.getInput(), gather.getAxis()) ||
            ordered(gather.getResult(), gather.getAxis()))
          adaptGather(gather);
        else
          selectTiedConstants(gather);
      })
      .Default([&](Operation *other) { selectTiedConstants(other); });
}

void OrderWriter::setTypes() {
  for (auto &[v, order] : orders) {
    auto type = cast<RankedTensorType>(v.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape[order.axis] = order.positions.size();
    const_cast<Value &>(v).setType(type.clone(shape));
    if (auto slice = v.getDefiningOp<SliceOp>())
      slice.setSizes(shape);
  }
}

void nn::applyOrders(const AxisOrders &orders) {
  llvm::SetVector<Operation *> ops;
  for (auto &[v, order] : orders) {
    if (Operation *def = v.getDefiningOp())
      ops.insert(def);
    for (Operation *user : v.getUsers())
      ops.insert(user);
  }
  OrderWriter writer(orders);
  for (Operation *op : ops)
    writer.adapt(op);
  writer.setTypes();
}
