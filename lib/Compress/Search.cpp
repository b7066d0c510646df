//===- Search.cpp - Which candidates are worth making --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Search.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlc::compress;

/// Drops do not quite add up, and are counted on samples: what is expected to
/// lose so many times what may be lost is not made.
static constexpr double kHopeless = 1.5;

Search::Search(std::vector<Recipe> recipes, double maxDrop)
    : open(std::move(recipes)), maxDrop(maxDrop) {}

const Outcome *Search::find(const Recipe &recipe) const {
  for (const Measured &known : measured)
    if (known.recipe == recipe)
      return &known.outcome;
  return nullptr;
}

std::optional<Outcome> Search::expect(const Recipe &recipe) const {
  const Outcome *base = find({}), *alone = find(recipe.lastStep());
  std::optional<Recipe> before = recipe.before();
  const Outcome *first = before ? find(*before) : nullptr;
  if (!base || !alone || !first)
    return std::nullopt;
  Outcome expected;
  std::optional<unsigned> share = recipe.lastShare();
  expected.drop =
      share ? maxDrop * *share / 100 : first->drop + alone->drop - base->drop;
  expected.bytes = first->bytes * (alone->bytes / base->bytes);
  expected.ms = first->ms * (alone->ms / base->ms);
  return expected;
}

std::string Search::objection(const Outcome &expected) const {
  if (expected.drop > kHopeless * maxDrop)
    return llvm::formatv("would lose {0:f2}", expected.drop).str();
  for (const Measured &known : measured)
    if (known.outcome.drop <= maxDrop &&
        known.outcome.bytes <= expected.bytes &&
        known.outcome.ms <= expected.ms)
      return known.recipe.name() + " is smaller and faster";
  return "";
}

std::optional<Proposal> Search::next() {
  for (const Recipe &recipe : open)
    if (recipe.steps() < 2)
      return Proposal{recipe, std::nullopt};
  std::optional<Proposal> best;
  auto costOf = [](const Outcome &of) { return of.bytes * of.ms; };
  llvm::erase_if(open, [&](const Recipe &recipe) {
    std::optional<Outcome> expected = expect(recipe);
    std::string why =
        expected ? objection(*expected) : "one of its steps cannot be made";
    if (!why.empty()) {
      left.push_back({recipe, std::move(why)});
      return true;
    }
    if (!best || costOf(*expected) < costOf(*best->expected))
      best = Proposal{recipe, expected};
    return false;
  });
  return best;
}

void Search::add(const Recipe &recipe, const Outcome &outcome) {
  llvm::erase(open, recipe);
  measured.push_back({recipe, outcome});
}

void Search::reject(const Recipe &recipe, const std::string &why) {
  llvm::erase(open, recipe);
  left.push_back({recipe, why});
}
