//===- ChannelLanes.cpp - Where an op's channels are ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/Transforms/ChannelLanes.h"

#include "NN/IR/ShapeInference.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::nn;

int64_t Lane::channels(Value v) const {
  return shapeOf(v)[axis] / (outer * inner);
}

SmallVector<int64_t> Lane::positions(Value v, ArrayRef<int64_t> order) const {
  SmallVector<int64_t> result;
  int64_t count = channels(v);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t c : order)
      for (int64_t i = 0; i < inner; ++i)
        result.push_back((o * count + c) * inner + i);
  return result;
}

Lane nn::channelLane(Layout layout, int64_t rank) {
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
  Lane lane;
  LaneTies ties;

  Value subject() const {
    return index == kResult ? op->getResult(0) : op->getOperand(index);
  }
  void pin() { ties.pinned = true; }

  /// `v` shares the order through `lane`; `operand` is its number, or kResult.
  void tie(int operand, const Lane &lane) {
    if (operand == index)
      return;
    if (operand == kResult) {
      ties.same.push_back({op->getResult(0), lane});
      return;
    }
    Value v = op->getOperand(operand);
    if (!v.getDefiningOp<ConstantOp>())
      ties.same.push_back({v, lane});
    else if (isReadableConstant(v))
      ties.constants.push_back({operand, lane});
    else
      pin();
  }

  void elementwise();
  void conv(ConvOp conv);
  void matmul(MatmulOp matmul);
  void epilogue(OperandRange operands, int64_t first, const Lane &result);
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
    tie(kResult, lane);
    tie(0, lane);
  }
};
} // namespace

void TieBuilder::elementwise() {
  int64_t rank = shapeOf(op->getResult(0)).size();
  int64_t fromEnd = static_cast<int64_t>(shapeOf(subject()).size()) - lane.axis;
  int64_t size = shapeOf(op->getResult(0))[rank - fromEnd];
  // An operand that is repeated along the axis has no channels of its own.
  if (shapeOf(subject())[lane.axis] != size)
    return pin();
  tie(kResult, {rank - fromEnd, lane.outer, lane.inner});
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    int64_t axis = static_cast<int64_t>(shapeOf(operand).size()) - fromEnd;
    if (axis >= 0 && shapeOf(operand)[axis] == size)
      tie(i, {axis, lane.outer, lane.inner});
  }
}

void TieBuilder::epilogue(OperandRange operands, int64_t first,
                          const Lane &result) {
  ArrayRef<int64_t> shape = shapeOf(op->getResult(0));
  for (auto [i, operand] : llvm::enumerate(operands)) {
    if (shapeOf(operand).empty())
      continue;
    // One value per channel is read as such even where the result has rank 1.
    bool isWhole = shapeOf(operand) == shape;
    tie(first + i, isWhole ? result : Lane{0, result.outer, result.inner});
  }
}

/// The lane of the result that operand `index` sees, where it is an epilogue's.
static std::optional<Lane> fromEpilogue(Operation *op, int64_t index,
                                        int64_t first, const Lane &lane,
                                        int64_t channelAxis) {
  if (index < first)
    return std::nullopt;
  bool isWhole = shapeOf(op->getOperand(index)) == shapeOf(op->getResult(0));
  return Lane{isWhole ? lane.axis : channelAxis, lane.outer, lane.inner};
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
  Lane result = lane;
  if (index == 0) {
    if (lane.axis != channelAxis || (hasPartner && !lane.isPlain()))
      return pin();
    if (!hasPartner) {
      ties.sums = true;
      return;
    }
    Lane through{channelAxis, 1, multiplier};
    if (!isDepthwise(conv)) {
      ties.block = weights[1];
      ties.partner = {conv.getResult(), {channelAxis, 1, 1}};
      ties.partnerBlock = multiplier;
      return;
    }
    result = through;
  } else if (index != kResult) {
    std::optional<Lane> seen =
        fromEpilogue(op, index, first, lane, channelAxis);
    if (!seen)
      return pin();
    result = *seen;
  }
  if (result.axis != channelAxis)
    return pin();
  if (isDepthwise(conv)) {
    // Any other lane would tear the channels that come of one input apart.
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
    ties.sums = lane.axis + 1 == rank;
    ties.pinned = !ties.sums;
    return;
  }
  Lane result = lane;
  if (index != kResult) {
    std::optional<Lane> seen =
        fromEpilogue(op, index, first, lane, channelAxis);
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
  Lane channels = channelLane(norm.getLayout(), norm.getType().getRank());
  bool isInput = index == 0 || index == kResult;
  if (!isInput || norm.getType().getRank() < 2 || lane.axis != channels.axis)
    return pin();
  sameAxis();
  for (int i = 1; i < 5; ++i)
    tie(i, {0, lane.outer, lane.inner});
}

void TieBuilder::alongAxes(
    llvm::function_ref<std::optional<int64_t>(int64_t)> toResult,
    llvm::function_ref<std::optional<int64_t>(int64_t)> toOperand) {
  if (index != kResult && index != 0)
    return pin();
  bool isResult = index == kResult;
  std::optional<int64_t> axis =
      isResult ? toOperand(lane.axis) : toResult(lane.axis);
  if (!axis)
    return pin();
  tie(isResult ? 0 : kResult, {*axis, lane.outer, lane.inner});
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

/// The lane of `to` that holds the same elements as `lane` of `from`, two
/// shapes of one reshape.
static std::optional<Lane> reshapeLane(ArrayRef<int64_t> from, const Lane &lane,
                                       ArrayRef<int64_t> to) {
  int64_t before = lane.outer, after = lane.inner;
  for (int64_t d : from.take_front(lane.axis))
    before *= d;
  for (int64_t d : from.drop_front(lane.axis + 1))
    after *= d;
  int64_t channels = from[lane.axis] / (lane.outer * lane.inner);
  int64_t head = 1, total = before * channels * after;
  for (auto [axis, size] : llvm::enumerate(to)) {
    if (size == 0 || total == 0)
      return std::nullopt;
    int64_t tail = total / (head * size);
    bool divides = before % head == 0 && after % tail == 0;
    Lane found{static_cast<int64_t>(axis), before / head, after / tail};
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
  std::optional<Lane> other = reshapeLane(from, lane, to);
  if (!other)
    return pin();
  tie(isResult ? 0 : kResult, *other);
}

void TieBuilder::concat(ConcatOp concat) {
  if (static_cast<int64_t>(concat.getAxis()) == lane.axis) {
    ties.moves = true;
    return;
  }
  tie(kResult, lane);
  for (unsigned i = 0; i < concat.getInputs().size(); ++i)
    tie(i, lane);
}

void TieBuilder::slice(SliceOp slice) {
  int64_t d = lane.axis;
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
  bool isOnAxis = index == 0 ? lane.axis == axis
                             : lane.axis >= axis && lane.axis < axis + added;
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
  if (index == 1 || pad.getPads()[lane.axis] != 0 ||
      pad.getPads()[rank + lane.axis] != 0)
    return pin();
  sameAxis();
}

LaneTies nn::laneTies(Operation *op, int index, const Lane &lane) {
  TieBuilder b{op, index, lane, {}};
  llvm::TypeSwitch<Operation *>(op)
      .Case<ElementwiseOpInterface>([&](auto) { b.elementwise(); })
      .Case<ConvOp>([&](ConvOp conv) { b.conv(conv); })
      .Case<MatmulOp>([&](MatmulOp matmul) { b.matmul(matmul); })
      .Case<BatchNormOp>([&](BatchNormOp norm) { b.batchNorm(norm); })
      .Case<PoolOp>([&](PoolOp pool) {
        Lane channels = channelLane(pool.getLayout(), pool.getType().getRank());
        channels.axis == lane.axis || lane.axis == 0 ? b.sameAxis() : b.pin();
      })
      .Case<ReduceOp>([&](ReduceOp reduce) { b.reduce(reduce); })
      .Case<SoftmaxOp>([&](SoftmaxOp softmax) {
        static_cast<int64_t>(softmax.getAxis()) == lane.axis ? b.pin()
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
