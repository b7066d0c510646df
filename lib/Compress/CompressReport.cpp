//===- CompressReport.cpp - What a compression found out -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/CompressReport.h"

#include "Support/Json.h"
#include "Support/OptionNames.h"
#include "Support/Printable.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

#include <cmath>

using namespace llvm;
using namespace mlc;
using namespace mlc::compress;

std::string CompressReport::command() const {
  bool isNarrow = candidates[chosen].recipe.numbers == compress::Numbers::BF16;
  return "mlc compile " + printable(file) +
         (isNarrow ? " --precision=bf16" : "");
}

/// "4.03 times smaller", of a ratio that may be below 1.
static std::string times(double ratio, const char *better, const char *worse) {
  return ratio >= 1 ? formatv("{0:f2} times {1}", ratio, better).str()
                    : formatv("{0:f2} times {1}", 1 / ratio, worse).str();
}

std::string CompressReport::summary() const {
  const Candidate &best = candidates[chosen];
  Outcome was = candidates.front().outcome(), is = best.outcome();
  std::string text = best.recipe.name() + ", ";
  if (chosen == 0)
    text += "the model as it was";
  else
    text += times(was.bytes / is.bytes, "smaller", "larger") + " and " +
            times(was.ms / is.ms, "faster", "slower") +
            formatv(", {0:f2} of {1} lost", is.drop, nameOf(metric)).str();
  if (isUnfinished)
    text += "; time was up, the same command goes on";
  return text + "; " + command();
}

void CompressReport::writeText(raw_ostream &os) const {
  constexpr unsigned width = 24;
  os << left_justify("", width + 2)
     << "    drop     score  flash KiB  memory KiB        ms  energy uJ\n";
  for (auto [i, c] : enumerate(candidates)) {
    std::string score =
        c.figures.score ? formatv("{0:f2}", c.figures.score->value).str() : "-";
    os << (i == chosen   ? "> "
           : c.isOnFront ? "* "
                         : "  ")
       << left_justify(c.recipe.name(), width) << format("%8.2f", c.drop)
       << right_justify(score, 10)
       << format("%11.1f%12.1f%10.3f%11.1f\n", c.figures.flashBytes() / 1024.0,
                 c.figures.memoryBytes() / 1024.0, c.figures.bench.times.best,
                 c.figures.energy().total() / 1e6);
  }
  os << "> is chosen, * on the Pareto front\n";
  for (const Skipped &skipped : this->skipped)
    os << "  " << left_justify(skipped.recipe.name(), width)
       << " not made: " << printable(skipped.why) << '\n';
}

static json::Object toJson(const Candidate &candidate, bool isChosen) {
  const ModelFigures &figures = candidate.figures;
  json::Object object{
      {"recipe", candidate.recipe.name()},
      {"model", json::fixUTF8(candidate.model)},
      {"precision",
       candidate.recipe.numbers == compress::Numbers::BF16 ? "bf16" : "f32"},
      {"drop", numberOrNull(candidate.drop)},
      {"flash_bytes", figures.flashBytes()},
      {"weights_bytes", figures.weightsBytes},
      {"arena_bytes", figures.arenaBytes},
      {"stack_bytes", figures.stackBytes},
      {"macs", figures.macs},
      {"executed_macs", figures.executedMacs()},
      {"parameters", figures.parameters},
      {"nonzero_parameters", figures.nonZeroParameters},
      {"best_ms", figures.bench.times.best},
      {"median_ms", figures.bench.times.median},
      {"energy_uj", figures.energy().total() / 1e6},
      {"pareto", candidate.isOnFront},
      {"chosen", isChosen}};
  if (figures.score)
    object["score"] = numberOrNull(figures.score->value);
  if (candidate.expected)
    object["expected"] = json::Object{
        {"drop", numberOrNull(candidate.expected->drop)},
        {"flash_bytes", numberOrNull(std::round(candidate.expected->bytes))},
        {"best_ms", numberOrNull(candidate.expected->ms)}};
  return object;
}

json::Value CompressReport::toJSON() const {
  json::Array all, left;
  for (auto [i, candidate] : enumerate(candidates))
    all.push_back(toJson(candidate, i == chosen));
  for (const Skipped &skipped : this->skipped)
    left.push_back(json::Object{{"recipe", skipped.recipe.name()},
                                {"why", json::fixUTF8(skipped.why)}});
  json::Object limits{{"drop", budget.drop}};
  if (budget.bytes)
    limits["flash_bytes"] = *budget.bytes;
  if (budget.ms)
    limits["ms"] = *budget.ms;
  return json::Object{{"metric", nameOf(metric)},
                      {"budget", std::move(limits)},
                      {"missed", json::fixUTF8(missed)},
                      {"unfinished", isUnfinished},
                      {"command", json::fixUTF8(command())},
                      {"candidates", std::move(all)},
                      {"skipped", std::move(left)}};
}
