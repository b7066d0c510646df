//===- Html.cpp - a report as a page --------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench/Report.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlc;

static const char style[] = R"(
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em; color: #1b1f24; }
h1 { font-size: 1.3em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1em; }
dt { color: #57606a; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 2px 8px; border-bottom: 1px solid #eaeef2; }
th { color: #57606a; font-weight: 600; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td.bar { width: 30%; }
td.bar div { height: 12px; background: #d0d7de; }
td.bar div i { display: block; height: 12px; background: #0969da; }
p { color: #57606a; max-width: 60em; }
)";

static void cell(raw_ostream &os, StringRef text) {
  os << "<td>";
  printHTMLEscaped(text, os);
  os << "</td>";
}

static void number(raw_ostream &os, const char *form, double value) {
  os << "<td class=\"n\">" << format(form, value) << "</td>";
}

/// As long as its share of the longest row's time, filled as far as its share
/// of the peak.
static void bar(raw_ostream &os, double length, double filled) {
  os << "<td class=\"bar\"><div style=\"width:" << format("%.2f", 100 * length)
     << "%\"><i style=\"width:" << format("%.2f", 100 * std::min(1.0, filled))
     << "%\"></i></div></td>";
}

static void writeFact(raw_ostream &os, StringRef name, StringRef value) {
  os << "<dt>" << name << "</dt><dd>";
  printHTMLEscaped(value, os);
  os << "</dd>\n";
}

static void writeFacts(raw_ostream &os, const BenchReport &report) {
  auto text = [](const auto &...values) {
    std::string result;
    raw_string_ostream(result) << format(values...);
    return result;
  };
  const Machine &machine = report.machine;
  os << "<dl>\n";
  writeFact(os, "CPU", machine.cpu);
  writeFact(os, "code for",
            report.target + ", " + std::to_string(report.vectorBits) +
                "-bit vectors, threads: " + std::to_string(report.threads));
  writeFact(os, "f32 peak of a core",
            text("%.1f GFLOP/s", machine.peakGflops) + ", memory read at " +
                text("%.1f GB/s", machine.readGBs));
  writeFact(os, "best, median",
            text("%.3f ms, %.3f ms of %u runs", report.times.best,
                 report.times.median, report.times.runs));
  writeFact(os, "rate",
            text("%.1f GFLOP/s on nominal operations", report.gflops()));
  os << "</dl>\n";
}

static void writeRow(raw_ostream &os, const BenchReport &report,
                     const OperatorRow &row, double longest) {
  std::optional<double> share = report.peakShare(row);
  os << "<tr>";
  cell(os, row.title());
  cell(os, row.kernel);
  cell(os, row.detail);
  number(os, "%.4f", row.ms);
  bar(os, longest > 0 ? row.ms / longest : 0, share.value_or(0));
  number(os, "%.1f", row.gflops());
  if (share)
    number(os, "%.1f %%", 100 * *share);
  else
    os << "<td class=\"n\">&ndash;</td>";
  number(os, "%.3f", row.bytes / 1e6);
  os << "</tr>\n";
}

void BenchReport::writeHtml(raw_ostream &os) const {
  os << "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
     << "<title>";
  printHTMLEscaped(model, os);
  os << "</title>\n<style>" << style << "</style>\n<h1>";
  printHTMLEscaped(model, os);
  os << "</h1>\n";
  writeFacts(os, *this);
  os << "<p>In program order. A bar is as long as the operator takes; its "
        "dark part is the time that it would take at the f32 peak.</p>\n"
     << "<table>\n<tr><th>node</th><th>kernel</th><th>shapes</th>"
        "<th class=\"n\">ms</th><th></th><th class=\"n\">GFLOP/s</th>"
        "<th class=\"n\">of peak</th><th class=\"n\">MB</th></tr>\n";
  double longest = 0;
  for (const OperatorRow &row : rows)
    longest = std::max(longest, row.ms);
  for (const OperatorRow &row : rows)
    writeRow(os, *this, row, longest);
  os << "</table>\n</html>\n";
}
