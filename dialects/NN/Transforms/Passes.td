//===- Passes.td - Passes on the nn dialect -----------------------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NN_PASSES_TD
#define NN_PASSES_TD

include "mlir/Pass/PassBase.td"

def SimplifyPass : Pass<"nn-simplify", "::mlir::ModuleOp"> {
  let summary = "fold constants, remove identities, duplicates and dead code";
  let description = [{
    Applies folders, canonicalisation and the identities of each operator until
    nothing changes, then removes common subexpressions:

    ```mlir
    %zero = nn.constant dense<0.0> : tensor<f32>
    %0 = nn.add %x, %zero : tensor<4xf32>, tensor<f32>
    %1 = nn.neg %0 : tensor<4xf32>
    %2 = nn.neg %1 : tensor<4xf32>
    return %2 : tensor<4xf32>
    ```

    becomes

    ```mlir
    return %x : tensor<4xf32>
    ```

    Constant subgraphs that are too large for the folders are computed by the
    evaluator the pass was made with (see createSimplifyPass), all in one module.
    Without one, as in mlc-opt, they stay.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::nn::NNDialect"];
  let options = [
    Option<"maxGrowth", "max-growth", "int64_t", "1048576",
           "bytes up to which a constant may be larger than what it is computed from">,
  ];
  let statistics = [
    Statistic<"evaluated", "evaluated", "constants computed by the evaluator">,
    Statistic<"removed", "removed", "ops fewer than before">,
  ];
}

#endif // NN_PASSES_TD
