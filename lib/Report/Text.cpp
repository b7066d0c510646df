//===- Text.cpp - A report of models as tables ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report/Figures.h"
#include "Support/OptionNames.h"
#include "Support/Printable.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlc;

template <typename... Ts>
static std::string text(const char *form, Ts... values) {
  std::string result;
  raw_string_ostream(result) << format(form, values...);
  return result;
}

static std::string text(std::optional<double> value) {
  return value ? text("%.2f", *value) : "-";
}

namespace {

/// A figure of each model side by side.
class Columns {
public:
  Columns(const ModelReport &report, raw_ostream &os)
      : report(report), os(os) {}

  /// `figure` gives the text of one model.
  void row(StringRef name,
           function_ref<std::string(const ModelFigures &)> figure) {
    os << left_justify(name, 34);
    for (const ModelFigures &model : report.models)
      os << ' ' << right_justify(figure(model), widthOf(model));
    os << '\n';
  }

private:
  static unsigned widthOf(const ModelFigures &model) {
    return std::max<size_t>(12, printable(model.name).size());
  }

  const ModelReport &report;
  raw_ostream &os;
};

} // namespace

static void writeSizes(Columns &columns) {
  columns.row("parameters, millions", [](const ModelFigures &m) {
    return text("%.3f", m.parameters / 1e6);
  });
  columns.row("  not zero", [](const ModelFigures &m) {
    return text("%.3f", m.nonZeroParameters / 1e6);
  });
  columns.row("  bits of all / 32", [](const ModelFigures &m) {
    return text("%.3f", m.bitWeightedParameters() / 1e6);
  });
  columns.row("MACs, millions",
              [](const ModelFigures &m) { return text("%.1f", m.macs / 1e6); });
  columns.row("  executed", [](const ModelFigures &m) {
    return text("%.1f", m.executedMacs() / 1e6);
  });
  columns.row("moved by kernels, MB", [](const ModelFigures &m) {
    return text("%.2f", m.movedBytes() / 1e6);
  });
  columns.row("flash, KiB", [](const ModelFigures &m) {
    return text("%.1f", m.flashBytes() / 1024.0);
  });
  columns.row("  weights", [](const ModelFigures &m) {
    return text("%.1f", m.weightsBytes / 1024.0);
  });
  columns.row("  code", [](const ModelFigures &m) {
    return text("%.1f", m.codeBytes / 1024.0);
  });
  columns.row("arena, KiB", [](const ModelFigures &m) {
    return text("%.1f", m.arenaBytes / 1024.0);
  });
  columns.row("stack, KiB", [](const ModelFigures &m) {
    return text("%.1f", m.stackBytes / 1024.0);
  });
}

static void writeTimes(Columns &columns) {
  columns.row("time measured, ms", [](const ModelFigures &m) {
    return text("%.3f", m.bench.times.best);
  });
  columns.row("  median", [](const ModelFigures &m) {
    return text("%.3f", m.bench.times.median);
  });
  columns.row("  estimated", [](const ModelFigures &m) {
    return text("%.3f", m.estimatedMs());
  });
}

static void writeEnergies(Columns &columns) {
  columns.row("energy estimated, uJ", [](const ModelFigures &m) {
    return text("%.1f", m.energy().total() / 1e6);
  });
  columns.row("  arithmetic", [](const ModelFigures &m) {
    return text("%.1f", m.energy().arithmetic / 1e6);
  });
  columns.row("  weights", [](const ModelFigures &m) {
    return text("%.1f", m.energy().weights / 1e6);
  });
  columns.row("  activations", [](const ModelFigures &m) {
    return text("%.1f", m.energy().activations / 1e6);
  });
}

static void writeScores(Columns &columns, ScoreMetric metric) {
  columns.row(
      (nameOf(metric) +
       (metric == ScoreMetric::Top1 || metric == ScoreMetric::Top5 ? ", %"
                                                                   : ""))
          .str(),
      [](const ModelFigures &m) {
        return text(m.score->isPercent() ? "%.2f" : "%.6g", m.score->value);
      });
  columns.row("% a million parameters", [](const ModelFigures &m) {
    return text(m.densityWith(m.parameters));
  });
  columns.row("NetScore", [](const ModelFigures &m) {
    return text(m.netScoreWith(m.parameters));
  });
  columns.row("  of those not zero", [](const ModelFigures &m) {
    return text(m.netScoreWith(m.nonZeroParameters));
  });
  columns.row("  of bits / 32", [](const ModelFigures &m) {
    return text(m.netScoreWith(m.bitWeightedParameters()));
  });
}

static void writeLayers(const ModelFigures &model, raw_ostream &os) {
  os << '\n' << printable(model.name) << " by kernels, as they run\n";
  if (model.isMeasured())
    os << "      ms    estim. ";
  os << "    MMACs executed       MB  weights       uJ  kernel      node\n";
  for (const OperatorRow &row : model.bench.rows) {
    if (model.isMeasured())
      os << format("%8.4f %8.4f  ", row.ms, model.estimatedMs(row));
    os << format("%9.2f %8.2f %8.3f %8.3f %8.2f  ", row.nominal / 2e6,
                 row.macs / 1e6, row.bytes / 1e6,
                 row.visits * row.weightBytes / 1e6,
                 model.energyOf(row).total() / 1e6)
       << left_justify(row.kernel, 11) << ' ' << printable(row.title()) << "  "
       << row.detail;
    if (row.visits != 1)
      os << "  x" << row.visits;
    os << '\n';
  }
}

void ModelReport::writeText(raw_ostream &os) const {
  const BenchReport &bench = models.front().bench;
  os << "code for " << bench.target << " (" << bench.vectorBits
     << "-bit vectors), " << bench.threads
     << (bench.threads == 1 ? " thread" : " threads");
  if (isMeasured())
    os << format(", on %s: f32 peak %.1f GFLOP/s a core, memory %.1f GB/s",
                 bench.machine.cpu.c_str(), bench.machine.peakGflops,
                 bench.machine.readGBs);
  os << "\n\n";
  Columns columns(*this, os);
  columns.row("", [](const ModelFigures &m) { return printable(m.name); });
  writeSizes(columns);
  if (isMeasured())
    writeTimes(columns);
  writeEnergies(columns);
  if (isScored())
    writeScores(columns, models.front().score->metric);
  if (models.size() > 1) {
    SmallVector<bool> isInFront = front();
    columns.row("on the Pareto front", [&](const ModelFigures &m) {
      return std::string(isInFront[&m - models.data()] ? "yes" : "no");
    });
  }
  os << "energy: an estimate after " << energySource << '\n';
  for (const ModelFigures &model : models)
    writeLayers(model, os);
}
