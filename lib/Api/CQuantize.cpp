//===- CQuantize.cpp - The quantiser as a C library -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Api/CTypes.h"

#include "mlc/Quantize.h"

using namespace mlc;

struct MlcQuantizer {
  QuantizeOptions options;
  QuantizeProgress progress;
};
struct MlcQuantizedModel {
  QuantizedModel model;
  std::string report;
};

MlcQuantizer *mlcQuantizerCreate(uint32_t version) {
  return version == MLC_C_API_VERSION ? new MlcQuantizer() : nullptr;
}

void mlcQuantizerDestroy(MlcQuantizer *quantizer) { delete quantizer; }

MlcDiagnostics *mlcQuantizerSet(MlcQuantizer *quantizer, const char *name,
                                const char *value) {
  std::optional<std::string> wrong = setOption(quantizer->options, name, value);
  return wrong ? complain(*wrong) : nullptr;
}

void mlcQuantizerOnProgress(MlcQuantizer *quantizer, MlcShareFunction function,
                            void *context) {
  quantizer->progress = {};
  if (function)
    quantizer->progress = [function, context](const std::string &what,
                                              double share, double left) {
      function(context, what.c_str(), share, left);
    };
}

MlcDiagnostics *mlcQuantize(const MlcQuantizer *quantizer, const char *path,
                            MlcQuantizedModel **model) {
  return unpack(quantize(path, quantizer->options, quantizer->progress),
                [&](QuantizedModel made) {
                  std::string report = made.report().json();
                  *model =
                      new MlcQuantizedModel{std::move(made), std::move(report)};
                });
}

MlcDiagnostics *mlcQuantizedModelPart(MlcQuantizedModel *model,
                                      MlcQuantizedPart part, const char **bytes,
                                      size_t *size) {
  const std::string *text = nullptr;
  switch (part) {
  case MLC_QUANTIZED_FILE:
    text = &model->model.file();
    break;
  case MLC_QUANTIZED_REPORT:
    text = &model->report;
    break;
  case MLC_QUANTIZED_MISSED:
    text = &model->model.report().missed;
    break;
  }
  if (!text)
    return complain("a quantised model has no part " + std::to_string(part));
  *bytes = text->data();
  *size = text->size();
  return nullptr;
}

void mlcQuantizedModelDestroy(MlcQuantizedModel *model) { delete model; }
