//===- GroupConvs.cpp - Dense convolutions that are group convolutions ----===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/ChannelConstants.h"
#include "NN/Transforms/ChannelOrder.h"
#include "NN/Transforms/Passes.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/ADT/IntEqClasses.h"
#include "llvm/ADT/Sequence.h"

#include <numeric>

namespace mlir {
namespace nn {
#define GEN_PASS_DEF_GROUPCONVSPASS
#include "NN/Transforms/Passes.h.inc"
} // namespace nn
} // namespace mlir

using namespace mlir;
using namespace mlir::nn;

namespace {
/// Channels joined by non-zero weights.
struct Component {
  SmallVector<int64_t> in, out;
};

/// How a convolution falls apart: the input and output channels of each group,
/// one group after the other.
struct Grouping {
  int64_t groups;
  SmallVector<int64_t> in, out;
};
} // namespace

//===----------------------------------------------------------------------===//
// Finding groups
//===----------------------------------------------------------------------===//

/// Connected components of the bipartite graph that has an edge where any
/// weight between an input and an output channel is not zero.
static std::optional<SmallVector<Component>> findComponents(ConvOp op) {
  std::optional<WeightView> weights =
      WeightView::get(constantValue(op.getWeights()));
  if (!weights)
    return std::nullopt;
  auto type = cast<RankedTensorType>(op.getWeights().getType());
  int64_t outs = type.getDimSize(0), columns = type.getDimSize(1);
  int64_t groups = op.getGroups(), ins = columns * groups;
  int64_t block = outs * columns == 0 ? 0 : weights->size() / (outs * columns);
  llvm::IntEqClasses classes(ins + outs);
  for (int64_t o = 0; o < outs; ++o)
    for (int64_t j = 0; j < columns; ++j) {
      auto window =
          llvm::seq((o * columns + j) * block, (o * columns + j + 1) * block);
      if (!llvm::all_of(window, [&](int64_t i) { return weights->isZero(i); }))
        classes.join(o / (outs / groups) * columns + j, ins + o);
    }
  classes.compress();
  SmallVector<Component> components(classes.getNumClasses());
  for (int64_t i = 0; i < ins; ++i)
    components[classes[i]].in.push_back(i);
  for (int64_t o = 0; o < outs; ++o)
    components[classes[ins + o]].out.push_back(o);
  return components;
}

/// Puts the components into `groups` groups of equal sizes, the largest first,
/// each where it fits most tightly. nullopt where that does not come out even.
static std::optional<Grouping> packGroups(ArrayRef<Component> components,
                                          int64_t groups, size_t ins,
                                          size_t outs) {
  SmallVector<Component> bins(groups);
  for (const Component &component : components) {
    Component *best = nullptr;
    for (Component &bin : bins) {
      bool fits = bin.in.size() + component.in.size() <= ins / groups &&
                  bin.out.size() + component.out.size() <= outs / groups;
      size_t fill = bin.in.size() + bin.out.size();
      if (fits && (!best || fill > best->in.size() + best->out.size()))
        best = &bin;
    }
    if (!best)
      return std::nullopt;
    best->in.append(component.in);
    best->out.append(component.out);
  }
  for (Component &bin : bins) {
    llvm::sort(bin.in);
    llvm::sort(bin.out);
  }
  llvm::sort(bins, [](const Component &a, const Component &b) {
    return a.in.front() < b.in.front();
  });
  Grouping result{groups, {}, {}};
  for (Component &bin : bins) {
    result.in.append(bin.in);
    result.out.append(bin.out);
  }
  return result;
}

/// `groups` groups for each one that `op` has, so that no channel leaves its
/// own.
static std::optional<Grouping>
packWithin(ConvOp op, ArrayRef<Component> components, int64_t groups) {
  int64_t own = op.getGroups(), ins = shapeOf(op.getWeights())[1];
  int64_t outs = shapeOf(op.getWeights())[0] / own;
  SmallVector<SmallVector<Component>> byOwn(own);
  for (const Component &c : components)
    byOwn[c.in.empty() ? c.out.front() / outs : c.in.front() / ins].push_back(
        c);
  Grouping result{groups * own, {}, {}};
  for (ArrayRef<Component> part : byOwn) {
    std::optional<Grouping> packed = packGroups(part, groups, ins, outs);
    if (!packed)
      return std::nullopt;
    result.in.append(packed->in);
    result.out.append(packed->out);
  }
  return result;
}

/// The most groups that `op` falls into, if more than it has.
static std::optional<Grouping> findGrouping(ConvOp op) {
  std::optional<SmallVector<Component>> components = findComponents(op);
  if (!components || components->empty())
    return std::nullopt;
  auto key = [](const Component &c) {
    return std::make_pair(-static_cast<int64_t>(c.in.size() + c.out.size()),
                          c.in.empty() ? c.out.front() : c.in.front());
  };
  // The order is total but for components of one channel, which are alike.
  llvm::sort(*components, [&](const Component &a, const Component &b) {
    return key(a) < key(b);
  });
  const Component &largest = components->front();
  bool allZero = largest.in.empty() || largest.out.empty();
  if (allZero)
    return std::nullopt;
  ArrayRef<int64_t> weights = shapeOf(op.getWeights());
  int64_t most = std::gcd(weights[1], weights[0] / int64_t(op.getGroups()));
  for (int64_t groups = most; groups > 1; --groups)
    if (most % groups == 0)
      if (auto grouping = packWithin(op, *components, groups))
        return grouping;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Converting
//===----------------------------------------------------------------------===//

static Value gatherChannels(OpBuilder &builder, Location loc, Value v,
                            ArrayRef<int64_t> order, int64_t axis) {
  auto type = RankedTensorType::get(static_cast<int64_t>(order.size()),
                                    builder.getI64Type());
  Value indices = ConstantOp::create(builder, loc, type,
                                     DenseIntElementsAttr::get(type, order));
  return GatherOp::create(builder, loc, v, indices, axis);
}

/// The non-zero blocks of weights whose channels are in the order of
/// `grouping`.
static ElementsAttr groupWeights(ConvOp op, const Grouping &grouping) {
  auto type = cast<RankedTensorType>(op.getWeights().getType());
  SmallVector<int64_t> shape(type.getShape());
  int64_t columns = shape[1], ins = columns * op.getGroups();
  int64_t newColumns = ins / grouping.groups;
  int64_t rows = shape[0] / grouping.groups, inner = 1;
  for (int64_t d : type.getShape().drop_front(2))
    inner *= d;
  shape[1] = newColumns;
  return foldByIndex(
      constantValue(op.getWeights()), type.clone(shape), [&](int64_t linear) {
        int64_t tail = linear % inner, j = linear / inner % newColumns;
        int64_t row = linear / inner / newColumns;
        int64_t in = grouping.in[row / rows * newColumns + j];
        return (grouping.out[row] * columns + in % columns) * inner + tail;
      });
}

namespace {
/// Converts one convolution.
class Converter {
public:
  Converter(ConvOp op, const Grouping &grouping)
      : op(op), grouping(grouping), view{op.getChannelDim(), 1, 1} {}

  /// Finds out which permutations other weights can take; false where what is
  /// left cannot be done by moving channels before and after.
  bool plan() {
    auto check = [](const ViewGroup &group) {
      return group.moved.empty() && group.readers.empty();
    };
    bool permutesIn = !isIdentity(grouping.in);
    bool permutesOut = !isIdentity(grouping.out);
    gathersIn = permutesIn &&
                failed(orders.permute(op.getInput(), view, grouping.in, check));
    gathersOut = permutesOut && failed(orders.permute(op.getResult(), view,
                                                      grouping.out, check));
    // Where input and result are tied, the order of one may force the other's.
    const AxisOrders &planned = orders.orders();
    return planned.contains(op.getInput()) == (permutesIn && !gathersIn) &&
           planned.contains(op.getResult()) == (permutesOut && !gathersOut) &&
           (!gathersOut || hasMovableOutputs());
  }
  int64_t shuffles() const { return gathersIn + gathersOut; }

  /// Whether fewer multiply-adds outweigh the elements moved, at `moveCost`
  /// each.
  bool pays(int64_t moveCost) {
    int64_t weights =
        cast<RankedTensorType>(op.getWeights().getType()).getNumElements();
    int64_t outs = shapeOf(op.getWeights())[0];
    int64_t pixels = op.getType().getNumElements() / std::max<int64_t>(outs, 1);
    int64_t saved =
        pixels * (weights - weights * op.getGroups() / grouping.groups);
    int64_t moved = 0;
    if (gathersIn)
      moved += cast<RankedTensorType>(op.getInput().getType()).getNumElements();
    if (gathersOut)
      moved += op.getType().getNumElements();
    return saved > moveCost * moved;
  }

  void convert();

private:
  bool hasMovableOutputs();
  void permuteOutputs();
  void moveResult();

  ConvOp op;
  const Grouping &grouping;
  ChannelView view;
  OrderPlan orders;
  bool gathersIn = false, gathersOut = false;
};
} // namespace

/// Whether bias and epilogue can follow the filters without moving data.
bool Converter::hasMovableOutputs() {
  if (op.getBias() && !isReadableConstant(op.getBias()))
    return false;
  return llvm::all_of(op.getEpilogueOperands(), [](Value v) {
    return shapeOf(v).empty() ||
           (shapeOf(v).size() == 1 && isReadableConstant(v));
  });
}

void Converter::permuteOutputs() {
  OpBuilder builder(op);
  for (unsigned i = 2; i < op->getNumOperands(); ++i)
    if (!shapeOf(op->getOperand(i)).empty())
      op->setOperand(
          i, selectConstant(builder, op->getOperand(i), 0, grouping.out));
}

/// Readers that could not take the new order get the old one back.
void Converter::moveResult() {
  OpBuilder builder(op);
  builder.setInsertionPointAfter(op);
  Value result = op.getResult();
  Value gathered =
      gatherChannels(builder, op.getLoc(), result,
                     invertPermutationVector(grouping.out), view.axis);
  result.replaceAllUsesExcept(gathered, gathered.getDefiningOp());
}

/// The planned orders are applied while the op is as it was planned with; then
/// its weights are cut to blocks, in the order of what moves here.
void Converter::convert() {
  applyOrders(orders.orders());
  auto identity = [](size_t size) {
    return llvm::to_vector(llvm::seq<int64_t>(0, size));
  };
  Grouping here{grouping.groups,
                gathersIn ? grouping.in : identity(grouping.in.size()),
                gathersOut ? grouping.out : identity(grouping.out.size())};
  OpBuilder builder(op);
  ElementsAttr weights = groupWeights(op, here);
  op.getWeightsMutable().assign(
      ConstantOp::create(builder, op.getWeights().getLoc(), weights));
  op.setGroups(grouping.groups);
  if (gathersIn)
    op.getInputMutable().assign(gatherChannels(
        builder, op.getLoc(), op.getInput(), grouping.in, view.axis));
  if (gathersOut) {
    permuteOutputs();
    moveResult();
  }
}

namespace {
struct GroupConvs : nn::impl::GroupConvsPassBase<GroupConvs> {
  using GroupConvsPassBase::GroupConvsPassBase;

  void runOnOperation() override {
    if (failed(checkOption("max-shuffles", maxShuffles)) ||
        failed(checkOption("move-cost", moveCost)))
      return signalPassFailure();
    getOperation().walk([&](ConvOp op) {
      if (isReadableConstant(op.getWeights()))
        convert(op);
    });
  }

  LogicalResult checkOption(StringRef name, int64_t value) {
    if (value >= 0)
      return success();
    return getOperation().emitError() << "nn-group-convs: " << name << " is "
                                      << value << ", at least 0 is required";
  }

  void convert(ConvOp op) {
    std::optional<Grouping> grouping = findGrouping(op);
    if (!grouping)
      return;
    Converter converter(op, *grouping);
    if (!converter.plan() || converter.shuffles() > maxShuffles ||
        !converter.pays(moveCost)) {
      ++numLeft;
      return;
    }
    numShuffles += converter.shuffles();
    converter.convert();
    ++numConverted;
    numDepthwise += cast<LinearOpInterface>(*op).isDepthwise();
  }
};
} // namespace
