//===- ModelCheck.h - A model's answers against stored ones -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs a compiled model on data sets and compares every output. The model is
// known only as something that maps inputs to outputs, so that compilers,
// interpreters and fakes are checked alike.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CHECK_MODELCHECK_H
#define MLC_CHECK_MODELCHECK_H

#include "Check/Suite.h"
#include "TensorIO/Compare.h"
#include "TensorIO/Tensor.h"

namespace mlc {

/// Inputs by position to outputs by position.
using RunFunction = llvm::function_ref<llvm::Expected<std::vector<Tensor>>(
    llvm::ArrayRef<Tensor>)>;

/// An input that is a constant of the model, and so not handed to `run`.
struct ConstantInput {
  std::string name;
  size_t position = 0; ///< among the inputs that data sets have
  /// What it is; null where that need not be looked at.
  std::shared_ptr<const Tensor> value;
};

/// Takes the constants, in the order of their positions, out of a data set's
/// inputs. An error where their values are others than the model has: the
/// outputs are of another model then.
llvm::Error dropConstants(std::vector<Tensor> &inputs,
                          llvm::ArrayRef<ConstantInput> constants);

/// How one output compares.
struct OutputReport {
  std::string name;
  Comparison comparison;
};

/// Runs `run` on `inputs` and compares with `expected`, output by output;
/// `names` are the outputs'. An error where the run fails or the number of
/// outputs is another.
llvm::Expected<std::vector<OutputReport>>
checkOutputs(RunFunction run, llvm::ArrayRef<Tensor> inputs,
             llvm::ArrayRef<Tensor> expected, llvm::ArrayRef<std::string> names,
             const Tolerance &tolerance);

/// Checks the data sets in these folders: Passed, or Wrong with the first
/// output that is. A model without any data set is Passed.
CaseOutcome checkDataSets(RunFunction run, llvm::ArrayRef<std::string> dataSets,
                          llvm::ArrayRef<std::string> names,
                          llvm::ArrayRef<ConstantInput> constants,
                          const Tolerance &tolerance);

} // namespace mlc

#endif // MLC_CHECK_MODELCHECK_H
