//===- ComparisonReport.cpp - Where models differ, in words ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/Json.h"
#include "Support/Printable.h"
#include "mlc/Compare.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlc;

const ComparedLayer *ModelComparison::firstWrong() const {
  for (const ComparedLayer &layer : layers)
    if (!layer.wrong.empty())
      return &layer;
  return nullptr;
}

/// In a column of 10.
static void printDecibels(std::optional<double> value, llvm::raw_ostream &os) {
  if (!value)
    os << llvm::format("%10s", "-");
  else
    os << llvm::format("%10.1f", *value);
}

static std::string nameOf(const ComparedLayer &layer) {
  std::string name = printable(layer.name);
  return layer.op.empty() ? name : name + " (" + printable(layer.op) + ")";
}

static void printLayers(const ModelComparison &comparison,
                        llvm::raw_ostream &os) {
  os << "     alone     whole    stored   weights  largest  layer (signal to "
        "noise in dB, largest error in %)\n";
  for (const ComparedLayer &layer : comparison.layers) {
    printDecibels(layer.ownSqnr, os);
    printDecibels(layer.sqnr, os);
    printDecibels(layer.storedSqnr, os);
    printDecibels(layer.weightsSqnr, os);
    os << llvm::format("%9.3g  ", 100 * layer.largest) << nameOf(layer)
       << (layer.isRescaled ? ", channels rescaled" : "")
       << (layer.wrong.empty() ? "" : "  <- wrong") << '\n';
  }
}

std::string ModelComparison::text() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  printLayers(*this, os);
  os << '\n' << samples << " samples, " << layers.size() << " values compared";
  if (unmatched)
    os << "; " << unmatched
       << " results of the reference have no counterpart of their name";
  os << '\n';
  for (const ComparedOutput &output : outputs)
    os << "output '" << printable(output.name) << "': "
       << llvm::format("largest error %.4g, RMSE %.4g, SQNR %.1f dB\n",
                       output.largest, output.rmse, output.sqnr);
  if (rows)
    os << llvm::format(
        "agreement %.2f %% (%lld of %lld)\n",
        100.0 * static_cast<double>(agreeing) / static_cast<double>(rows),
        static_cast<long long>(agreeing), static_cast<long long>(rows));
  if (const ComparedLayer *wrong = firstWrong())
    os << "the first layer that goes wrong is " << nameOf(*wrong) << ": "
       << wrong->wrong << '\n';
  else
    os << "no layer goes wrong\n";
  return text;
}

static llvm::json::Object jsonOf(const ComparedLayer &layer) {
  return llvm::json::Object{
      {"name", llvm::json::fixUTF8(layer.name)},
      {"op", llvm::json::fixUTF8(layer.op)},
      {"value", llvm::json::fixUTF8(layer.value)},
      {"alone_sqnr_db", numberOrNull(layer.ownSqnr)},
      {"whole_sqnr_db", numberOrNull(layer.sqnr)},
      {"stored_sqnr_db", numberOrNull(layer.storedSqnr)},
      {"weights_sqnr_db", numberOrNull(layer.weightsSqnr)},
      {"largest_error", numberOrNull(layer.largest)},
      {"saturated", numberOrNull(layer.saturated)},
      {"steps_used", numberOrNull(layer.stepsUsed)},
      {"low", numberOrNull(layer.low)},
      {"high", numberOrNull(layer.high)},
      {"channels_rescaled", layer.isRescaled},
      {"wrong", llvm::json::fixUTF8(layer.wrong)}};
}

std::string ModelComparison::json() const {
  llvm::json::Array rowsOfLayers, rowsOfOutputs;
  for (const ComparedLayer &layer : layers)
    rowsOfLayers.push_back(jsonOf(layer));
  for (const ComparedOutput &output : outputs)
    rowsOfOutputs.push_back(
        llvm::json::Object{{"name", llvm::json::fixUTF8(output.name)},
                           {"largest_error", numberOrNull(output.largest)},
                           {"rmse", numberOrNull(output.rmse)},
                           {"sqnr_db", numberOrNull(output.sqnr)}});
  const ComparedLayer *wrong = firstWrong();
  llvm::json::Object all{
      {"samples", samples},
      {"unmatched", unmatched},
      {"rows", rows},
      {"agreeing", agreeing},
      {"first_wrong", wrong
                          ? llvm::json::Value(llvm::json::fixUTF8(wrong->name))
                          : llvm::json::Value(nullptr)},
      {"outputs", std::move(rowsOfOutputs)},
      {"layers", std::move(rowsOfLayers)}};
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(all))).str();
}
