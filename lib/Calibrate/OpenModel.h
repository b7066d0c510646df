//===- OpenModel.h - A model and samples of its inputs ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_OPENMODEL_H
#define MLC_CALIBRATE_OPENMODEL_H

#include "Calibrate/Session.h"

namespace mlc::calibrate {

/// The model in a file, with its external data. Errors hold a line a problem,
/// with the file's name.
llvm::Expected<onnx::ModelProto> openModel(const std::string &path);

/// That model, and how it is run.
struct RunnableModel {
  onnx::ModelProto model;
  RunOptions options;
};
llvm::Expected<RunnableModel> openToRun(const std::string &path,
                                        const ModelOptions &options,
                                        unsigned threads);

/// The inputs of the model `options.name`, one sample of each. It is imported
/// as mlc compile does, for its diagnostics.
llvm::Expected<std::vector<Samples::Wanted>>
inputsOf(const RunOptions &options);

/// That model with the samples in `path` of its inputs.
llvm::Expected<Session> openSession(const RunOptions &options,
                                    const std::string &path,
                                    Session::Progress progress);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_OPENMODEL_H
