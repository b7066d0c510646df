//===- Postprocess.h - Scores as programs want them -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What --io says of an output becomes ops behind the graph, along the output's
// last dimension: softmax or sigmoid, then the k largest.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_INTERFACE_POSTPROCESS_H
#define MLC_INTERFACE_POSTPROCESS_H

#include "mlc/Options.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <map>

namespace mlc {

/// What became of an output.
struct Postprocessing {
  int64_t classes = 0; ///< that the model gives scores for
  std::string indices; ///< the output that has the classes of the k largest
};

using PostprocessingByName = std::map<std::string, Postprocessing, std::less<>>;

/// Puts the functions of `types` behind results of `function`, found by their
/// attribute "nn.name". Of the k largest, the largest comes first and, of equal
/// ones, the first; their classes are a further result of i32, behind all
/// others. Reports, at the function, what cannot be, and parts for inputs
/// alone.
llvm::FailureOr<PostprocessingByName>
postprocessOutputs(mlir::func::FuncOp function, const IoTypesByName &types);

} // namespace mlc

#endif // MLC_INTERFACE_POSTPROCESS_H
