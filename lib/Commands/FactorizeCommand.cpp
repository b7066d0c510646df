//===- FactorizeCommand.cpp - mlc factorize -------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Shared.h"

using namespace llvm;
using namespace mlc;

FactorizeOptions mlc::factorizeOptions(const Options &given) {
  FactorizeOptions options;
  takeSampleOptions(given, options);
#define MLC_FACTORIZE_OPTION(TYPE, MEMBER, ...) options.MEMBER = given.MEMBER;
#include "mlc/Options.def"
  return options;
}

Result<bool> mlc::factorizeModel(const Options &given, const std::string &model,
                                 const CommandOutput &output) {
  if (Error error =
          checkMade("factorize", given.factorizedFile, given.calibration))
    return diagnosticsOf(std::move(error));
  Result<FactorizedModel> made =
      factorize(model, factorizeOptions(given), tellShares(given, output));
  tellEnd(output);
  return handOver(given, given.factorizedFile, made, output);
}
