//===- CheckCommand.h - mlc check -------------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `mlc check` does, once its options are read: compile, run, compare. It
// knows the compiler as two functions, so that the layers below the pipeline
// need not know it and tests can play it.
//
//   mlc check model.onnx                       test_data_set_* beside it
//   mlc check model.onnx --data=DIR            DIR/input_0.pb .. output_0.pb
//   mlc check model.onnx --input=x=x.npy --reference=y=y.npy
//   mlc check --suite=DIR                      see Suite.h
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CHECK_CHECKCOMMAND_H
#define MLC_CHECK_CHECKCOMMAND_H

#include "Check/ForkPool.h"
#include "Check/ModelCheck.h"
#include "TensorIO/Compare.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <functional>
#include <string>
#include <vector>

namespace mlc {

struct CheckOptions {
  /// The model, or the folder of a suite: one of them.
  std::string model, suite;
  /// A folder with input_N and output_N; empty for those beside the model.
  std::string data;
  /// `name=file`, tensors by the names of inputs and outputs.
  std::vector<std::string> inputs, references;
  Tolerance tolerance;
  /// Suite: only read the models, do not compile or run them.
  bool importOnly = false;
  /// Suite: where a case is refused, compile once more with the inputs that
  /// decide shapes (Onnx/BindInputs.h) bound to the values of its first data
  /// set.
  bool bindShapeInputs = false;
  /// Suite: run a model without data on made-up inputs; what it gives is not
  /// looked at.
  bool tryModels = false;
  ForkLimits limits;
};

/// A model ready to run. Tensors are in the order of the names; inputs of the
/// file that became constants are not among them.
struct RunnableModel {
  std::vector<std::string> inputs, outputs;
  std::vector<ConstantInput> constants;
  std::function<llvm::Expected<std::vector<Tensor>>(llvm::ArrayRef<Tensor>)>
      run;
  /// Inputs made up from a seed: any values that their types can have.
  std::function<llvm::Expected<std::vector<Tensor>>(uint64_t)> makeInputs;
};

/// The compiler, as `mlc check` sees it. The path of a model comes in; an error
/// carries every diagnostic, a line each. Called in child processes for suites.
struct CheckCompiler {
  llvm::function_ref<llvm::Expected<RunnableModel>(llvm::StringRef)> compile;
  llvm::function_ref<llvm::Error(llvm::StringRef)> import;
};

/// Checks what `options` say and prints a line per output or case to `os`. True
/// where all is well: every output agrees; for a suite, nothing is wrong, and
/// nothing crashed or took too long. Errors: nothing to compare with, files
/// that cannot be read, a model that does not compile.
llvm::Expected<bool> runCheck(const CheckOptions &options,
                              const CheckCompiler &compiler,
                              llvm::raw_ostream &os);

} // namespace mlc

#endif // MLC_CHECK_CHECKCOMMAND_H
