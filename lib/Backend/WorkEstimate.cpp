//===- WorkEstimate.cpp - how much a kernel's code does -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/WorkEstimate.h"
#include "CodeGen/CodeGen.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace mlc {

static std::optional<int64_t> mostOf(Value value) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return constant;
  auto minimum = value.getDefiningOp<arith::MinSIOp>();
  if (!minimum)
    return std::nullopt;
  std::optional<int64_t> a = mostOf(minimum.getLhs());
  std::optional<int64_t> b = mostOf(minimum.getRhs());
  return a && b ? std::min(*a, *b) : a ? a : b;
}

/// Bounds of loops count from zero on.
static int64_t leastOf(Value value) {
  return getConstantIntValue(value).value_or(0);
}

uint64_t tripsOf(scf::ForOp loop) {
  if (auto trips = loop->getAttrOfType<IntegerAttr>(attrs::trips))
    return trips.getInt();
  std::optional<int64_t> to = mostOf(loop.getUpperBound());
  std::optional<int64_t> step = getConstantIntValue(loop.getStep());
  if (!to || !step || *step <= 0)
    return 1;
  int64_t from = leastOf(loop.getLowerBound());
  return *to > from ? llvm::divideCeil(*to - from, *step) : 0;
}

static bool isNumber(Type type) {
  Type element = getElementTypeOrSelf(type);
  return !isa<MemRefType>(type) && element.isIntOrFloat() &&
         !element.isInteger(1);
}

/// Of an operation without regions.
static uint64_t workOfOne(Operation *op) {
  if (auto copy = dyn_cast<memref::CopyOp>(op)) {
    auto type = cast<MemRefType>(copy.getSource().getType());
    // As a load and a store of vectors of 32 bytes.
    return type.hasStaticShape()
               ? type.getNumElements() * type.getElementTypeBitWidth() / 16
               : kLanes;
  }
  // Of a matrix unit: 16 cycles, in which vectors take two steps each.
  auto call = dyn_cast<LLVM::CallIntrinsicOp>(op);
  if (call && call.getIntrin().starts_with("llvm.x86.tdp"))
    return 32 * kLanes;
  // Broadcasts are part of the operation that they are for.
  if (op->hasTrait<OpTrait::ConstantLike>() || isa<vector::BroadcastOp>(op))
    return 0;
  auto isVector = [](Type type) { return isa<VectorType>(type); };
  bool computes = llvm::any_of(op->getResultTypes(), isNumber);
  bool stores = op->getNumResults() == 0 && mayWrite(op);
  if (!computes && !stores)
    return 0;
  return llvm::any_of(op->getOperandTypes(), isVector) ||
                 llvm::any_of(op->getResultTypes(), isVector)
             ? kLanes
             : 1;
}

uint64_t workOf(Operation *op) {
  if (op->getNumRegions() == 0)
    return workOfOne(op);
  uint64_t sum = 0;
  for (Region &region : op->getRegions())
    for (Block &block : region)
      sum += workOf(block);
  auto loop = dyn_cast<scf::ForOp>(op);
  return loop ? tripsOf(loop) * sum : sum;
}

uint64_t workOf(Block &block) {
  uint64_t sum = 0;
  for (Operation &op : block)
    sum += workOf(&op);
  return sum;
}

bool mayWrite(Operation *op) {
  if (op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
    for (Region &region : op->getRegions())
      for (Operation &inner : region.getOps())
        if (mayWrite(&inner))
          return true;
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  if (!effects)
    return !op->hasTrait<OpTrait::HasRecursiveMemoryEffects>();
  return effects.hasEffect<MemoryEffects::Write>() ||
         effects.hasEffect<MemoryEffects::Free>();
}

} // namespace mlc
