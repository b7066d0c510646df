//===- CaseData.h - Stored inputs and expected outputs ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The layout in which ONNX stores test data, and suites of such cases:
//
//   SUITE/<case>/model.onnx
//   SUITE/<case>/test_data_set_0/input_0.pb  input_1.pb ...  output_0.pb ...
//   SUITE/<case>.onnx                        (a model without data)
//
// Files may be .npy instead of .pb. Numbers are positions among the model's
// inputs and outputs.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CHECK_CASEDATA_H
#define MLC_CHECK_CASEDATA_H

#include "TensorIO/Tensor.h"

#include <string>
#include <vector>

namespace mlc {

struct CaseFiles {
  /// The folder's or file's name, without ending.
  std::string name;
  std::string model;
  /// The folders test_data_set_*, in numeric order.
  std::vector<std::string> dataSets;
};

struct DataSet {
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
};

/// The cases of a suite, sorted by name. An error where `folder` cannot be read
/// or holds none.
llvm::Expected<std::vector<CaseFiles>> findCases(llvm::StringRef folder);

/// The data sets beside a model: those of its folder.
std::vector<std::string> findDataSets(llvm::StringRef folder);

/// Reads input_0.., output_0.. up to the first number that has no file.
llvm::Expected<DataSet> readDataSet(llvm::StringRef folder);

} // namespace mlc

#endif // MLC_CHECK_CASEDATA_H
