//===- Passes.h - Passes that make integer arithmetic -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The phase `quantize`:
//
//   mlc::buildQuantizePipeline(pipeline, mlc::QuantizeMode::Onnx);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_PASSES_H
#define MLC_QUANTIZE_PASSES_H

#include "NN/IR/NNDialect.h"
#include "Quantize/Arithmetic.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Pass/Pass.h"

namespace mlc {

#define GEN_PASS_DECL
#include "Quantize/Passes.h.inc"

/// Adds the passes of the phase.
void buildQuantizePipeline(mlir::OpPassManager &pipeline, QuantizeMode mode);

#define GEN_PASS_REGISTRATION
#include "Quantize/Passes.h.inc"

} // namespace mlc

#endif // MLC_QUANTIZE_PASSES_H
