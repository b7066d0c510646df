//===- MlScores.h - Scores and labels of classifiers ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What linear models and trees of ai.onnx.ml share: a label and scores from
// what the model has summed up for each class, as onnxruntime has it where ONNX
// says nothing.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_MLSCORES_H
#define MLC_IMPORT_MLSCORES_H

#include "Import/Node.h"

namespace mlc {

/// What the score of the other class of two is.
enum class OtherClass {
  complement, ///< 1 - s
  negative,   ///< -s
};

/// The integer labels of a classifier; for strings their indices, with a
/// warning.
mlir::FailureOr<llvm::SmallVector<int64_t>> classLabels(Node &node);

/// NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO or PROBIT of scores [N, classes].
mlir::Value transformScores(Node &node, mlir::Value scores,
                            llvm::StringRef transform);

/// The label of the highest score, and scores, of [N, classes].
Values classify(Node &node, mlir::Value scores, llvm::ArrayRef<int64_t> labels,
                llvm::StringRef transform);

/// The same of two classes, where only the second one's scores [N, 1] are
/// given: it is the label where they are more than `threshold`.
Values binaryClasses(Node &node, mlir::Value scores,
                     llvm::ArrayRef<int64_t> labels, llvm::StringRef transform,
                     double threshold, OtherClass other);

} // namespace mlc

#endif // MLC_IMPORT_MLSCORES_H
