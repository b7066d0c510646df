//===- EvalCommand.cpp - mlc eval -----------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Score.h"

#include "Support/Json.h"
#include "Support/OptionNames.h"
#include "Support/Printable.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlc;

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

static void printCount(const Count &count, raw_ostream &os) {
  os << formatv("{0:f2} % ({1} of {2})", count.percent(), count.right,
                count.rows);
}

static void printScore(StringRef model, ScoreMetric metric, const Score &score,
                       raw_ostream &os) {
  os << printable(sys::path::filename(model)) << ": " << nameOf(metric) << ' ';
  if (isCount(metric))
    printCount(score.count, os);
  else
    os << format("%.6g", valueOf(metric, score));
  os << '\n';
}

static void print(const Options &given, StringRef model,
                  const Evaluation &result, raw_ostream &os) {
  bool hasScore = result.metric != ScoreMetric::Agreement;
  if (hasScore)
    printScore(model, result.metric, result.model, os);
  if (given.referenceModel.empty())
    return;
  if (hasScore)
    printScore(given.referenceModel, result.metric, result.reference, os);
  if (result.agreement) {
    os << "agreement ";
    printCount(*result.agreement, os);
    os << '\n';
  }
  for (const OutputDifference &output : result.outputs) {
    const Difference &d = output.difference;
    os << "output '" << printable(output.name) << "': ";
    if (d.largest() == 0)
      os << "equal\n";
    else
      os << format("largest error %.4g, RMSE %.4g, SQNR %.1f dB\n", d.largest(),
                   d.rootMeanSquared(), d.sqnr());
  }
}

static json::Object toJson(const Options &given, StringRef model,
                           const Evaluation &result) {
  json::Object report{{"model", json::fixUTF8(model)},
                      {"data", json::fixUTF8(given.evaluationData)},
                      {"samples", result.samples},
                      {"metric", nameOf(result.metric)},
                      {"output", json::fixUTF8(result.output)}};
  bool hasScore = result.metric != ScoreMetric::Agreement;
  if (hasScore)
    report["value"] = numberOrNull(valueOf(result.metric, result.model));
  if (given.referenceModel.empty())
    return report;
  json::Object reference{{"model", json::fixUTF8(given.referenceModel)}};
  if (hasScore)
    reference["value"] = numberOrNull(valueOf(result.metric, result.reference));
  report["reference"] = std::move(reference);
  if (result.agreement)
    report["agreement"] = numberOrNull(result.agreement->percent());
  json::Array outputs;
  for (const OutputDifference &output : result.outputs) {
    const Difference &d = output.difference;
    outputs.push_back(json::Object{{"name", json::fixUTF8(output.name)},
                                   {"largestError", numberOrNull(d.largest())},
                                   {"rmse", numberOrNull(d.rootMeanSquared())},
                                   {"sqnr", numberOrNull(d.sqnr())}});
  }
  report["outputs"] = std::move(outputs);
  return report;
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

static Error run(const Options &given, const std::string &path,
                 const CommandOutput &output, raw_ostream &os) {
  if (given.evaluationData.empty())
    return createStringError("eval: --data is required, the samples");
  auto host = compileToScore(given, path, output);
  if (!host)
    return host.takeError();
  EvaluatedModel model = evaluatedModel(path, **host), reference;
  std::unique_ptr<HostModel> referenceHost;
  if (!given.referenceModel.empty()) {
    Options exact = given;
    exact.precision = Precision::F32;
    auto compiled = compileToScore(exact, given.referenceModel, output);
    if (!compiled)
      return compiled.takeError();
    referenceHost = std::move(*compiled);
    reference = evaluatedModel(given.referenceModel, *referenceHost);
  }
  EvaluateOptions options{given.evaluationData, given.metric, given.labels,
                          tellSamples(output)};
  Expected<Evaluation> result =
      evaluate(model, referenceHost ? &reference : nullptr, options);
  tellEnd(output);
  if (!result)
    return result.takeError();
  if (!given.quiet)
    print(given, path, *result, os);
  return writeReport(given.jsonFile, os, [&](raw_ostream &to) {
    to << formatv("{0:2}\n", json::Value(toJson(given, path, *result)));
  });
}

Result<void> mlc::evaluateModel(const Options &options,
                                const std::string &model,
                                const CommandOutput &output) {
  raw_os_ostream os(output.out);
  if (Error error = run(options, model, output, os))
    return diagnosticsOf(std::move(error));
  return {};
}
