//===- NarrowFloats.cpp - Activations and weights in 16 bits ----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two walks over the graph. Backwards: which tensors are read by products that
// become narrow, and are worth storing narrow. Forwards: ops that can store
// them so do, others convert.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ConstantFold.h"
#include "NN/IR/FloatNodes.h"
#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/LinearWeights.h"
#include "NN/Transforms/Passes.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/APFloat.h"

#include <cmath>
#include <cstring>

namespace mlir {
namespace nn {
#define GEN_PASS_DEF_NARROWFLOATSPASS
#include "NN/Transforms/Passes.h.inc"
} // namespace nn
} // namespace mlir

using namespace mlir;
using namespace mlir::nn;

static bool isF32(Value v) {
  auto type = dyn_cast<RankedTensorType>(v.getType());
  return type && type.getElementType().isF32();
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// To the nearest number of 16 bits, half to even.
static uint16_t roundTo(FloatType type, float value) {
  llvm::APFloat number(value);
  bool losesInfo;
  number.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                 &losesInfo);
  return number.bitcastToAPInt().getZExtValue();
}

/// The same of bf16, which are many: the upper bits, rounded. NaNs stay NaNs.
static uint16_t roundToBF16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  if (std::isnan(value))
    return bits >> 16 | 0x40;
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

/// `constant`, of f32, as elements of `type`; null where one of them becomes
/// infinite, or it has no bytes.
static ElementsAttr narrowConstant(ElementsAttr constant, FloatType type) {
  std::optional<SmallVector<char>> bytes = constantBytes(constant);
  if (!bytes)
    return {};
  uint16_t infinity = llvm::APFloat::getInf(type.getFloatSemantics())
                          .bitcastToAPInt()
                          .getZExtValue();
  SmallVector<char> narrow(bytes->size() / 2);
  for (size_t i = 0; i < narrow.size() / 2; ++i) {
    float value;
    std::memcpy(&value, bytes->data() + 4 * i, 4);
    uint16_t bits = type.isBF16() ? roundToBF16(value) : roundTo(type, value);
    if ((bits & 0x7fff) == infinity && !std::isinf(value))
      return {};
    std::memcpy(narrow.data() + 2 * i, &bits, 2);
  }
  auto shaped = cast<RankedTensorType>(constant.getType());
  return makeConstant(shaped.clone(type), narrow);
}

//===----------------------------------------------------------------------===//
// Which ops
//===----------------------------------------------------------------------===//

/// What a kernel takes that multiplies by several channels at a time.
static StringRef reasonToStay(ConvOp conv, bool mayHaveFewChannels) {
  constexpr int64_t mostColumns = 16, mostPadding = 256, fewChannels = 4;
  ArrayRef<int64_t> weights = shapeOf(conv.getWeights());
  if (conv.getSpatialRank() > 2)
    return "its window has more than two dimensions";
  if (weights.back() > mostColumns ||
      llvm::any_of(conv.getPads(), [](int64_t p) { return p > mostPadding; }))
    return "its window or padding is long";
  if (!mayHaveFewChannels &&
      shapeOf(conv.getInput())[conv.getChannelDim()] <= fewChannels)
    return "its input has few channels";
  return {};
}

/// Whether `linear` multiplies two activations, as attention does.
static bool areActivations(LinearOpInterface linear) {
  return isa<MatmulOp>(*linear) &&
         !matchPattern(linear.getInput(), m_Constant()) &&
         !matchPattern(linear.getWeights(), m_Constant());
}

/// Why `linear`, of f32, goes on multiplying f32; empty where it need not.
/// Kernels multiply two activations of f16, of bf16 by none of its
/// instructions.
static StringRef reasonToStay(LinearOpInterface linear, FloatType type,
                              bool mayHaveFewChannels) {
  if (linear.getWeights().getDefiningOp<BlockedDequantizeOp>())
    return "its weights are narrow integers";
  if (type.isF16() && areActivations(linear))
    return {};
  if (!matchPattern(linear.getWeights(), m_Constant()))
    return "its weights are not constant";
  if (auto conv = dyn_cast<ConvOp>(*linear))
    return reasonToStay(conv, mayHaveFewChannels);
  if (linear.hasBatchedWeights())
    return "its weights are several matrices";
  return {};
}

static LinearOpInterface linearOfF32(Operation *op) {
  auto linear = dyn_cast<LinearOpInterface>(op);
  bool isOfF32 =
      linear && isF32(linear.getInput()) && isF32(linear.getWeights());
  return isOfF32 ? linear : LinearOpInterface();
}

/// The operands whose elements, or the larger or mean ones of them, are those
/// of the result.
static SmallVector<OpOperand *> carriedOperands(Operation *op) {
  SmallVector<OpOperand *> carried;
  if (op->getNumResults() != 1 || !isF32(op->getResult(0)))
    return carried;
  if (auto concat = dyn_cast<ConcatOp>(op)) {
    for (OpOperand &operand : concat.getInputsMutable())
      carried.push_back(&operand);
    return carried;
  }
  bool carries = isa<ReshapeOp, TransposeOp, SliceOp, BroadcastOp, PoolOp>(op);
  if (auto pad = dyn_cast<PadOp>(op))
    carries = !pad.getValue();
  if (carries)
    carried.push_back(&op->getOpOperand(0));
  return carried;
}

static bool isReturned(Value v) {
  return llvm::any_of(v.getUsers(),
                      [](Operation *op) { return isa<func::ReturnOp>(op); });
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {

class Narrowing {
public:
  Narrowing(FloatType type, bool mayHaveFewChannels)
      : type(type), mayHaveFewChannels(mayHaveFewChannels) {}

  void run(func::FuncOp function);
  int64_t narrowOps = 0, tensors = 0;
  /// Products of 16 bits that follow each other, at most.
  int64_t depth = 0;
  /// Products that stay, and why.
  FloatNodes staying;

private:
  void want(Operation *op);
  void measure(Operation *op);
  void rewrite(Operation *op);
  void rewriteLinear(LinearOpInterface linear);
  void becomeNarrow(LinearOpInterface linear, Value weights);
  void rewriteCarrier(Operation *op, ArrayRef<OpOperand *> carried);
  void readNarrow(BlockArgument argument);
  Block &epilogueOf(LinearOpInterface linear);
  void store(LinearOpInterface linear);
  void storeAs16Bits(Value v);
  bool isStored(Value v) const { return stored.contains(v); }
  Value narrow(Value v);
  Value narrowWeightsOf(Value v);
  void widen(OpOperand &operand);

  FloatType type;
  bool mayHaveFewChannels; ///< convolutions of 16 bits
  /// The products of f32, and why some of them stay.
  llvm::DenseMap<Operation *, StringRef> products;
  /// Of f32, to be stored narrow where what makes them can.
  llvm::DenseSet<Value> wanted;
  /// That are.
  llvm::DenseSet<Value> stored;
  /// Narrow forms of others.
  llvm::DenseMap<Value, Value> conversions;
  /// Of each value, the products of 16 bits on the longest way to it.
  llvm::DenseMap<Value, int64_t> depths;
};

} // namespace

/// Notes which operands of `op` are worth storing narrow, its results being
/// known.
void Narrowing::want(Operation *op) {
  if (LinearOpInterface linear = linearOfF32(op)) {
    StringRef reason = products[op] =
        reasonToStay(linear, type, mayHaveFewChannels);
    if (!reason.empty())
      return;
    wanted.insert(linear.getInput());
    if (areActivations(linear))
      wanted.insert(linear.getWeights());
    for (Value operand : linear.getEpilogueOperands())
      if (isF32(operand) && shapeOf(operand) == shapeOf(linear.getResult()))
        wanted.insert(operand);
    return;
  }
  SmallVector<OpOperand *> carried = carriedOperands(op);
  if (carried.empty() || !wanted.contains(op->getResult(0)))
    return;
  for (OpOperand *operand : carried)
    wanted.insert(operand->get());
}

/// `v` in 16 bits.
Value Narrowing::narrow(Value v) {
  if (isStored(v))
    return v;
  Value &known = conversions[v];
  if (known)
    return known;
  OpBuilder b(v.getContext());
  b.setInsertionPointAfterValue(v);
  auto shaped = cast<RankedTensorType>(v.getType());
  return known = CastOp::create(b, v.getLoc(), shaped.clone(type), v,
                                /*saturate=*/false);
}

/// The constant `v` in 16 bits; null where they cannot hold it.
Value Narrowing::narrowWeightsOf(Value v) {
  Value &known = conversions[v];
  if (known)
    return known;
  ElementsAttr constant;
  if (!matchPattern(v, m_Constant(&constant)) ||
      !(constant = narrowConstant(constant, type)))
    return {};
  OpBuilder b(v.getContext());
  b.setInsertionPointAfterValue(v);
  return known = ConstantOp::create(b, v.getLoc(), constant);
}

/// For an op that takes f32 alone.
void Narrowing::widen(OpOperand &operand) {
  if (!isStored(operand.get()))
    return;
  OpBuilder b(operand.getOwner());
  auto shaped = cast<RankedTensorType>(operand.get().getType());
  operand.set(CastOp::create(b, operand.getOwner()->getLoc(),
                             shaped.clone(b.getF32Type()), operand.get(),
                             /*saturate=*/false));
}

void Narrowing::storeAs16Bits(Value v) {
  v.setType(cast<RankedTensorType>(v.getType()).clone(type));
  stored.insert(v);
  ++tensors;
}

/// The epilogue's block, which yields the sum where there was none.
Block &Narrowing::epilogueOf(LinearOpInterface linear) {
  Region &region = linear.getEpilogue();
  if (!region.empty())
    return region.front();
  OpBuilder b(type.getContext());
  Location loc = linear.getLoc();
  Block &block = region.emplaceBlock();
  Value sum = block.addArgument(b.getF32Type(), loc);
  b.setInsertionPointToEnd(&block);
  YieldOp::create(b, loc, sum);
  return block;
}

/// The result in 16 bits: rounded behind the epilogue.
void Narrowing::store(LinearOpInterface linear) {
  Operation *end = epilogueOf(linear).getTerminator();
  OpBuilder b(end);
  end->setOperand(
      0, arith::TruncFOp::create(b, end->getLoc(), type, end->getOperand(0)));
  storeAs16Bits(linear.getResult());
}

/// An operand of the epilogue, which computes in f32.
void Narrowing::readNarrow(BlockArgument argument) {
  OpBuilder b = OpBuilder::atBlockBegin(argument.getOwner());
  Value wide =
      arith::ExtFOp::create(b, argument.getLoc(), argument.getType(), argument);
  argument.replaceAllUsesExcept(wide, wide.getDefiningOp());
  argument.setType(type);
}

void Narrowing::becomeNarrow(LinearOpInterface linear, Value weights) {
  // The epilogue's argument says that it computes in f32.
  epilogueOf(linear);
  OpOperand &input = linear.getInputOperand();
  input.set(narrow(input.get()));
  linear.getWeightsOperand().set(weights);
  ++narrowOps;
}

void Narrowing::rewriteLinear(LinearOpInterface linear) {
  for (auto [i, operand] : llvm::enumerate(linear.getEpilogueOperands()))
    if (isStored(operand))
      readNarrow(linear.getEpilogue().front().getArgument(i + 1));
  StringRef reason = products.lookup(linear);
  Value weights = linear.getWeights();
  // Weights of each channel by itself are no bytes worth mentioning.
  if (reason.empty() && areActivations(linear))
    weights = narrow(weights);
  else if (reason.empty() && !linear.isDepthwise() &&
           !(weights = narrowWeightsOf(weights)))
    reason = "a weight is too large for 16 bits";
  if (reason.empty()) {
    becomeNarrow(linear, weights);
  } else {
    staying.add(linear, reason);
    widen(linear.getInputOperand());
    widen(linear.getWeightsOperand());
  }
  if (isF32(linear.getResult()) && wanted.contains(linear.getResult()) &&
      !isReturned(linear.getResult()))
    store(linear);
}

void Narrowing::rewriteCarrier(Operation *op, ArrayRef<OpOperand *> carried) {
  Value result = op->getResult(0);
  bool areAll = llvm::all_of(
      carried, [&](OpOperand *operand) { return isStored(operand->get()); });
  if (!areAll && (!wanted.contains(result) || isReturned(result))) {
    for (OpOperand *operand : carried)
      widen(*operand);
    return;
  }
  for (OpOperand *operand : carried)
    operand->set(narrow(operand->get()));
  storeAs16Bits(result);
}

void Narrowing::rewrite(Operation *op) {
  if (products.contains(op))
    return rewriteLinear(cast<LinearOpInterface>(op));
  SmallVector<OpOperand *> carried = carriedOperands(op);
  if (!carried.empty())
    return rewriteCarrier(op, carried);
  for (OpOperand &operand : op->getOpOperands())
    widen(operand);
}

void Narrowing::measure(Operation *op) {
  int64_t deepest = 0;
  for (Value operand : op->getOperands())
    deepest = std::max(deepest, depths.lookup(operand));
  bool isNarrow =
      products.contains(op) && elementOf(op->getOperand(0)) == Type(type);
  deepest += isNarrow;
  depth = std::max(depth, deepest);
  for (Value result : op->getResults())
    depths[result] = deepest;
}

void Narrowing::run(func::FuncOp function) {
  SmallVector<Operation *> ops;
  function.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    ops.push_back(op);
    return asFloatLinear(op) ? WalkResult::skip() : WalkResult::advance();
  });
  for (Operation *op : llvm::reverse(ops))
    want(op);
  for (Operation *op : ops) {
    rewrite(op);
    measure(op);
  }
}

//===----------------------------------------------------------------------===//
// What is told
//===----------------------------------------------------------------------===//

namespace {
struct NarrowFloats : nn::impl::NarrowFloatsPassBase<NarrowFloats> {
  using NarrowFloatsPassBase::NarrowFloatsPassBase;

  void runOnOperation() override {
    std::optional<FloatType> narrow = typeNamed(type);
    if (!narrow) {
      getOperation().emitError()
          << "type is '" << type << "', bf16 or f16 is required";
      return signalPassFailure();
    }
    Narrowing narrowing(*narrow, fewChannels);
    narrowing.run(getOperation());
    numOps += narrowing.narrowOps;
    numTensors += narrowing.tensors;
    narrowing.staying.attachTo(getOperation());
    Builder b(&getContext());
    getOperation()->setAttr(
        kNarrowFloatsAttr,
        b.getDictionaryAttr(
            {b.getNamedAttr("depth", b.getI64IntegerAttr(narrowing.depth)),
             b.getNamedAttr("products",
                            b.getI64IntegerAttr(narrowing.narrowOps)),
             b.getNamedAttr("type", TypeAttr::get(*narrow))}));
  }

  std::optional<FloatType> typeNamed(StringRef name) {
    if (name == "bf16")
      return BFloat16Type::get(&getContext());
    if (name == "f16")
      return Float16Type::get(&getContext());
    return std::nullopt;
  }
};
} // namespace
