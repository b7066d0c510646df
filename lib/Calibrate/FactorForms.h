//===- FactorForms.h - What a layer may become ------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_FACTORFORMS_H
#define MLC_CALIBRATE_FACTORFORMS_H

#include "Calibrate/Factors.h"

#include "llvm/Support/Error.h"

namespace mlc::calibrate {

/// "low-rank", "spatial", "tucker" or "depthwise".
llvm::StringRef name(FactorKind kind);
/// Several of them, with commas between them. Errors: there is no such kind.
llvm::Expected<std::vector<FactorKind>> kindsOf(llvm::StringRef text);

/// Squares of the error over those of the weights that are rounding: 120 dB.
constexpr double exactError = 1e-12;

/// The smallest form of each kind that may be what the layer is exactly.
std::vector<FactorForm> exactForms(const LayerFactors &factors,
                                   const FactorShape &shape,
                                   llvm::ArrayRef<FactorKind> kinds);

/// These, and of each kind forms that cost some shares of what the layer does,
/// which is 1 in units of `costOf`. Ranks fill vectors where they are long
/// enough.
std::vector<FactorForm>
formsWithin(const LayerFactors &factors, const FactorShape &shape,
            llvm::ArrayRef<FactorKind> kinds,
            llvm::function_ref<double(const FactorForm &)> costOf);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_FACTORFORMS_H
