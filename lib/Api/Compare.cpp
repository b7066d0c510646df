//===- Compare.cpp - The public comparison of models ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/Compare.h"

#include "Api/Convert.h"
#include "Calibrate/CompareModels.h"

using namespace mlc;

Result<ModelComparison> mlc::compareModels(const std::string &reference,
                                           const std::string &model,
                                           const CompareOptions &options,
                                           const CompareProgress &progress) {
  auto compared = calibrate::compareFiles(reference, model, options, progress);
  if (!compared)
    return diagnosticsOf(compared.takeError());
  return std::move(*compared);
}
