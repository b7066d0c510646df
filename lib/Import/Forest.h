//===- Forest.h - Trees as ai.onnx.ml has them ------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The attributes of tree ensembles, read into one list of nodes and checked:
// children are there, no way leads back, outputs are in range.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_FOREST_H
#define MLC_IMPORT_FOREST_H

#include "Import/Node.h"

namespace mlc {

/// How a node compares a feature with its value.
enum class Branch { leq, lt, gte, gt, eq, neq, leaf };

/// Nodes of all trees, in one list.
struct Forest {
  llvm::SmallVector<int64_t> features, onTrue, onFalse, missingTrue, roots;
  llvm::SmallVector<double> values;
  llvm::SmallVector<Branch> branches;
  llvm::SmallVector<double> weights; ///< [nodes, outputs]
  llvm::SmallVector<bool> isWeighed; ///< the same: which of them there are
  int64_t outputs = 0;
  int64_t depth = 0; ///< comparisons on the longest way down
};

/// The trees of TreeEnsembleClassifier ("class") and -Regressor ("target"),
/// whose weights are in attributes that begin with `prefix`. Reports and fails.
mlir::FailureOr<Forest> readForest(Node &node, llvm::StringRef prefix,
                                   int64_t outputs);

/// The trees of TreeEnsemble. Reports and fails.
mlir::FailureOr<Forest> readTreeEnsemble(Node &node);

/// A list of floats, given as such or as a tensor `name`_as_tensor.
llvm::SmallVector<double> numbersAttr(Node &node, llvm::StringRef name);

} // namespace mlc

#endif // MLC_IMPORT_FOREST_H
