//===- LocalFunctions.h - Functions that a model defines --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Calls of a model's own functions are imported as the nodes of their bodies,
// which may be of another opset than the model.
//
//   LocalFunctions functions(model, opset);
//   if (const LocalFunction *function = functions.find(node)) ...
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_LOCALFUNCTIONS_H
#define MLC_IMPORT_LOCALFUNCTIONS_H

#include "Onnx/CheckGraph.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

namespace mlc {

struct LocalFunction {
  const onnx::FunctionProto *proto = nullptr;
  std::vector<GraphProblem> problems; ///< of its body

  bool isValid() const {
    return llvm::all_of(problems,
                        [](const GraphProblem &p) { return p.isWarning; });
  }
};

class LocalFunctions {
public:
  /// Puts the nodes of the model's functions in order. `opset` is that of
  /// functions which say none. The model stays the caller's.
  LocalFunctions(onnx::ModelProto &model, int64_t opset);

  /// The function that `node` calls, null where it calls none.
  const LocalFunction *find(const onnx::NodeProto &node) const;

  /// In the order of the model.
  llvm::ArrayRef<LocalFunction> all() const { return functions; }

private:
  std::vector<LocalFunction> functions;
  llvm::StringMap<size_t> indices;
};

} // namespace mlc

#endif // MLC_IMPORT_LOCALFUNCTIONS_H
