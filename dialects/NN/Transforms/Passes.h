//===- Passes.h - Passes on the nn dialect ----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes of Passes.td and, for each phase of the compiler, a function that
// adds its passes to a pipeline:
//
//   mlir::PassManager pipeline(context);
//   mlir::nn::buildSimplifyPipeline(pipeline, evaluator);
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_PASSES_H
#define NN_TRANSFORMS_PASSES_H

#include "NN/IR/NNDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

#include <functional>

namespace mlir {
namespace nn {

/// Computes the results of function @main of a module: it takes nothing and
/// consists of nn ops on constants. One attribute a result, of the result's
/// type. Diagnostics are the evaluator's; failure leaves the graph as it was.
using ConstantEvaluator =
    std::function<FailureOr<SmallVector<ElementsAttr>>(ModuleOp)>;

/// Marks the result of @main that says whether a run was valid; see
/// nn-collect-requirements. Its tensor has one bool, and it is no output of the
/// model.
constexpr llvm::StringLiteral kValidAttr = "mlc.valid";

#define GEN_PASS_DECL
#include "NN/Transforms/Passes.h.inc"

/// nn-simplify that computes large constants with `evaluator`.
std::unique_ptr<Pass> createSimplifyPass(ConstantEvaluator evaluator);

/// The phase `simplify`. A null evaluator folds by the ops' folders alone.
void buildSimplifyPipeline(OpPassManager &pipeline,
                           ConstantEvaluator evaluator = nullptr);

/// The phase `fuse`.
void buildFusePipeline(OpPassManager &pipeline);

/// The phase `layout`.
void buildLayoutPipeline(OpPassManager &pipeline);

/// The phase `restructure`: group convolutions, shuffles, dead channels, zero
/// counts.
void buildRestructurePipeline(OpPassManager &pipeline);

#define GEN_PASS_REGISTRATION
#include "NN/Transforms/Passes.h.inc"

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_PASSES_H
