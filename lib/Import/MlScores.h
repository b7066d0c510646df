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

/// What a node is warned of that would give strings.
inline constexpr llvm::StringLiteral kIndexForLabel =
    "gives the index of a class in place of its label, which is a string";

/// The indices in place of the strings of `table`, where `graph` picks labels
/// from it alone (ArrayFeatureExtractor), as scikit-learn's classifiers do;
/// null for any other tensor.
mlir::DenseIntElementsAttr labelIndices(const onnx::GraphProto &graph,
                                        const onnx::TensorProto &table,
                                        mlir::MLIRContext *context);

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
