//===- IntegerIsland.h - What mode integer alone computes -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_INTEGERISLAND_H
#define MLC_QUANTIZE_INTEGERISLAND_H

#include "NN/IR/ScalarEmitter.h"
#include "Quantize/Islands.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace mlc {

/// Scalars of 64 bits.
class WideEmitter : public mlir::nn::ScalarEmitter {
public:
  WideEmitter(mlir::OpBuilder &builder, mlir::Location loc)
      : ScalarEmitter(builder, loc, builder.getI64Type()), builder(builder),
        loc(loc) {}

  /// Any number of 64 bits, of which `constant` takes those that a double is.
  mlir::Value number(int64_t v) {
    return mlir::arith::ConstantOp::create(builder, loc,
                                           builder.getI64IntegerAttr(v));
  }
  mlir::Value right(mlir::Value v, int64_t places) {
    return op<mlir::arith::ShRSIOp>(v, number(places));
  }

private:
  mlir::OpBuilder &builder;
  mlir::Location loc;
};

/// Lowers an island that mode onnx leaves on floats. Where TFLite has no kernel
/// of it, `lower` says so.
class IntegerIslandPattern
    : public mlir::OpRewritePattern<mlir::nn::QuantizeOp> {
public:
  IntegerIslandPattern(mlir::MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/1), islands(islands) {}

  mlir::LogicalResult
  matchAndRewrite(mlir::nn::QuantizeOp op,
                  mlir::PatternRewriter &rewriter) const final {
    if (islands.mode == QuantizeMode::Onnx)
      return rewriter.notifyMatchFailure(op, "the mode computes it in floats");
    std::optional<Island> island = matchIsland(op, islands.mode);
    if (!island)
      return rewriter.notifyMatchFailure(op, "ends no island");
    mlir::FailureOr<mlir::Value> stored = lower(op, *island, rewriter);
    if (mlir::failed(stored))
      return mlir::failure();
    rewriter.replaceOp(op, *stored);
    ++islands.rows;
    return mlir::success();
  }

protected:
  /// What takes the place of `op`, which ends the island.
  virtual mlir::FailureOr<mlir::Value>
  lower(mlir::nn::QuantizeOp op, Island &island,
        mlir::PatternRewriter &rewriter) const = 0;

  IslandContext &islands;
};

} // namespace mlc

#endif // MLC_QUANTIZE_INTEGERISLAND_H
