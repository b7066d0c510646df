//===- Quantize.cpp - The public quantiser --------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/Quantize.h"

#include "Api/Convert.h"
#include "Calibrate/Quantizer.h"

using namespace mlc;

struct QuantizedModel::State {
  calibrate::Quantized quantized;
};

QuantizedModel::QuantizedModel(std::unique_ptr<State> state)
    : state(std::move(state)) {}
QuantizedModel::QuantizedModel(QuantizedModel &&other) = default;
QuantizedModel &QuantizedModel::operator=(QuantizedModel &&other) = default;
QuantizedModel::~QuantizedModel() = default;

const std::string &QuantizedModel::file() const {
  return state->quantized.file;
}

const QuantizeReport &QuantizedModel::report() const {
  return state->quantized.report;
}

Result<void> QuantizedModel::write(const std::string &path) const {
  return writeBytes(path, file());
}

Result<QuantizedModel> mlc::quantize(const std::string &model,
                                     const QuantizeOptions &options,
                                     const QuantizeProgress &progress) {
  auto quantized = calibrate::quantizeFile(model, options, progress);
  if (!quantized)
    return diagnosticsOf(quantized.takeError());
  return QuantizedModel(std::make_unique<QuantizedModel::State>(
      QuantizedModel::State{std::move(*quantized)}));
}
