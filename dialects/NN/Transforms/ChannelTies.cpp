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

bool nn::isDepthwise(ConvOp op) {
  return op.getGroups() > 1 && shapeOf(op.getWeights())[1] == 1;
}

//===----------------------------------------------------------------------===//
// Ties
//===----------------------------------------------------------------------===//

namespace {
/// Collects the ties of one op, seen from the value it was asked about.
struct TieBuilder {
  Operation *op;
  int index;
  ChannelView view;
  ChannelTies ties;

  Value subject() const {
    return index == kResult ? op->getResult(0) : op->getOperand(index);
  }
  void pin() { ties.pinned = true; }

  /// `v` shares the order through `view`; `operand` is its number, or kResult.
  void tie(int operand, const ChannelView &view) {
    if (operand == index)
      return;
    if (operand == kResult) {
      ties.same.push_back({op->getResult(0), view});
      return;
    }
    Value v = op->getOperand(operand);
    if (!v.getDefiningOp<ConstantOp>())
      ties.same.push_back({v, view});
    else if (isReadableConstant(v))
      ties.constants.push_back({operand, view});
    else
      pin();
  }

  void elementwise();
  void conv(ConvOp conv);
  void matmul(MatmulOp matmul);
  void epilogue(OperandRange operands, int64_t first,
                const ChannelView &result);
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
    tie(kResult, view);
    tie(0, view);
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
  tie(kResult, {rank - fromEnd, view.outer, view.inner});
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    int64_t axis = static_cast<int64_t>(shapeOf(operand).size()) - fromEnd;
    if (axis >= 0 && shapeOf(operand)[axis] == size)
      tie(i, {axis, view.outer, view.inner});
  }
}

void TieBuilder::epilogue(OperandRange operands, int64_t first,
                          const ChannelView &result) {
  ArrayRef<int64_t> shape = shapeOf(op->getResult(0));
  for (auto [i, operand] : llvm::enumerate(operands)) {
    if (shapeOf(operand).empty())
      continue;
    // One value per channel is read as such even where the result has rank 1.
    bool isWhole = shapeOf(operand) == shape;
    tie(first + i,
        isWhole ? result : ChannelView{0, result.outer, result.inner});
  }
}

/// The view of the result that operand `index` sees, where it is an epilogue's.
static std::optional<ChannelView> fromEpilogue(Operation *op, int64_t index,
                                               int64_t first,
                                               const ChannelView &view,
                                               int64_t channelAxis) {
  if (index < first)
    return std::nullopt;
  bool isWhole = shapeOf(op->getOperand(index)) == shapeOf(op->getResult(0));
  return ChannelView{isWhole ? view.axis : channelAxis, view.outer, view.inner};
}

void TieBuilder::conv(ConvOp conv) {
  int64_t channelAxis = conv.getChannelDim(), groups = conv.getGroups();
  int64_t first = conv.getBias() ? 3 : 2;
  ArrayRef<int64_t> weights = shapeOf(conv.getWeights());
  if (!isReadableConstant(conv.getWeights()) ||
      (conv.getBias() && !isReadableConstant(conv.getBias())))
    return pin();
  bool hasPartner = groups > 1;
  int64_t multiplier = weights[0] / groups;
  ChannelView result = view;
  if (index == 0) {
    if (view.axis != channelAxis || (hasPartner && !view.isPlain()))
      return pin();
    if (!hasPartner) {
      ties.sums = true;
      return;
    }
    ChannelView through{channelAxis, 1, multiplier};
    if (!isDepthwise(conv)) {
      ties.block = weights[1];
      ties.partner = {conv.getResult(), {channelAxis, 1, 1}};
      ties.partnerBlock = multiplier;
      return;
    }
    result = through;
  } else if (index != kResult) {
    std::optional<ChannelView> seen =
        fromEpilogue(op, index, first, view, channelAxis);
    if (!seen)
      return pin();
    result = *seen;
  }
  if (result.axis != channelAxis)
    return pin();
  if (isDepthwise(conv)) {
    // Any other view would tear the channels that come of one input apart.
    if (result.outer != 1 || result.inner != multiplier)
      return pin();
    tie(0, {channelAxis, 1, 1});
  } else if (hasPartner) {
    if (!result.isPlain())
      return pin();
    ties.block = multiplier;
    ties.partner = {conv.getInput(), {channelAxis, 1, 1}};
    ties.partnerBlock = weights[1];
  }
  tie(kResult, result);
  epilogue(conv.getEpilogueOperands(), first, result);
}

void TieBuilder::matmul(MatmulOp matmul) {
  int64_t first = matmul.getBias() ? 3 : 2;
  int64_t channelAxis = shapeOf(matmul.getResult()).size() - 1;
  if (!isReadableConstant(matmul.getRhs()) ||
      (matmul.getBias() && !isReadableConstant(matmul.getBias())))
    return pin();
  if (index == 0) {
    int64_t rank = shapeOf(matmul.getLhs()).size();
    ties.sums = view.axis + 1 == rank;
    ties.pinned = !ties.sums;
    return;
  }
  ChannelView result = view;
  if (index != kResult) {
    std::optional<ChannelView> seen =
        fromEpilogue(op, index, first, view, channelAxis);
    if (!seen)
      return pin();
    result = *seen;
  }
  if (result.axis != channelAxis)
    return pin();
  tie(kResult, result);
  epilogue(matmul.getEpilogueOperands(), first, result);
}

void TieBuilder::batchNorm(BatchNormOp norm) {
  ChannelView channels =
      channelView(norm.getLayout(), norm.getType().getRank());
  bool isInput = index == 0 || index == kResult;
  if (!isInput || norm.getType().getRank() < 2 || view.axis != channels.axis)
    return pin();
  sameAxis();
  for (int i = 1; i < 5; ++i)
    tie(i, {0, view.outer, view.inner});
}

void TieBuilder::alongAxes(
    llvm::function_ref<std::optional<int64_t>(int64_t)> toResult,
    llvm::function_ref<std::optional<int64_t>(int64_t)> toOperand) {
  if (index != kResult && index != 0)
    return pin();
  bool isResult = index == kResult;
  std::optional<int64_t> axis =
      isResult ? toOperand(view.axis) : toResult(view.axis);
  if (!axis)
    return pin();
  tie(isResult ? 0 : kResult, {*axis, view.outer, view.inner});
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
  bool isResult = index == kResult;
  ArrayRef<int64_t> from = shapeOf(subject());
  ArrayRef<int64_t> to =
      shapeOf(isResult ? reshape.getInput() : reshape.getResult());
  std::optional<ChannelView> other = reshapeView(from, view, to);
  if (!other)
    return pin();
  tie(isResult ? 0 : kResult, *other);
}

void TieBuilder::concat(ConcatOp concat) {
  if (static_cast<int64_t>(concat.getAxis()) == view.axis) {
    ties.moves = true;
    return;
  }
  tie(kResult, view);
  for (unsigned i = 0; i < concat.getInputs().size(); ++i)
    tie(i, view);
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
  if (index == 1)
    return pin();
  bool isOnAxis = index == 0 ? view.axis == axis
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
  if (index == 1 || pad.getPads()[view.axis] != 0 ||
      pad.getPads()[rank + view.axis] != 0)
    return pin();
  sameAxis();
}

ChannelTies nn::channelTies(Operation *op, int index, const ChannelView &view) {
  TieBuilder b{op, index, view, {}};
  llvm::TypeSwitch<Operation *>(op)
      .Case<ElementwiseOpInterface>([&](auto) { b.elementwise(); })
      .Case<ConvOp>([&](ConvOp conv) { b.conv(conv); })
      .Case<MatmulOp>([&](MatmulOp matmul) { b.matmul(matmul); })
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
