//===- OpenModel.h - A model and samples of its inputs ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_OPENMODEL_H
#define MLC_CALIBRATE_OPENMODEL_H

#include "Calibrate/ModelRunner.h"
#include "Samples/Samples.h"

namespace mlc::calibrate {

/// The model in a file, with its external data. Errors hold a line a problem,
/// with the file's name.
llvm::Expected<onnx::ModelProto> openModel(const std::string &path);

/// The inputs of the model `options.name`, one sample of each. It is imported
/// as mlc compile does, for its diagnostics.
llvm::Expected<std::vector<Samples::Wanted>>
inputsOf(const RunOptions &options);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_OPENMODEL_H
