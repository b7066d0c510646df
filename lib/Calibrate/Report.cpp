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
  return line;
}

std::string QuantizeReport::text() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "weights dB  result dB      bytes  rounding  layer\n";
  for (const QuantizedLayer &layer : layers)
    os << llvm::format("%10.1f %10.1f %10llu  %-8s  ", layer.weightSqnr,
                       layer.outputSqnr,
                       static_cast<unsigned long long>(layer.bytes),
                       layer.rounding.c_str())
       << printable(layer.name) << " (" << layer.op << ")\n";
  os << "\n     scale  zero  range used         low        high  observer    "
        "value\n";
  for (const QuantizedValue &value : values)
    os << llvm::format("%10.3g %5d %10.1f%% %11.4g %11.4g  %-10s  ",
                       value.scale, value.zeroPoint, 100 * value.rangeUse,
                       value.low, value.high, value.observer.c_str())
       << printable(value.name) << "\n";
  return text;
}

static llvm::json::Object jsonOf(const QuantizedLayer &layer) {
  return llvm::json::Object{{"name", llvm::json::fixUTF8(layer.name)},
                            {"op", llvm::json::fixUTF8(layer.op)},
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

std::string QuantizeReport::json() const {
  llvm::json::Array rows, points;
  for (const QuantizedLayer &layer : layers)
    rows.push_back(jsonOf(layer));
  for (const QuantizedValue &value : values)
    points.push_back(jsonOf(value));
  llvm::json::Object all{{"samples", samples},
                         {"equalized_pairs", equalizedPairs},
                         {"weights_bytes", bytes},
                         {"weights_float_bytes", floatBytes},
                         {"outputs_sqnr_db", outputSqnr},
                         {"seconds", seconds},
                         {"rounding_seconds", roundingSeconds},
                         {"layers", std::move(rows)},
                         {"values", std::move(points)}};
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(all))).str();
}
