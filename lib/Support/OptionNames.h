//===- OptionNames.h - What options call their values -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_OPTIONNAMES_H
#define MLC_SUPPORT_OPTIONNAMES_H

#include "mlc/Options.h"

#include "llvm/ADT/StringRef.h"

namespace mlc {

/// The text that the option of the type takes for `value`, for reports.
llvm::StringRef nameOf(ScoreMetric value);
llvm::StringRef nameOf(WeightType value);
llvm::StringRef nameOf(RangeObserver value);

} // namespace mlc

#endif // MLC_SUPPORT_OPTIONNAMES_H
