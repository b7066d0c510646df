//===- Html.cpp - A report of models as a page ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report/Figures.h"
#include "Report/Plots.h"
#include "Support/OptionNames.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace llvm;
using namespace mlc;

static const char style[] = R"(
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em; color: #1b1f24; }
h1 { font-size: 1.3em; } h2 { font-size: 1.1em; margin-top: 2em; }
figure { display: inline-block; margin: 0 2em 1.5em 0; vertical-align: top; }
figcaption { font-weight: 600; margin-bottom: 4px; }
svg { display: block; max-width: 100%; }
svg text { font: 12px system-ui, sans-serif; fill: #1b1f24; }
.front { fill: none; stroke: #57606a; stroke-dasharray: 4 3; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: 2px 8px; border-bottom: 1px solid #eaeef2; }
th { color: #57606a; font-weight: 600; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
p { color: #57606a; max-width: 60em; }
)";

template <typename... Ts>
static std::string text(const char *form, Ts... values) {
  std::string result;
  raw_string_ostream(result) << format(form, values...);
  return result;
}

namespace {

/// One of the five things that models are weighed by.
struct Consideration {
  std::string title;
  const char *form; ///< of the figure
  std::function<double(const ModelFigures &)> value;
};

class PageWriter {
public:
  PageWriter(const ModelReport &report, raw_ostream &os)
      : report(report), os(os) {}

  void write();

private:
  std::vector<Consideration> considerations() const;
  void writeHead();
  void writeBars();
  void writeFront();
  void writeStrips(const ModelFigures &model, size_t index);
  void writeLayers(const ModelFigures &model);
  void cell(StringRef text);
  void number(const char *form, double value);

  const ModelReport &report;
  raw_ostream &os;
};

} // namespace

/// Speed, size, memory, battery and accuracy, as far as they are known.
std::vector<Consideration> PageWriter::considerations() const {
  std::vector<Consideration> all;
  if (report.isMeasured())
    all.push_back({"speed: time of a run", "%.3f ms",
                   [](auto &m) { return m.bench.times.best; }});
  else
    all.push_back({"speed: multiply-accumulates that are executed",
                   "%.1f million",
                   [](auto &m) { return m.executedMacs() / 1e6; }});
  all.push_back({"size: flash", "%.1f KiB",
                 [](auto &m) { return m.flashBytes() / 1024.0; }});
  all.push_back({"memory: arena and stack", "%.1f KiB",
                 [](auto &m) { return m.memoryBytes() / 1024.0; }});
  all.push_back({"battery: energy of a run, estimated", "%.1f uJ",
                 [](auto &m) { return m.energy().total() / 1e6; }});
  if (report.isScored()) {
    const ModelScore &score = *report.models.front().score;
    all.push_back({("accuracy: " + nameOf(score.metric)).str(),
                   score.isPercent() ? "%.2f %%" : "%.6g",
                   [](auto &m) { return m.score->value; }});
  }
  return all;
}

void PageWriter::cell(StringRef value) {
  os << "<td>";
  printHTMLEscaped(value, os);
  os << "</td>";
}

void PageWriter::number(const char *form, double value) {
  os << "<td class=\"n\">" << format(form, value) << "</td>";
}

void PageWriter::writeHead() {
  os << "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
     << "<title>mlc report</title>\n<style>" << style << "</style>\n<h1>";
  for (const ModelFigures &model : report.models) {
    os << (&model == report.models.data() ? "" : ", ");
    printHTMLEscaped(model.name, os);
  }
  const BenchReport &bench = report.models.front().bench;
  os << "</h1>\n<p>Code for ";
  printHTMLEscaped(bench.target, os);
  os << ", " << bench.vectorBits << "-bit vectors, threads: " << bench.threads;
  if (report.isMeasured()) {
    os << "; on ";
    printHTMLEscaped(bench.machine.cpu, os);
    os << format(", f32 peak %.1f GFLOP/s a core, memory read at %.1f GB/s",
                 bench.machine.peakGflops, bench.machine.readGBs);
  }
  os << ". Energy is an estimate after ";
  printHTMLEscaped(energySource, os);
  os << ": for comparing models, not for sizing a battery.</p>\n";
}

void PageWriter::writeBars() {
  os << "<h2>Side by side</h2>\n";
  for (const Consideration &each : considerations()) {
    std::vector<Bar> bars;
    for (const ModelFigures &model : report.models) {
      double value = each.value(model);
      bars.push_back({model.name, text(each.form, value), value});
    }
    drawBars(each.title, bars, os);
  }
}

/// Accuracy, or size where it is not known, over time.
void PageWriter::writeFront() {
  std::vector<Consideration> all = considerations();
  const Consideration &x = all.front();
  const Consideration &y = report.isScored() ? all.back() : all[1];
  SmallVector<bool> isInFront = report.front();
  std::vector<PlotPoint> points;
  for (auto [model, isIn] : zip(report.models, isInFront))
    points.push_back({model.name, x.value(model), y.value(model), isIn});
  os << "<h2>The Pareto front</h2>\n<p>Filled: no other model is as good in "
        "all of what stands above, and better in something.</p>\n";
  drawPoints(x.title, y.title, points, os);
}

/// Where time, operations and bytes go, on top of each other.
void PageWriter::writeStrips(const ModelFigures &model, size_t index) {
  auto strip = [&](StringRef title, auto value) {
    std::vector<Share> shares;
    for (const OperatorRow &row : model.bench.rows)
      shares.push_back(
          {(row.title() + " (" + row.kernel + ")").str(), double(value(row))});
    drawShares(title, shares, colourOf(index), os);
  };
  if (model.isMeasured())
    strip("time", [](const OperatorRow &row) { return row.ms; });
  strip("MACs", [](const OperatorRow &row) { return row.macs; });
  strip("bytes", [](const OperatorRow &row) { return row.bytes; });
  strip("weights",
        [](const OperatorRow &row) { return row.visits * row.weightBytes; });
  strip("energy",
        [&](const OperatorRow &row) { return model.energyOf(row).total(); });
}

void PageWriter::writeLayers(const ModelFigures &model) {
  os << "<table>\n<tr><th>node</th><th>kernel</th><th>shapes</th>";
  if (model.isMeasured())
    os << "<th class=\"n\">ms</th><th class=\"n\">estimated</th>";
  os << "<th class=\"n\">MMACs</th><th class=\"n\">MB</th>"
        "<th class=\"n\">of weights</th><th class=\"n\">uJ</th></tr>\n";
  for (const OperatorRow &row : model.bench.rows) {
    os << "<tr>";
    cell(row.title());
    cell(row.kernel);
    cell(row.detail);
    if (model.isMeasured()) {
      number("%.4f", row.ms);
      number("%.4f", model.estimatedMs(row));
    }
    number("%.2f", row.macs / 1e6);
    number("%.3f", row.bytes / 1e6);
    number("%.3f", row.visits * row.weightBytes / 1e6);
    number("%.2f", model.energyOf(row).total() / 1e6);
    os << "</tr>\n";
  }
  os << "</table>\n";
}

void PageWriter::write() {
  writeHead();
  writeBars();
  if (report.models.size() > 1)
    writeFront();
  for (auto [i, model] : enumerate(report.models)) {
    os << "<h2>";
    printHTMLEscaped(model.name, os);
    os << " by kernels</h2>\n";
    writeStrips(model, i);
    writeLayers(model);
  }
  os << "</html>\n";
}

void ModelReport::writeHtml(raw_ostream &os) const {
  PageWriter(*this, os).write();
}
