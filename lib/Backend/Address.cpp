//===- Address.cpp - where the bytes of a memref are ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace mlc {

std::optional<SmallVector<int64_t>> staticStrides(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!type.hasStaticShape() ||
      failed(type.getStridesAndOffset(strides, offset)) ||
      llvm::any_of(strides, ShapedType::isDynamic))
    return std::nullopt;
  return strides;
}

int64_t spanBytes(MemRefType type) {
  if (type.getNumElements() == 0)
    return 0;
  SmallVector<int64_t> strides = *staticStrides(type);
  int64_t last = 0;
  for (auto [size, stride] : llvm::zip_equal(type.getShape(), strides))
    last += (size - 1) * stride;
  return (last + 1) * elementBytes(type.getElementType());
}

MemRefType rebasedType(MemRefType type) {
  std::optional<SmallVector<int64_t>> strides = staticStrides(type);
  if (!strides)
    return {};
  MemRefType identity = MemRefType::get(type.getShape(), type.getElementType());
  bool contiguous = true;
  for (auto [size, want, has] :
       llvm::zip_equal(type.getShape(), *staticStrides(identity), *strides))
    contiguous &= size == 1 || want == has;
  if (contiguous || type.getNumElements() == 0)
    return identity;
  auto layout = StridedLayoutAttr::get(type.getContext(), 0, *strides);
  return MemRefType::get(type.getShape(), type.getElementType(), layout);
}

bool isView(Operation *op) {
  return isa<memref::ViewOp, memref::SubViewOp, memref::ExpandShapeOp,
             memref::CollapseShapeOp, memref::CastOp, memref::ReinterpretCastOp,
             memref::AssumeAlignmentOp, memref::MemorySpaceCastOp>(op);
}

Value rootOf(Value memref) {
  while (Operation *op = memref.getDefiningOp()) {
    if (!isView(op))
      break;
    memref = op->getOperand(0);
  }
  return memref;
}

static LogicalResult addTerm(Address &address, OpFoldResult factor,
                             int64_t bytes) {
  if (std::optional<int64_t> value = getConstantIntValue(factor)) {
    address.offset += *value * bytes;
    return success();
  }
  address.terms.push_back({cast<Value>(factor), bytes});
  return success();
}

static LogicalResult addSubView(Address &address, memref::SubViewOp op) {
  auto strides = staticStrides(op.getSourceType());
  int64_t bytes = elementBytes(op.getSourceType().getElementType());
  if (!strides || !bytes)
    return op.emitError("view of ")
           << op.getSourceType() << " found, static strides are required";
  for (auto [offset, stride] : llvm::zip_equal(op.getMixedOffsets(), *strides))
    if (failed(addTerm(address, offset, stride * bytes)))
      return failure();
  return success();
}

static LogicalResult addReinterpret(Address &address,
                                    memref::ReinterpretCastOp op) {
  // Its offset counts from where the source's descriptor points, not from the
  // source's first element: only sources at offset 0 mean the same in both.
  auto source = dyn_cast<MemRefType>(op.getSource().getType());
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  if (!source || failed(source.getStridesAndOffset(strides, offset)) ||
      offset != 0)
    return op.emitError("reinterpret_cast of ")
           << op.getSource().getType()
           << " found, a source with offset 0 is required";
  return addTerm(address, op.getMixedOffsets().front(),
                 elementBytes(op.getType().getElementType()));
}

FailureOr<Address> resolveAddress(Value memref) {
  Address address;
  Value at = memref;
  while (Operation *op = at.getDefiningOp()) {
    if (!isView(op))
      break;
    LogicalResult added = success();
    if (auto subview = dyn_cast<memref::SubViewOp>(op))
      added = addSubView(address, subview);
    else if (auto view = dyn_cast<memref::ViewOp>(op))
      added = addTerm(address, OpFoldResult(view.getByteShift()), 1);
    else if (auto cast = dyn_cast<memref::ReinterpretCastOp>(op))
      added = addReinterpret(address, cast);
    if (failed(added))
      return failure();
    at = op->getOperand(0);
  }
  address.root = at;
  return address;
}

void collectUsers(Value root, SmallVectorImpl<OpOperand *> &users) {
  SmallVector<Value> work = {root};
  while (!work.empty())
    for (OpOperand &use : work.pop_back_val().getUses()) {
      if (isView(use.getOwner()) && use.getOperandNumber() == 0)
        work.push_back(use.getOwner()->getResult(0));
      else
        users.push_back(&use);
    }
}

StringRef nodeName(Location loc) {
  StringRef name;
  loc->walk([&](Location inner) {
    if (auto named = dyn_cast<NameLoc>(inner)) {
      name = named.getName();
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return name;
}

} // namespace mlc
