//===- Factorizer.h - The steps of mlc factorize ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each layer is explored by itself: what it may become (FactorForms.h), what
// that costs, and what its results and the outputs lose by it. What each
// becomes is chosen as forms of layers are (MixedPrecision.h); then all layers
// are factorised in their order, by what they read behind those before them,
// and all that see anything of it are repaired (LayerRepair.h).
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_FACTORIZER_H
#define MLC_CALIBRATE_FACTORIZER_H

#include "mlc/Factorize.h"

#include "llvm/Support/Error.h"

namespace mlc::calibrate {

/// What mlc::factorize does. Errors hold one line a problem.
llvm::Expected<FactorizedModel>
factorizeFile(const std::string &path, const FactorizeOptions &options,
              const FactorizeProgress &progress);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_FACTORIZER_H
