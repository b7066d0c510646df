//===- Search.h - Which candidates are worth making -------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   Search search(recipes, maxDrop);
//   while (auto next = search.next()) {
//     ... make it and measure it ...
//     search.add(next->recipe, outcome);      // or reject()
//   }
//
// Each step is tried by itself first. Of several steps one behind the other it
// is expected that their drops add up and that each makes the model smaller and
// faster by as much as it does alone; only what is expected to keep within the
// drop, and not to be behind in both what was measured, is made. What a
// candidate really loses and takes is always measured.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMPRESS_SEARCH_H
#define MLC_COMPRESS_SEARCH_H

#include "Compress/Recipe.h"

namespace mlc::compress {

/// What a candidate loses, and what it takes.
struct Outcome {
  double drop = 0;
  double bytes = 0, ms = 0; ///< above 0
};

struct Proposal {
  Recipe recipe;
  std::optional<Outcome> expected; ///< of several steps
};

/// A recipe that is not made, and why.
struct Skipped {
  Recipe recipe;
  std::string why;
};

class Search {
public:
  /// `recipes` as recipesOf() orders them.
  Search(std::vector<Recipe> recipes, double maxDrop);

  /// What to make next: steps alone in their order, then of what is left the
  /// one with the least expected product of bytes and time. None where nothing
  /// is worth it; skipped() is complete then.
  std::optional<Proposal> next();

  void add(const Recipe &recipe, const Outcome &outcome);
  /// It cannot be made, and what begins with it neither.
  void reject(const Recipe &recipe, const std::string &why);

  const std::vector<Skipped> &skipped() const { return left; }

private:
  const Outcome *find(const Recipe &recipe) const;
  std::optional<Outcome> expect(const Recipe &recipe) const;
  /// Why it is not worth it; "" where it is.
  std::string objection(const Outcome &expected) const;

  struct Measured {
    Recipe recipe;
    Outcome outcome;
  };

  std::vector<Recipe> open; ///< neither measured nor skipped
  double maxDrop;
  std::vector<Measured> measured;
  std::vector<Skipped> left;
};

} // namespace mlc::compress

#endif // MLC_COMPRESS_SEARCH_H
