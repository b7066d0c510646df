//===- Emitter.cpp - what all kernel emitters build with ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Emitter.h"

#include "CodeGen/CodeGen.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlc;

FailureOr<View> Emitter::view(Value memref, bool isUnsigned) {
  FailureOr<OperandLayout> layout = OperandLayout::get(memref);
  if (failed(layout))
    return failure();
  auto type = cast<MemRefType>(memref.getType());
  View result{*layout, memref, isUnsigned};
  int64_t span = 1;
  for (auto [size, stride] : llvm::zip(result.sizes, result.strides))
    span += (size - 1) * stride;
  int64_t offset = type.getStridesAndOffset().second;
  MemRefLayoutAttrInterface flatLayout;
  if (offset)
    flatLayout = StridedLayoutAttr::get(builder.getContext(), offset, {1});
  auto flat = MemRefType::get({span}, type.getElementType(), flatLayout,
                              type.getMemorySpace());
  if (flat == type)
    return result;
  OpFoldResult start = builder.getIndexAttr(offset);
  if (ShapedType::isDynamic(offset))
    start = memref::ExtractStridedMetadataOp::create(builder, loc, memref)
                .getOffset();
  OpFoldResult one = builder.getIndexAttr(1);
  result.flat = memref::ReinterpretCastOp::create(
      builder, loc, flat, memref, start,
      ArrayRef<OpFoldResult>{builder.getIndexAttr(span)},
      ArrayRef<OpFoldResult>{one});
  return result;
}

//===----------------------------------------------------------------------===//
// Indices
//===----------------------------------------------------------------------===//

Value Emitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

static constexpr auto noWrap = arith::IntegerOverflowFlags::nsw;

Value Emitter::add(Value a, Value b) {
  return builder.createOrFold<arith::AddIOp>(loc, a, b, noWrap);
}
Value Emitter::add(Value a, int64_t b) { return b ? add(a, index(b)) : a; }
Value Emitter::sub(Value a, Value b) {
  return builder.createOrFold<arith::SubIOp>(loc, a, b, noWrap);
}
Value Emitter::mul(Value a, int64_t b) {
  if (b == 1)
    return a;
  return builder.createOrFold<arith::MulIOp>(loc, a, index(b), noWrap);
}
Value Emitter::div(Value a, int64_t b) {
  return b == 1 ? a : builder.createOrFold<arith::DivUIOp>(loc, a, index(b));
}
Value Emitter::rem(Value a, int64_t b) {
  return builder.createOrFold<arith::RemUIOp>(loc, a, index(b));
}
Value Emitter::min(Value a, int64_t b) {
  return builder.createOrFold<arith::MinSIOp>(loc, a, index(b));
}
Value Emitter::max(Value a, int64_t b) {
  return builder.createOrFold<arith::MaxSIOp>(loc, a, index(b));
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void Emitter::loop(int64_t from, int64_t to, int64_t step,
                   llvm::function_ref<void(Value)> body) {
  if (from >= to)
    return;
  if (from + step >= to)
    return body(index(from));
  loop(index(from), index(to), step, {}, [&](Value iv, ValueRange) {
    body(iv);
    return Values();
  });
}

static bool hasParallelLoop(Block &block) {
  return block
      .walk([](scf::ForOp loop) {
        return loop->hasAttr(attrs::parallel) ? WalkResult::interrupt()
                                              : WalkResult::advance();
      })
      .wasInterrupted();
}

void Emitter::parallelLoop(int64_t from, int64_t to, int64_t step,
                           llvm::function_ref<void(Value)> body) {
  if (from >= to)
    return;
  bool isSingle = from + step >= to;
  auto loop =
      scf::ForOp::create(builder, loc, index(from), index(to), index(step));
  loop->setAttr(attrs::parallel, builder.getUnitAttr());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(loop);
  Value at = isSingle ? index(from) : loop.getInductionVar();
  builder.setInsertionPoint(loop.getBody()->getTerminator());
  body(at);
  // What writes is inside a parallel loop already: the single iteration is not
  // needed to hold it.
  if (isSingle && hasParallelLoop(*loop.getBody())) {
    builder.eraseOp(loop.getBody()->getTerminator());
    builder.inlineBlockBefore(loop.getBody(), loop, at);
    builder.eraseOp(loop);
  }
}

void mlc::removePartMarks(Block &block, RewriterBase &rewriter) {
  SmallVector<scf::ForOp> loops;
  block.walk([&](scf::ForOp loop) {
    bool isMarked = bool(loop->removeAttr(attrs::parallel));
    isMarked |= bool(loop->removeAttr(attrs::perPart));
    if (isMarked)
      loops.push_back(loop);
  });
  for (scf::ForOp loop : loops)
    (void)loop.promoteIfSingleIteration(rewriter);
}

void Emitter::perPart(llvm::function_ref<void()> body) {
  auto loop = scf::ForOp::create(builder, loc, index(0), index(1), index(1));
  loop->setAttr(attrs::perPart, builder.getUnitAttr());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(loop.getBody()->getTerminator());
  body();
}

Value Emitter::part() {
  Operation *parent = builder.getInsertionBlock()->getParentOp();
  auto function = dyn_cast<FunctionOpInterface>(parent);
  if (!function)
    function = parent->getParentOfType<FunctionOpInterface>();
  for (unsigned i = 0; function && i < function.getNumArguments(); ++i)
    if (function.getArgAttr(i, attrs::part))
      return function.getArgument(i);
  return {};
}

Values Emitter::loop(Value from, Value to, int64_t step, ValueRange carried,
                     CarryingBody body) {
  auto loop = scf::ForOp::create(builder, loc, from, to, index(step), carried);
  OpBuilder::InsertionGuard guard(builder);
  if (carried.empty())
    builder.setInsertionPoint(loop.getBody()->getTerminator());
  else
    builder.setInsertionPointToStart(loop.getBody());
  Values results = body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!carried.empty())
    scf::YieldOp::create(builder, loc, results);
  return Values(loop.getResults());
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

Type Emitter::vectorOf(Type element, int64_t lanes) {
  return VectorType::get({lanes}, element);
}

View Emitter::onStack(Operation *op, int64_t count, Type element) {
  constexpr int64_t line = 64;
  OpBuilder::InsertionGuard guard(builder);
  auto function = op->getParentOfType<FunctionOpInterface>();
  builder.setInsertionPointToStart(&function.getFunctionBody().front());
  Value memory =
      memref::AllocaOp::create(builder, loc, MemRefType::get({count}, element),
                               builder.getI64IntegerAttr(line));
  return *view(memory);
}

Value Emitter::load(const View &from, Value at, int64_t lanes) {
  auto type = cast<VectorType>(vectorOf(from.element, lanes));
  return vector::LoadOp::create(builder, loc, type, from.flat, at);
}

void Emitter::prefetchToWrite(const View &to, Value at) {
  constexpr unsigned keep = 3;
  memref::PrefetchOp::create(builder, loc, to.flat, at, /*isWrite=*/true, keep,
                             /*isDataCache=*/true);
}

void Emitter::prefetchToRead(const View &from, Value at) {
  constexpr unsigned keepInSecond = 2;
  memref::PrefetchOp::create(builder, loc, from.flat, at, /*isWrite=*/false,
                             keepInSecond, /*isDataCache=*/true);
}

void Emitter::store(const View &to, Value at, Value vector) {
  vector::StoreOp::create(builder, loc, vector, to.flat, at);
}

Value Emitter::loadSplat(const View &from, Value at, int64_t lanes, Type as) {
  Value scalar = memref::LoadOp::create(builder, loc, from.flat, at);
  return splat(convert(scalar, as, from.isUnsigned), lanes);
}

Value Emitter::splat(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(builder, loc,
                                     vectorOf(scalar.getType(), lanes), scalar);
}

Value Emitter::constant(Type type, double value) {
  Type element = getElementTypeOrSelf(type);
  TypedAttr scalar =
      isa<FloatType>(element)
          ? TypedAttr(builder.getFloatAttr(element, value))
          : TypedAttr(builder.getIntegerAttr(element, int64_t(value)));
  if (auto vector = dyn_cast<VectorType>(type))
    scalar = DenseElementsAttr::get(vector, Attribute(scalar));
  return arith::ConstantOp::create(builder, loc, scalar);
}

Value Emitter::slice(Value vector, int64_t from, int64_t lanes) {
  if (lanesOf(vector) == lanes)
    return vector;
  return vector::ExtractStridedSliceOp::create(
      builder, loc, vector, ArrayRef<int64_t>{from}, ArrayRef<int64_t>{lanes},
      ArrayRef<int64_t>{1});
}

Value Emitter::insert(Value vector, Value whole, int64_t at) {
  return vector::InsertStridedSliceOp::create(
      builder, loc, vector, whole, ArrayRef<int64_t>{at}, ArrayRef<int64_t>{1});
}

Value Emitter::bitcast(Value vector, unsigned bits) {
  return bitcast(vector, builder.getIntegerType(bits));
}

Value Emitter::bitcast(Value vector, Type element) {
  auto type = cast<VectorType>(vector.getType());
  int64_t all = type.getDimSize(0) * type.getElementTypeBitWidth();
  Type to = vectorOf(element, all / element.getIntOrFloatBitWidth());
  if (to == type)
    return vector;
  return vector::BitCastOp::create(builder, loc, to, vector);
}

Value Emitter::intrinsic(StringRef name, Type type, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(builder, loc, type,
                                       builder.getStringAttr(name), operands)
      .getResult(0);
}

Value Emitter::convert(Value value, Type element, bool isUnsigned) {
  Type from = getElementTypeOrSelf(value.getType());
  if (from == element)
    return value;
  Type to = element;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    to = vector.clone(element);
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(element);
  bool wider = element.getIntOrFloatBitWidth() > from.getIntOrFloatBitWidth();
  if (fromFloat && toFloat) {
    if (wider)
      return arith::ExtFOp::create(builder, loc, to, value);
    // Between f16 and bf16 there is no direct way.
    if (element.getIntOrFloatBitWidth() == from.getIntOrFloatBitWidth())
      return convert(convert(value, builder.getF32Type()), element);
    return arith::TruncFOp::create(builder, loc, to, value);
  }
  if (fromFloat)
    return isUnsigned ? Value(arith::FPToUIOp::create(builder, loc, to, value))
                      : Value(arith::FPToSIOp::create(builder, loc, to, value));
  if (toFloat)
    return isUnsigned ? Value(arith::UIToFPOp::create(builder, loc, to, value))
                      : Value(arith::SIToFPOp::create(builder, loc, to, value));
  if (!wider)
    return arith::TruncIOp::create(builder, loc, to, value);
  return isUnsigned ? Value(arith::ExtUIOp::create(builder, loc, to, value))
                    : Value(arith::ExtSIOp::create(builder, loc, to, value));
}

static bool isFloat(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value.getType()));
}

Value Emitter::multiplyAdd(Value a, Value b, Value c) {
  // LLVM's fmuladd: a multiplication and an addition where there is no FMA.
  if (isFloat(a))
    return vector::FMAOp::create(builder, loc, a, b, c);
  return plus(times(a, b), c);
}

Value Emitter::plus(Value a, Value b) {
  if (isFloat(a))
    return arith::AddFOp::create(builder, loc, a, b);
  return arith::AddIOp::create(builder, loc, a, b);
}

Value Emitter::times(Value a, Value b) {
  if (isFloat(a))
    return arith::MulFOp::create(builder, loc, a, b);
  return arith::MulIOp::create(builder, loc, a, b);
}

// Which of two zeros comes out does not matter.
static constexpr auto anyZero = arith::FastMathFlags::nsz;

Value Emitter::maximum(Value a, Value b, bool isUnsigned) {
  if (isFloat(a))
    return arith::MaximumFOp::create(builder, loc, a, b, anyZero);
  if (isUnsigned)
    return arith::MaxUIOp::create(builder, loc, a, b);
  return arith::MaxSIOp::create(builder, loc, a, b);
}

// One instruction, where NaNs would take up to five.
Value Emitter::maximumNumber(Value a, Value b, bool isUnsigned) {
  if (isFloat(a))
    return arith::MaximumFOp::create(builder, loc, a, b,
                                     anyZero | arith::FastMathFlags::nnan);
  return maximum(a, b, isUnsigned);
}

Value Emitter::minimum(Value a, Value b, bool isUnsigned) {
  if (isFloat(a))
    return arith::MinimumFOp::create(builder, loc, a, b, anyZero);
  if (isUnsigned)
    return arith::MinUIOp::create(builder, loc, a, b);
  return arith::MinSIOp::create(builder, loc, a, b);
}

int64_t mlc::lanesOf(Value vector) {
  return cast<VectorType>(vector.getType()).getDimSize(0);
}

StringRef mlc::x86Name(int64_t bits, StringRef sse, StringRef avx,
                       StringRef avx512) {
  return bits == 128 ? sse : bits == 256 ? avx : avx512;
}

int64_t mlc::floorPowerOfTwo(int64_t value) {
  return llvm::bit_floor(uint64_t(value));
}

void mlc::forEachVector(
    Emitter &e, int64_t count, int64_t lanes,
    llvm::function_ref<void(Value start, int64_t lanes)> body) {
  int64_t full = count / lanes * lanes;
  e.loop(0, full, lanes, [&](Value start) { body(start, lanes); });
  if (full < count)
    body(e.index(full), count - full);
}
