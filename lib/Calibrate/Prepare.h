//===- Prepare.h - A float model made ready for integers --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites that change no result but by rounding, so that what follows finds
// operators with constant weights and as few of them as there can be:
//
//   constants are initializers, and what follows from them alone is one;
//   the opset is one that has the types which will be needed;
//   BatchNormalization, and sums and products with a constant for each channel,
//   are in the weights and biases of the convolution before them.
//
// Names of inputs, outputs and of values that stay are kept, metadata too.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_PREPARE_H
#define MLC_CALIBRATE_PREPARE_H

#include "Calibrate/ModelRunner.h"

namespace mlc::calibrate {

/// Rewrites `model`, whose external data is loaded. Errors: it is quantised
/// already, or cannot be raised to `opset`.
llvm::Error prepare(onnx::ModelProto &model, int64_t opset,
                    const RunOptions &options);

/// Makes initializers of what constants alone decide, as transposed or reshaped
/// weights; what would grow stays, but for `integers` of ConstantOfShape, which
/// tell of shapes.
llvm::Error foldConstantNodes(onnx::ModelProto &model,
                              const RunOptions &options, bool integers = false);

/// Takes BatchNormalization, Add and Mul into the Conv or Gemm before them.
void foldIntoWeights(onnx::GraphProto &graph);

/// Takes the initializers away that nothing reads.
void dropUnused(onnx::GraphProto &graph);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_PREPARE_H
