//===- Factorize.cpp - The public factoriser ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/Factorize.h"

#include "Api/Convert.h"
#include "Calibrate/Factorizer.h"

using namespace mlc;

Result<void> FactorizedModel::write(const std::string &path) const {
  return writeBytes(path, file());
}

Result<FactorizedModel> mlc::factorize(const std::string &model,
                                       const FactorizeOptions &options,
                                       const FactorizeProgress &progress) {
  auto made = calibrate::factorizeFile(model, options, progress);
  if (!made)
    return diagnosticsOf(made.takeError());
  return std::move(*made);
}
