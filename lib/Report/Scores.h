//===- Scores.h - One number for a model --------------------------*- C++
//-*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_REPORT_SCORES_H
#define MLC_REPORT_SCORES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

namespace mlc {

/// NetScore (A. Wong, 2018, arXiv:1806.05512): 20 log10(a^2 / (p^0.5 m^0.5)) of
/// an accuracy of `percent`, so many million parameters and so many 1e9
/// multiply-accumulates. Requires all three to be above 0.
double netScore(double percent, double millionParameters, double gigaMacs);

/// Information density: points of percent a million parameters, which are not
/// 0.
double informationDensity(double percent, double millionParameters);

/// A model among others: what is to be small, an entry a consideration. What is
/// to be large is given with a minus sign.
using Considerations = llvm::SmallVector<double, 5>;

/// Which of them are on the Pareto front: no other one is as good in
/// everything, and better in something. All have as many entries.
llvm::SmallVector<bool> paretoFront(llvm::ArrayRef<Considerations> models);

} // namespace mlc

#endif // MLC_REPORT_SCORES_H
