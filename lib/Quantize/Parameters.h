//===- Parameters.h - Scales and zero points in the IR ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_PARAMETERS_H
#define MLC_QUANTIZE_PARAMETERS_H

#include "NN/IR/NN.h"
#include "Quantize/Arithmetic.h"

namespace mlc {

/// What the stored integers of a tensor mean: one scale and zero point, or one
/// for each index of `axis`.
struct Parameters {
  mlir::SmallVector<float> scales;
  mlir::SmallVector<int32_t> zeroPoints;
  int64_t axis = 0;
  mlir::Type stored;

  bool isPerTensor() const { return scales.size() == 1; }
  float scale(int64_t channel = 0) const {
    return scales[isPerTensor() ? 0 : channel];
  }
  int32_t zeroPoint(int64_t channel = 0) const {
    return zeroPoints[isPerTensor() ? 0 : channel];
  }
  /// All values of the stored type, around the only zero point.
  StoredRange range() const;
  bool operator==(const Parameters &other) const;
};

/// The constant parameters, f32 and positive, of an nn.quantize or
/// nn.dequantize; nullopt where they are computed, blocked or of another type.
std::optional<Parameters> parametersOf(mlir::nn::QuantizeOp op);
std::optional<Parameters> parametersOf(mlir::nn::DequantizeOp op);

/// A tensor that nn.dequantize gives.
struct Dequantized {
  mlir::Value stored;
  Parameters parameters;
};

/// `v` as such a tensor with one scale; nullopt where it is none.
std::optional<Dequantized> matchDequantized(mlir::Value v);

/// The same with the integers known and perhaps a scale a channel.
struct DequantizedConstant {
  mlir::SmallVector<int64_t> values;
  Parameters parameters;
};
std::optional<DequantizedConstant> matchDequantizedConstant(mlir::Value v);

/// The numbers `v` is known to be, dequantised or not.
std::optional<mlir::SmallVector<double>> knownValues(mlir::Value v);

/// A constant scale or zero point of a tensor to which it broadcasts, blocked
/// or not.
class BlockedParameter {
public:
  /// As operators are imported: of blocks, `v` is repeated by nn.broadcast.
  /// nullopt where it is computed.
  static std::optional<BlockedParameter> match(mlir::Value v,
                                               mlir::ArrayRef<int64_t> tensor);

  /// The one for the tensor's element at `position`.
  double at(mlir::ArrayRef<int64_t> position) const {
    int64_t i = 0;
    for (size_t d = 0; d < dims.size(); ++d)
      i += position[d] / dims[d].run * dims[d].stride;
    return values[i];
  }
  /// Elements of the tensor's dimension that have one value wherever it is.
  int64_t run(int64_t dim) const { return dims[dim].run; }
  /// Between values along the dimension; 0 where there is one.
  int64_t stride(int64_t dim) const { return dims[dim].stride; }

private:
  struct Dim {
    int64_t run, stride;
  };
  mlir::SmallVector<double> values;
  mlir::SmallVector<Dim> dims; ///< of the tensor
};

/// What an nn.dequantize of constants gives, scales blocked or not; nullopt
/// where something is computed or no f32.
std::optional<mlir::SmallVector<float>>
foldDequantize(mlir::nn::DequantizeOp op);

/// nn.constant ops, rank 1 unless a shape is given.
mlir::Value makeInts(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Type element, mlir::ArrayRef<int64_t> values,
                     mlir::ArrayRef<int64_t> shape);
mlir::Value makeFloats(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::ArrayRef<float> values,
                       mlir::ArrayRef<int64_t> shape);

} // namespace mlc

#endif // MLC_QUANTIZE_PARAMETERS_H
