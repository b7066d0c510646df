//===- Recipe.cpp - What is done to a model to compress it ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Recipe.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

using namespace mlc::compress;

static const char *nameOf(Numbers numbers) {
  switch (numbers) {
  case Numbers::F32:
    return "f32";
  case Numbers::BF16:
    return "bf16";
  case Numbers::Int8:
    return "int8";
  case Numbers::MixedInt:
    return "int8-int4";
  }
  return "";
}

std::string Recipe::name() const {
  std::string text;
  auto add = [&](const std::string &step) {
    text += (text.empty() ? "" : "+") + step;
  };
  if (channels)
    add("channels" + std::to_string(channels));
  if (factors)
    add("factors" + std::to_string(factors));
  if (zeros)
    add("zeros" + std::to_string(zeros));
  if (numbers != Numbers::F32 || text.empty())
    add(nameOf(numbers));
  return text;
}

std::optional<Recipe> Recipe::before() const {
  Recipe result = *this;
  if (numbers != Numbers::F32)
    result.numbers = Numbers::F32;
  else if (zeros)
    result.zeros = 0;
  else if (factors)
    result.factors = 0;
  else if (channels)
    result.channels = 0;
  else
    return std::nullopt;
  return result;
}

Recipe Recipe::lastStep() const {
  if (numbers != Numbers::F32)
    return {0, 0, numbers};
  if (zeros)
    return {0, zeros, Numbers::F32};
  if (factors)
    return {0, 0, Numbers::F32, factors};
  return {channels, 0, Numbers::F32};
}

std::optional<unsigned> Recipe::lastShare() const {
  if (numbers == Numbers::MixedInt)
    return 100;
  if (numbers != Numbers::F32)
    return std::nullopt;
  if (zeros)
    return zeros;
  if (factors)
    return factors;
  if (channels)
    return channels;
  return std::nullopt;
}

static const std::vector<Recipe> &allRecipes() {
  using N = Numbers;
  static const std::vector<Recipe> recipes = {
      {},
      {0, 0, N::BF16},
      {0, 0, N::Int8},
      {0, 0, N::MixedInt},
      {0, 50, N::F32},
      {0, 100, N::F32},
      {50, 0, N::F32},
      {100, 0, N::F32},
      {0, 0, N::F32, 50},
      {0, 0, N::F32, 100},
      {50, 100, N::F32},
      {50, 0, N::BF16},
      {50, 0, N::Int8},
      {50, 0, N::MixedInt},
      {100, 0, N::BF16},
      {100, 0, N::Int8},
      {0, 0, N::BF16, 50},
      {0, 0, N::Int8, 50},
      {50, 0, N::F32, 100},
  };
  return recipes;
}

/// The names that a recipe's steps have in the list.
static std::vector<llvm::StringRef> stepsOf(const Recipe &recipe) {
  std::vector<llvm::StringRef> names;
  if (recipe.channels)
    names.push_back("channels");
  if (recipe.factors)
    names.push_back("factors");
  if (recipe.zeros)
    names.push_back("zeros");
  if (recipe.numbers == Numbers::MixedInt)
    names.push_back("int4");
  else if (recipe.numbers != Numbers::F32)
    names.push_back(nameOf(recipe.numbers));
  return names;
}

llvm::Expected<std::vector<Recipe>>
mlc::compress::recipesOf(llvm::StringRef steps) {
  llvm::SmallVector<llvm::StringRef> wanted;
  steps.split(wanted, ',');
  for (llvm::StringRef step : wanted)
    if (llvm::none_of(allRecipes(), [&](const Recipe &recipe) {
          return llvm::is_contained(stepsOf(recipe), step);
        }))
      return llvm::createStringError("--steps=" + steps + ": '" + step +
                                     "' is not channels, factors, zeros, bf16, "
                                     "int8 or int4");
  std::vector<Recipe> recipes;
  llvm::copy_if(
      allRecipes(), std::back_inserter(recipes), [&](const Recipe &recipe) {
        return llvm::all_of(stepsOf(recipe), [&](llvm::StringRef step) {
          return llvm::is_contained(wanted, step);
        });
      });
  return recipes;
}
