//===- ChannelTies.cpp - Where an op's channels are -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/ChannelTies.h"

#include "NN/IR/ShapeInference.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::nn;

int64_t ChannelView::channels(Value v) const {
  return shapeOf(v)[axis] / (outer * inner);
}

SmallVector<int64_t> ChannelView::positions(Value v,
                                            ArrayRef<int64_t> order) const {
  SmallVector<int64_t> result;
  int64_t count = channels(v);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t c : order)
      for (int64_t i = 0; i < inner; ++i)
        result.push_back((o * count + c) * inner + i);
  return result;
}

ChannelView nn::channelView(Layout layout, int64_t rank) {
  return {layout == Layout::channels_first ? 1 : rank - 1, 1, 1};
}

ElementsAttr nn::constantValue(Value v) {
  auto constant = v ? v.getDefiningOp<ConstantOp>() : ConstantOp();
  return constant ? constant.getValue() : ElementsAttr();
}

bool nn::isReadableConstant(Value v) {
  ElementsAttr value = constantValue(v);
  if (!value || !elementOf(v).isIntOrFloat())
    return false;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return resource.getRawHandle().getBlob() != nullptr;
  auto dense = dyn_cast<DenseElementsAttr>(value);
  // Equal elements are one until they are read, at 8 bytes each.
  return dense &&
         (!dense.isSplat() || dense.getNumElements() <= kMaxGrownBytes / 8);
}

Value nn::selectConstant(OpBuilder &builder, Value value, int64_t dim,
                         ArrayRef<int64_t> positions) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  int64_t from = shape[dim], count = positions.size();
  shape[dim] = count;
  int64_t inner = 1;
  for (int64_t d = dim + 1; d < type.getRank(); ++d)
    inner *= shape[d];
  auto resultType = RankedTensorType::get(shape, type.getElementType());
  ElementsAttr selected =
      foldByIndex(constantValue(value), resultType, [&](int64_t linear) {
        int64_t tail = linear % inner, head = linear / inner;
        return (head / count * from + positions[head % count]) * inner + tail;
      });
  return ConstantOp::create(builder, value.getLoc(), resultType, selected);
}

//===----------------------------------------------------------------------===//
// Ties
//===----------------------------------------------------------------------===//

namespace {
/// Collects the ties of one op, seen from the value it was asked about.
struct TieBuilder {
  Operation *op;
  /// What it was asked about: an operand, or null for the result.
  OpOperand *asked;
  ChannelView view;
  ChannelTies ties;

  Value subject() const { return asked ? asked->get() : op->getResult(0); }
  bool isOfResult() const { return !asked; }
  bool isOf(OpOperand &operand) const { return asked == &operand; }
  bool isOfFirst() const { return isOf(op->getOpOperand(0)); }
  void pin() { ties.pinned = true; }

  /// The result shares the order through `view`.
  void tieResult(const ChannelView &view) {
    if (!isOfResult())
      ties.same.push_back({op->getResult(0), view});
  }
  /// `operand` shares the order through `view`.
  void tie(OpOperand &operand, const ChannelView &view) {
    if (isOf(operand))
      return;
    Value v = operand.get();
    if (!v.getDefiningOp<ConstantOp>())
      ties.same.push_back({v, view});
    else if (isReadableConstant(v))
      ties.constants.push_back({&operand, view});
    else
      pin();
  }
  void tieFirst(const ChannelView &view) { tie(op->getOpOperand(0), view); }
  /// What is not the subject of result and first operand.
  void tieOther(const ChannelView &view) {
    isOfResult() ? tieFirst(view) : tieResult(view);
  }

  void elementwise();
  void linear(LinearOpInterface linear);
  void linearInput(LinearOpInterface linear);
  void linearResult(LinearOpInterface linear, const ChannelView &result);
  std::optional<ChannelView> fromEpilogue(LinearOpInterface linear) const;
  void batchNorm(BatchNormOp norm);
  void alongAxes(llvm::function_ref<std::optional<int64_t>(int64_t)> toResult,
                 llvm::function_ref<std::optional<int64_t>(int64_t)> toOperand);
  void reduce(ReduceOp reduce);
  void transpose(TransposeOp transpose);
  void reshape(ReshapeOp reshape);
  void concat(ConcatOp concat);
  void slice(SliceOp slice);
  void gather(GatherOp gather);
  void pad(PadOp pad);
  void sameAxis() {
    tieResult(view);
    tieFirst(view);
  }
};
} // namespace

void TieBuilder::elementwise() {
  int64_t rank = shapeOf(op->getResult(0)).size();
  int64_t fromEnd = static_cast<int64_t>(shapeOf(subject()).size()) - view.axis;
  int64_t size = shapeOf(op->getResult(0))[rank - fromEnd];
  // An operand that is repeated along the axis has no channels of its own.
  if (shapeOf(subject())[view.axis] != size)
    return pin();
  tieResult({rank - fromEnd, view.outer, view.inner});
  for (OpOperand &operand : op->getOpOperands()) {
    ArrayRef<int64_t> shape = shapeOf(operand.get());
    int64_t axis = static_cast<int64_t>(shape.size()) - fromEnd;
    if (axis >= 0 && shape[axis] == size)
      tie(operand, {axis, view.outer, view.inner});
  }
}

/// The view of the result that the operand asked about sees, where it is an
/// epilogue's.
std::optional<ChannelView>
TieBuilder::fromEpilogue(LinearOpInterface linear) const {
  MutableOperandRange operands = linear.getEpilogueOperandsMutable();
  if (llvm::none_of(operands, [&](OpOperand &other) { return isOf(other); }))
    return std::nullopt;
  bool isWhole = shapeOf(asked->get()) == shapeOf(linear.getResult());
  return ChannelView{isWhole ? view.axis : linear.getResultChannelDim(),
                     view.outer, view.inner};
}

/// Ties of the input. Its channels are summed, but for those of a group.
void TieBuilder::linearInput(LinearOpInterface linear) {
  bool hasGroups = linear.getGroups() > 1;
  if (view.axis != linear.getInputChannelDim() ||
      (hasGroups && !view.isPlain()))
    return pin();
  if (!hasGroups) {
    ties.sums = true;
    return;
  }
  WeightChannels channels = linear.getWeightChannels();
  int64_t resultDim = linear.getResultChannelDim();
  if (linear.isDepthwise())
    return linearResult(linear, {resultDim, 1, channels.resultsInGroup});
  ties.block = channels.inputs;
  ties.partner = {linear.getResult(), {resultDim, 1, 1}};
  ties.partnerBlock = channels.resultsInGroup;
}

/// Ties of the result, or of who shares its order, through `result`.
void TieBuilder::linearResult(LinearOpInterface linear,
                              const ChannelView &result) {
  if (result.axis != linear.getResultChannelDim())
    return pin();
  ChannelView input{linear.getInputChannelDim(), 1, 1};
  if (linear.isDepthwise()) {
    // Any other view would tear the channels that come of one input apart.
    if (result.outer != 1 ||
        result.inner != linear.getWeightChannels().resultsInGroup)
      return pin();
    tie(linear.getInputOperand(), input);
  } else if (linear.getGroups() > 1) {
    if (!result.isPlain())
      return pin();
    WeightChannels channels = linear.getWeightChannels();
    ties.block = channels.resultsInGroup;
    ties.partner = {linear.getInput(), input};
    ties.partnerBlock = channels.inputs;
  }
  tieResult(result);
  for (OpOperand &operand : linear.getEpilogueOperandsMutable()) {
    ArrayRef<int64_t> shape = shapeOf(operand.get());
    if (shape.empty())
      continue;
    // One value per channel is read as such even where the result has rank 1.
    bool isWhole = shape == shapeOf(linear.getResult());
    tie(operand, isWhole ? result : ChannelView{0, result.outer, result.inner});
  }
}

void TieBuilder::linear(LinearOpInterface linear) {
  if (!isReadableConstant(linear.getWeights()) ||
      (linear.getBias() && !isReadableConstant(linear.getBias())))
    return pin();
  if (isOf(linear.getInputOperand()))
    return linearInput(linear);
  std::optional<ChannelView> result = view;
  if (!isOfResult())
    result = fromEpilogue(linear);
  result ? linearResult(linear, *result) : pin();
}

void TieBuilder::batchNorm(BatchNormOp norm) {
  ChannelView channels =
      channelView(norm.getLayout(), norm.getType().getRank());
  bool isScaled = isOfFirst() || isOfResult();
  if (!isScaled || norm.getType().getRank() < 2 || view.axis != channels.axis)
    return pin();
  sameAxis();
  for (OpOperand &statistic : op->getOpOperands().drop_front())
    tie(statistic, {0, view.outer, view.inner});
}

void TieBuilder::alongAxes(
    llvm::function_ref<std::optional<int64_t>(int64_t)> toResult,
    llvm::function_ref<std::optional<int64_t>(int64_t)> toOperand) {
  if (!isOfResult() && !isOfFirst())
    return pin();
  std::optional<int64_t> axis =
      isOfResult() ? toOperand(view.axis) : toResult(view.axis);
  if (!axis)
    return pin();
  tieOther({*axis, view.outer, view.inner});
}

void TieBuilder::reduce(ReduceOp reduce) {
  ArrayRef<int64_t> axes = reduce.getAxes();
  SmallVector<int64_t> kept;
  for (int64_t d = 0, e = shapeOf(reduce.getInput()).size(); d < e; ++d)
    if (!llvm::is_contained(axes, d))
      kept.push_back(d);
  bool keepDims = reduce.getKeepdims();
  alongAxes(
      [&](int64_t d) -> std::optional<int64_t> {
        const auto *it = llvm::find(kept, d);
        if (it == kept.end())
          return std::nullopt;
        return keepDims ? d : it - kept.begin();
      },
      [&](int64_t d) -> std::optional<int64_t> {
        if (!keepDims)
          return kept[d];
        return llvm::is_contained(kept, d) ? std::optional<int64_t>(d)
                                           : std::nullopt;
      });
}

void TieBuilder::transpose(TransposeOp transpose) {
  ArrayRef<int64_t> permutation = transpose.getPermutation();
  alongAxes(
      [&](int64_t d) -> std::optional<int64_t> {
        return llvm::find(permutation, d) - permutation.begin();
      },
      [&](int64_t d) -> std::optional<int64_t> { return permutation[d]; });
}

/// The view of `to` that holds the same elements as `view` of `from`, two
/// shapes of one reshape.
static std::optional<ChannelView> reshapeView(ArrayRef<int64_t> from,
                                              const ChannelView &view,
                                              ArrayRef<int64_t> to) {
  int64_t before = view.outer, after = view.inner;
  for (int64_t d : from.take_front(view.axis))
    before *= d;
  for (int64_t d : from.drop_front(view.axis + 1))
    after *= d;
  int64_t channels = from[view.axis] / (view.outer * view.inner);
  int64_t head = 1, total = before * channels * after;
  for (auto [axis, size] : llvm::enumerate(to)) {
    if (size == 0 || total == 0)
      return std::nullopt;
    int64_t tail = total / (head * size);
    bool divides = before % head == 0 && after % tail == 0;
    ChannelView found{static_cast<int64_t>(axis), before / head, after / tail};
    if (divides && found.outer * channels * found.inner == size)
      return found;
    head *= size;
  }
  return std::nullopt;
}

void TieBuilder::reshape(ReshapeOp reshape) {
  ArrayRef<int64_t> from = shapeOf(subject());
  ArrayRef<int64_t> to =
      shapeOf(isOfResult() ? reshape.getInput() : reshape.getResult());
  std::optional<ChannelView> other = reshapeView(from, view, to);
  if (!other)
    return pin();
  tieOther(*other);
}

void TieBuilder::concat(ConcatOp concat) {
  if (static_cast<int64_t>(concat.getAxis()) == view.axis) {
    ties.moves = true;
    return;
  }
  tieResult(view);
  for (OpOperand &input : concat.getInputsMutable())
    tie(input, view);
}

void TieBuilder::slice(SliceOp slice) {
  int64_t d = view.axis;
  bool isWhole = slice.getStarts()[d] == 0 && slice.getSteps()[d] == 1 &&
                 slice.getSizes()[d] == shapeOf(slice.getInput())[d];
  if (isWhole)
    return sameAxis();
  ties.moves = true;
}

void TieBuilder::gather(GatherOp gather) {
  int64_t axis = gather.getAxis(), added = shapeOf(gather.getIndices()).size();
  if (isOf(gather.getIndicesMutable()))
    return pin();
  bool isOnAxis = isOfFirst() ? view.axis == axis
                              : view.axis >= axis && view.axis < axis + added;
  if (isOnAxis) {
    ties.moves = added == 1 && isReadableConstant(gather.getIndices());
    ties.pinned = !ties.moves;
    return;
  }
  alongAxes(
      [&](int64_t d) -> std::optional<int64_t> {
        return d < axis ? d : d + added - 1;
      },
      [&](int64_t d) -> std::optional<int64_t> {
        return d < axis ? d : d - added + 1;
      });
}

void TieBuilder::pad(PadOp pad) {
  int64_t rank = shapeOf(pad.getInput()).size();
  bool isInside = isOfFirst() || isOfResult();
  if (!isInside || pad.getPads()[view.axis] != 0 ||
      pad.getPads()[rank + view.axis] != 0)
    return pin();
  sameAxis();
}

static ChannelTies tiesOf(Operation *op, OpOperand *asked,
                          const ChannelView &view) {
  TieBuilder b{op, asked, view, {}};
  llvm::TypeSwitch<Operation *>(op)
      .Case<ElementwiseOpInterface>([&](auto) { b.elementwise(); })
      .Case<LinearOpInterface>([&](auto linear) { b.linear(linear); })
      .Case<BatchNormOp>([&](BatchNormOp norm) { b.batchNorm(norm); })
      .Case<PoolOp>([&](PoolOp pool) {
        ChannelView channels =
            channelView(pool.getLayout(), pool.getType().getRank());
        channels.axis == view.axis || view.axis == 0 ? b.sameAxis() : b.pin();
      })
      .Case<ReduceOp>([&](ReduceOp reduce) { b.reduce(reduce); })
      .Case<SoftmaxOp>([&](SoftmaxOp softmax) {
        static_cast<int64_t>(softmax.getAxis()) == view.axis ? b.pin()
                                                             : b.sameAxis();
      })
      .Case<TransposeOp>([&](TransposeOp transpose) { b.transpose(transpose); })
      .Case<ReshapeOp>([&](ReshapeOp reshape) { b.reshape(reshape); })
      .Case<ConcatOp>([&](ConcatOp concat) { b.concat(concat); })
      .Case<SliceOp>([&](SliceOp slice) { b.slice(slice); })
      .Case<GatherOp>([&](GatherOp gather) { b.gather(gather); })
      .Case<PadOp>([&](PadOp pad) { b.pad(pad); })
      .Default([&](Operation *) { b.pin(); });
  return b.ties;
}

ChannelTies nn::channelTies(OpOperand &operand, const ChannelView &view) {
  return tiesOf(operand.getOwner(), &operand, view);
}

ChannelTies nn::channelTies(OpResult result, const ChannelView &view) {
  return tiesOf(result.getOwner(), nullptr, view);
}
