//===- CompareModels.h - Where a model differs from another -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three models run on each sample: the reference, the other one, and the other
// one cut at every value that both have (ValuePairs.h). What the cut one makes
// of the reference's values shows what each layer is off by itself.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_COMPAREMODELS_H
#define MLC_CALIBRATE_COMPAREMODELS_H

#include "mlc/Compare.h"

#include "llvm/Support/Error.h"

namespace mlc::calibrate {

/// What mlc::compareModels does. Errors hold one line a problem, with the
/// file's name.
llvm::Expected<ModelComparison> compareFiles(const std::string &reference,
                                             const std::string &model,
                                             const CompareOptions &options,
                                             const CompareProgress &progress);

/// Why `layer`, whose operands in the reference are `operands`, goes wrong with
/// less than `minSqnr` dB; "" where it does not.
std::string explain(const ComparedLayer &layer,
                    llvm::ArrayRef<const ComparedLayer *> operands,
                    double minSqnr);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_COMPAREMODELS_H
