//===- FactorForms.cpp - What a layer may become --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/FactorForms.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

#include <cmath>

using namespace mlc;
using namespace mlc::calibrate;

llvm::StringRef calibrate::name(FactorKind kind) {
  switch (kind) {
  case FactorKind::LowRank:
    return "low-rank";
  case FactorKind::Spatial:
    return "spatial";
  case FactorKind::Tucker:
    return "tucker";
  case FactorKind::Depthwise:
    return "depthwise";
  }
  return "";
}

llvm::Expected<std::vector<FactorKind>>
calibrate::kindsOf(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> names;
  text.split(names, ',');
  std::vector<FactorKind> kinds;
  for (llvm::StringRef wanted : names) {
    const FactorKind *kind = llvm::find_if(
        allFactorKinds, [&](FactorKind each) { return name(each) == wanted; });
    if (kind == std::end(allFactorKinds))
      return llvm::createStringError("--kinds=" + text + ": '" + wanted +
                                     "' is not low-rank, spatial, tucker or "
                                     "depthwise");
    kinds.push_back(*kind);
  }
  return std::move(kinds);
}

static void add(std::vector<FactorForm> &forms, const FactorForm &form) {
  if (!llvm::is_contained(forms, form))
    forms.push_back(form);
}

std::vector<FactorForm>
calibrate::exactForms(const LayerFactors &factors, const FactorShape &shape,
                      llvm::ArrayRef<FactorKind> kinds) {
  std::vector<FactorForm> forms;
  for (FactorKind kind : kinds)
    if (canBe(kind, shape))
      forms.push_back(factors.within(kind, exactError));
  return forms;
}

/// Down to as many as fill vectors: those beyond take as long.
static int64_t lanesDown(int64_t count) {
  int64_t lanes = count >= 32 ? 8 : count >= 8 ? 4 : 1;
  return count / lanes * lanes;
}

/// The largest form that costs no more than that.
static FactorForm
formWithin(const LayerFactors &factors, FactorKind kind, double most,
           llvm::function_ref<double(const FactorForm &)> costOf) {
  // Shares of the squares that are lost, as powers of ten.
  double low = -9, high = 0;
  constexpr int steps = 30;
  for (int step = 0; step < steps; ++step) {
    double middle = (low + high) / 2;
    bool fits = costOf(factors.within(kind, std::pow(10, middle))) <= most;
    (fits ? high : low) = middle;
  }
  FactorForm form = factors.within(kind, std::pow(10, high));
  if (kind != FactorKind::Depthwise) {
    form.rank = lanesDown(form.rank);
    form.outer = lanesDown(form.outer);
  }
  return form;
}

std::vector<FactorForm>
calibrate::formsWithin(const LayerFactors &factors, const FactorShape &shape,
                       llvm::ArrayRef<FactorKind> kinds,
                       llvm::function_ref<double(const FactorForm &)> costOf) {
  constexpr double shares[] = {0.9, 0.75, 0.6, 0.45, 0.33, 0.22, 0.12};
  std::vector<FactorForm> forms = exactForms(factors, shape, kinds);
  for (FactorKind kind : kinds)
    if (canBe(kind, shape))
      for (double share : shares)
        add(forms, formWithin(factors, kind, share, costOf));
  llvm::erase_if(forms,
                 [&](const FactorForm &form) { return costOf(form) >= 1; });
  return forms;
}
