//===- LowerElementwise.cpp - Elementwise ops to linalg -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/Build.h"
#include "Conversion/NNToLinalg.h"
#include "NN/IR/ScalarEmitter.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlc;

namespace {

/// Any elementwise op: one linalg.generic with the op's scalar definition.
struct LowerElementwise
    : OpInterfaceConversionPattern<nn::ElementwiseOpInterface> {
  using OpInterfaceConversionPattern::OpInterfaceConversionPattern;
  LogicalResult
  matchAndRewrite(nn::ElementwiseOpInterface op, ArrayRef<Value> operands,
                  ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(
        getTypeConverter()->convertType(op->getResult(0).getType()));
    TensorBuilder t(rewriter, op.getLoc());
    // An operand used twice is one input.
    SmallVector<Value> inputs;
    SmallVector<size_t> position;
    for (Value v : operands) {
      auto *it = llvm::find(inputs, v);
      position.push_back(it - inputs.begin());
      if (it == inputs.end())
        inputs.push_back(v);
    }
    Value result = t.map(inputs, type.getShape(), type.getElementType(),
                         [&](OpBuilder &b, Location loc, ValueRange args) {
                           SmallVector<Value> scalars;
                           for (size_t i : position)
                             scalars.push_back(args[i]);
                           return op.emitScalar(b, loc, scalars);
                         });
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// Constants keep their bytes; only the type loses its sign.
struct LowerConstant : OpConversionPattern<nn::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult
  matchAndRewrite(nn::ConstantOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto type =
        cast<RankedTensorType>(getTypeConverter()->convertType(op.getType()));
    ElementsAttr value = op.getValue();
    if (type != value.getType()) {
      if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
        value = DenseResourceElementsAttr::get(type, resource.getRawHandle());
      else
        value = cast<DenseElementsAttr>(value).bitcast(type.getElementType());
    }
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, type,
                                                   cast<TypedAttr>(value));
    return success();
  }
};

} // namespace

void mlc::populateElementwiseLowering(SignlessConverter &types,
                                      RewritePatternSet &patterns) {
  patterns.add<LowerElementwise, LowerConstant>(types, patterns.getContext());
}
