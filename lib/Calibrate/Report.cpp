//===- Report.cpp - What a quantisation found out, in words ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/Printable.h"
#include "mlc/Quantize.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlc;

std::string QuantizeReport::summary() const {
  std::string line;
  llvm::raw_string_ostream(line)
      << layers.size() << " layers, weights "
      << llvm::format("%.1f KiB of %.1f KiB", bytes / 1024.0,
                      floatBytes / 1024.0)
      << ", " << samples << " samples, "
      << llvm::format("%.1f dB at the outputs, %.1f s", outputSqnr, seconds);
  if (drop)
    llvm::raw_string_ostream(line)
        << llvm::format(", %.2f of accuracy lost", *drop);
  for (const UnseenInput &input : unseen)
    llvm::raw_string_ostream(line)
        << "; " << input.look << " made up for '" << printable(input.name)
        << llvm::format("', from %g to %g", input.low, input.high);
  return line;
}

/// The Pareto front of a budget, if there is one.
static void printFront(const std::vector<PrecisionPoint> &front,
                       llvm::raw_ostream &os) {
  if (front.empty())
    return;
  os << "\n     bytes  4-bit layers  expected dB  drop\n";
  for (const PrecisionPoint &point : front) {
    os << llvm::format(
        "%10llu %13lld %12.1f  ", static_cast<unsigned long long>(point.bytes),
        static_cast<long long>(point.fourBitLayers), point.expectedSqnr);
    if (point.drop)
      os << llvm::format("%.2f", *point.drop);
    os << "\n";
  }
}

std::string QuantizeReport::text() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "weights dB  result dB      bytes  type   rounding  layer\n";
  for (const QuantizedLayer &layer : layers)
    os << llvm::format("%10.1f %10.1f %10llu  %-5s  %-8s  ", layer.weightSqnr,
                       layer.outputSqnr,
                       static_cast<unsigned long long>(layer.bytes),
                       layer.type.c_str(), layer.rounding.c_str())
       << printable(layer.name) << " (" << layer.op << ")\n";
  os << "\n     scale  zero  range used         low        high  observer    "
        "value\n";
  for (const QuantizedValue &value : values)
    os << llvm::format("%10.3g %5d %10.1f%% %11.4g %11.4g  %-10s  ",
                       value.scale, value.zeroPoint, 100 * value.rangeUse,
                       value.low, value.high, value.observer.c_str())
       << printable(value.name) << "\n";
  printFront(front, os);
  return text;
}

static llvm::json::Object jsonOf(const QuantizedLayer &layer) {
  return llvm::json::Object{{"name", llvm::json::fixUTF8(layer.name)},
                            {"op", llvm::json::fixUTF8(layer.op)},
                            {"type", layer.type},
                            {"four_bits_alone_sqnr_db", layer.fourBitSqnr},
                            {"bytes", layer.bytes},
                            {"float_bytes", layer.floatBytes},
                            {"weights_sqnr_db", layer.weightSqnr},
                            {"result_sqnr_db", layer.outputSqnr},
                            {"rounding", layer.rounding},
                            {"bias_correction", layer.hasBiasCorrection}};
}

static llvm::json::Object jsonOf(const QuantizedValue &value) {
  return llvm::json::Object{{"name", llvm::json::fixUTF8(value.name)},
                            {"scale", value.scale},
                            {"zero_point", value.zeroPoint},
                            {"low", value.low},
                            {"high", value.high},
                            {"range_use", value.rangeUse},
                            {"observer", value.observer}};
}

static llvm::json::Object jsonOf(const UnseenInput &input) {
  return llvm::json::Object{{"name", llvm::json::fixUTF8(input.name)},
                            {"look", input.look},
                            {"low", input.low},
                            {"high", input.high},
                            {"source", input.source}};
}

static llvm::json::Object jsonOf(const PrecisionPoint &point) {
  return llvm::json::Object{{"bytes", point.bytes},
                            {"four_bit_layers", point.fourBitLayers},
                            {"expected_sqnr_db", point.expectedSqnr},
                            {"drop", point.drop}};
}

std::string QuantizeReport::json() const {
  llvm::json::Array rows, points, choices, inputs;
  for (const UnseenInput &input : unseen)
    inputs.push_back(jsonOf(input));
  for (const QuantizedLayer &layer : layers)
    rows.push_back(jsonOf(layer));
  for (const QuantizedValue &value : values)
    points.push_back(jsonOf(value));
  for (const PrecisionPoint &point : front)
    choices.push_back(jsonOf(point));
  llvm::json::Object all{{"samples", samples},
                         {"unseen_inputs", std::move(inputs)},
                         {"equalized_pairs", equalizedPairs},
                         {"weights_bytes", bytes},
                         {"weights_float_bytes", floatBytes},
                         {"outputs_sqnr_db", outputSqnr},
                         {"seconds", seconds},
                         {"rounding_seconds", roundingSeconds},
                         {"drop", drop},
                         {"missed", missed},
                         {"front", std::move(choices)},
                         {"layers", std::move(rows)},
                         {"values", std::move(points)}};
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(all))).str();
}
