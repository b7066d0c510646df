//===- Candidate.cpp - A model that was made and measured ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Candidate.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlc;
using namespace mlc::compress;

void compress::markFront(std::vector<Candidate> &candidates) {
  std::vector<Considerations> all;
  for (const Candidate &c : candidates)
    all.push_back({c.drop, double(c.figures.flashBytes()),
                   double(c.figures.memoryBytes()), c.figures.bench.times.best,
                   c.figures.energy().total()});
  for (auto [candidate, isOn] : llvm::zip(candidates, paretoFront(all)))
    candidate.isOnFront = isOn;
}

/// What is to be small, beside the model as it was.
static double costOf(const Candidate &candidate, const Candidate &base,
                     CompressGoal goal) {
  Outcome of = candidate.outcome(), was = base.outcome();
  switch (goal) {
  case CompressGoal::Balance:
    return of.bytes / was.bytes * (of.ms / was.ms);
  case CompressGoal::Size:
    return of.bytes;
  case CompressGoal::Time:
    return of.ms;
  case CompressGoal::Memory:
    return double(candidate.figures.memoryBytes());
  case CompressGoal::Energy:
    return candidate.figures.energy().total();
  }
  return 0;
}

/// By what part the budget is exceeded, all in all.
static double excessOf(const Candidate &candidate, const Budget &budget) {
  double excess = 0;
  auto add = [&](double found, double most) {
    if (found > most)
      excess += most > 0 ? found / most - 1 : found;
  };
  Outcome of = candidate.outcome();
  add(of.drop, budget.drop);
  if (budget.bytes)
    add(of.bytes, double(*budget.bytes));
  if (budget.ms)
    add(of.ms, *budget.ms);
  return excess;
}

size_t compress::choose(llvm::ArrayRef<Candidate> candidates,
                        const Budget &budget) {
  auto rankOf = [&](const Candidate &candidate) {
    return std::make_pair(excessOf(candidate, budget),
                          costOf(candidate, candidates.front(), budget.goal));
  };
  auto best = std::min_element(candidates.begin(), candidates.end(),
                               [&](const Candidate &a, const Candidate &b) {
                                 return rankOf(a) < rankOf(b);
                               });
  return best - candidates.begin();
}

std::string compress::missed(const Candidate &candidate, const Budget &budget) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto separate = [&] { os << (text.empty() ? "" : "; "); };
  Outcome of = candidate.outcome();
  if (of.drop > budget.drop)
    os << llvm::format("--max-drop=%g: %.2f are lost", budget.drop, of.drop);
  if (budget.bytes && of.bytes > double(*budget.bytes)) {
    separate();
    os << "--max-size=" << *budget.bytes << ": "
       << candidate.figures.flashBytes() << " bytes of weights and code";
  }
  if (budget.ms && of.ms > *budget.ms) {
    separate();
    os << llvm::format("--max-ms=%g: %.3f ms", *budget.ms, of.ms);
  }
  return text;
}
