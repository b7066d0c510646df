//===- NNDialect.cpp - The nn dialect -------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FoldInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::nn;

#include "NN/IR/NNDialect.cpp.inc"
#include "NN/IR/NNEnums.cpp.inc"
#include "NN/IR/NNInterfaces.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "NN/IR/NNAttrs.cpp.inc"

namespace {
/// An epilogue is whole by itself: folding does not move its constants out.
struct KeepConstantsInEpilogues : DialectFoldInterface {
  using DialectFoldInterface::DialectFoldInterface;
  bool shouldMaterializeInto(Region *) const override { return true; }
};
} // namespace

void NNDialect::initialize() {
  addInterfaces<KeepConstantsInEpilogues>();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "NN/IR/NNAttrs.cpp.inc"
      >();
  addBoundedOps();
  addControlOps();
  addCoreOps();
  addElementwiseOps();
  addIndexingOps();
  addLinearOps();
  addMovementOps();
  addQuantOps();
  addReductionOps();
  addSpatialOps();
}

Operation *NNDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                          Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, type, elements);
}
