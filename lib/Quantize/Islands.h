//===- Islands.h - Floats between stored integers ---------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An island is what a model computes in floats between nn.dequantize and
// nn.quantize. Each file of patterns makes integers of one kind; a pattern is
// rooted at the nn.quantize an island ends in.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_ISLANDS_H
#define MLC_QUANTIZE_ISLANDS_H

#include "Quantize/Requantize.h"

#include "mlir/IR/PatternMatch.h"

namespace mlc {

/// What the patterns share: the mode, and what they did.
struct IslandContext {
  QuantizeMode mode;
  int64_t products = 0, elementwise = 0, pools = 0, tables = 0, moved = 0,
          rows = 0;

  /// Says, in mode tflite, that `op` is computed as in mode integer.
  void takesIntegerForm(mlir::Operation *op) const;
};

/// A value that ends as stored integers.
struct Island {
  /// Before the relus and clamps, which `result.range` holds.
  mlir::Value value;
  ResultQuantization result;
  mlir::nn::QuantizeOp end;
};

/// The island of `op`; nullopt where its parameters are not one constant scale
/// and zero point. Rounding is monotonic, so that limits may be taken after it.
std::optional<Island> matchIsland(mlir::nn::QuantizeOp op, QuantizeMode mode);

/// Whether `op`, a relu or a clamp, limits its operand 0 to numbers that are
/// the same for all elements.
bool isLimit(mlir::Operation *op);

/// `v` as a dequantised tensor, perhaps multiplied or divided by a positive
/// number, which its scale takes in: for sums, whose noise in floats is larger
/// than that of one more rounding.
std::optional<Dequantized> matchScaled(mlir::Value v);

/// Whether stored integers of `type` are small enough for i32 accumulators.
bool isByte(mlir::Type type);
/// Whether they are of 16 bits, which only mode integer has forms for:
/// onnxruntime computes what reads them in floats.
bool isShort(mlir::Type type, QuantizeMode mode);

/// An nn.map of `inputs`, of which the first has the result's shape, to
/// elements `to`: `body` makes one of scalars.
mlir::Value createMap(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::ArrayRef<mlir::Value> inputs, mlir::Type to,
                      llvm::function_ref<mlir::Value(mlir::ValueRange)> body);

/// A stored scalar as the i32 it is apart from its zero point.
mlir::Value emitCentred(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value stored, const Parameters &parameters);

/// Whether `op` takes elements of operand 0, unchanged, to its result. The
/// greatest and the least are among them, as scales are positive.
bool movesStored(mlir::Operation *op);

/// nn.dequantize of `stored`, to f32.
mlir::Value dequantizeStored(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::Value stored, const Parameters &parameters);
/// nn.quantize of `v`.
mlir::Value quantizeTo(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value v, const Parameters &parameters);

/// Convolutions and matrix products whose result is quantised.
void populateProductPatterns(mlir::RewritePatternSet &patterns,
                             IslandContext &context);
/// The same whose result is not: integers inside, a float at the end.
void populateFloatProductPatterns(mlir::RewritePatternSet &patterns,
                                  IslandContext &context);
/// Sums, differences, products and quotients of two tensors.
void populateSumPatterns(mlir::RewritePatternSet &patterns,
                         IslandContext &context);
/// Average pools and means over all positions.
void populateAveragePatterns(mlir::RewritePatternSet &patterns,
                             IslandContext &context);
/// Other sums and means over dimensions.
void populateReducePatterns(mlir::RewritePatternSet &patterns,
                            IslandContext &context);
/// Softmax, in mode integer.
void populateSoftmaxPatterns(mlir::RewritePatternSet &patterns,
                             IslandContext &context);
/// Linear and cubic interpolation, in mode integer.
void populateResamplePatterns(mlir::RewritePatternSet &patterns,
                              IslandContext &context);
/// Normalisation over dimensions, in mode integer.
void populateNormPatterns(mlir::RewritePatternSet &patterns,
                          IslandContext &context);
/// Functions of one tensor of bytes as TFLite's kernels, in mode tflite.
void populateTflitePatterns(mlir::RewritePatternSet &patterns,
                            IslandContext &context);
/// What is left of a model's own floats, in mode tflite.
void populateTfliteEdgePatterns(mlir::RewritePatternSet &patterns,
                                IslandContext &context);
/// Functions of one tensor of bytes.
void populateTablePatterns(mlir::RewritePatternSet &patterns,
                           IslandContext &context);
/// Functions of such functions.
void populateComposePatterns(mlir::RewritePatternSet &patterns);
/// What commutes with quantisation: data movement, maxima; and quantising what
/// was dequantised alike.
void populateMovePatterns(mlir::RewritePatternSet &patterns,
                          IslandContext &context);

/// Says on arguments and results of `function` what their integers mean.
void annotateInterface(mlir::func::FuncOp function);

} // namespace mlc

#endif // MLC_QUANTIZE_ISLANDS_H
