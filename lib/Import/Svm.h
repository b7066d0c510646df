//===- Svm.h - Support vector machines of ai.onnx.ml ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Converters of the two operators, as onnxruntime has them where ONNX says
// nothing: which of two classes wins, and how pairwise probabilities couple.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_SVM_H
#define MLC_IMPORT_SVM_H

#include "Import/Node.h"

namespace mlc {

Values svmClassifier(Node &node);
Values svmRegressor(Node &node);

} // namespace mlc

#endif // MLC_IMPORT_SVM_H
