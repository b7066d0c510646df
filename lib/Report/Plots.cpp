//===- Plots.cpp - Plots in a page of HTML ------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report/Plots.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

#include <algorithm>
#include <tuple>

using namespace llvm;
using namespace mlc;

static constexpr const char *colours[] = {"#0969da", "#bf8700", "#1a7f37",
                                          "#cf222e", "#8250df", "#57606a"};

StringRef mlc::colourOf(size_t index) {
  return colours[index % std::size(colours)];
}

static void openSvg(double width, double height, raw_ostream &os) {
  os << format("<svg viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
               "height=\"%.0f\" role=\"img\">\n",
               width, height, width, height);
}

static void label(double x, double y, const char *anchor, StringRef text,
                  raw_ostream &os) {
  os << format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
  printHTMLEscaped(text, os);
  os << "</text>\n";
}

static void box(double x, double y, double width, double height,
                StringRef colour, double opacity, StringRef tip,
                raw_ostream &os) {
  os << format("<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" ", x,
               y, width, height)
     << "fill=\"" << colour << format("\" fill-opacity=\"%.2f\">", opacity)
     << "<title>";
  printHTMLEscaped(tip, os);
  os << "</title></rect>\n";
}

static void heading(StringRef title, raw_ostream &os) {
  os << "<figure><figcaption>";
  printHTMLEscaped(title, os);
  os << "</figcaption>\n";
}

static void closeFigure(raw_ostream &os) { os << "</svg></figure>\n"; }

//===----------------------------------------------------------------------===//
// Bars
//===----------------------------------------------------------------------===//

void mlc::drawBars(StringRef title, ArrayRef<Bar> bars, raw_ostream &os) {
  constexpr double names = 150, room = 300, figures = 110, line = 24;
  double longest = 0;
  for (const Bar &bar : bars)
    longest = std::max(longest, bar.value);
  heading(title, os);
  openSvg(names + room + figures, line * bars.size(), os);
  for (auto [i, bar] : enumerate(bars)) {
    double width = longest > 0 ? room * bar.value / longest : 0;
    double y = line * i;
    label(names - 8, y + 16, "end", bar.name, os);
    box(names, y + 4, width, line - 8, colourOf(i), 1,
        bar.name + ": " + bar.figure, os);
    label(names + width + 6, y + 16, "start", bar.figure, os);
  }
  closeFigure(os);
}

//===----------------------------------------------------------------------===//
// Points
//===----------------------------------------------------------------------===//

namespace {

/// Values along one axis, mapped to places on the page.
struct Axis {
  double least, most, from, to;

  double at(double value) const {
    return from + (to - from) * (value - least) / (most - least);
  }
  static Axis over(double least, double most, double from, double to) {
    // Differences of a few points are the matter where all is far from 0.
    constexpr double far = 0.5;
    double low = least > far * most ? least - (most - least) * 0.2 : 0;
    double high = most + (most - low) * 0.1;
    if (low >= high) {
      low -= 1;
      high += 1;
    }
    return {low, high, from, to};
  }
};

} // namespace

template <typename Get>
static Axis axisOf(ArrayRef<PlotPoint> points, double from, double to,
                   Get get) {
  double least = get(points.front()), most = least;
  for (const PlotPoint &point : points) {
    least = std::min(least, get(point));
    most = std::max(most, get(point));
  }
  return Axis::over(least, most, from, to);
}

static void drawAxes(const Axis &x, const Axis &y, StringRef xName,
                     StringRef yName, raw_ostream &os) {
  os << format("<path d=\"M%.1f %.1fV%.1fH%.1f\" fill=\"none\" "
               "stroke=\"#57606a\"/>\n",
               x.from, y.to, y.from, x.to);
  constexpr int marks = 4;
  for (int i = 0; i <= marks; ++i) {
    double xValue = x.least + (x.most - x.least) * i / marks;
    double yValue = y.least + (y.most - y.least) * i / marks;
    std::string text;
    raw_string_ostream(text) << format("%.4g", xValue);
    label(x.at(xValue), y.from + 16, "middle", text, os);
    text.clear();
    raw_string_ostream(text) << format("%.4g", yValue);
    label(x.from - 6, y.at(yValue) + 4, "end", text, os);
  }
  label((x.from + x.to) / 2, y.from + 34, "middle", xName, os);
  label(x.from, y.to - 8, "middle", yName, os);
}

void mlc::drawPoints(StringRef xName, StringRef yName,
                     ArrayRef<PlotPoint> points, raw_ostream &os) {
  constexpr double width = 560, height = 320, left = 80, right = 120, top = 30,
                   bottom = 45;
  if (points.empty())
    return;
  auto getX = [](const PlotPoint &p) { return p.x; };
  auto getY = [](const PlotPoint &p) { return p.y; };
  Axis x = axisOf(points, left, width - right, getX);
  Axis y = axisOf(points, height - bottom, top, getY);
  heading((Twine(yName) + " over " + xName).str(), os);
  openSvg(width, height, os);
  drawAxes(x, y, xName, yName, os);
  std::vector<PlotPoint> front;
  copy_if(points, std::back_inserter(front),
          [](const PlotPoint &p) { return p.isInFront; });
  llvm::sort(front, [](const PlotPoint &a, const PlotPoint &b) {
    return std::tie(a.x, a.y) < std::tie(b.x, b.y);
  });
  os << "<polyline class=\"front\" points=\"";
  for (const PlotPoint &point : front)
    os << format("%.1f,%.1f ", x.at(point.x), y.at(point.y));
  os << "\"/>\n";
  for (auto [i, point] : enumerate(points)) {
    os << format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" ", x.at(point.x),
                 y.at(point.y))
       << "stroke=\"" << colourOf(i) << "\" fill=\""
       << (point.isInFront ? colourOf(i) : StringRef("white")) << "\"/>\n";
    label(x.at(point.x) + 9, y.at(point.y) + 4, "start", point.name, os);
  }
  closeFigure(os);
}

//===----------------------------------------------------------------------===//
// Strips
//===----------------------------------------------------------------------===//

void mlc::drawShares(StringRef title, ArrayRef<Share> shares, StringRef colour,
                     raw_ostream &os) {
  constexpr double names = 150, room = 700, line = 24, least = 60;
  double sum = 0, x = names;
  for (const Share &share : shares)
    sum += share.value;
  openSvg(names + room, line, os);
  label(names - 8, 16, "end", title, os);
  for (auto [i, share] : enumerate(shares)) {
    double width = sum > 0 ? room * share.value / sum : 0;
    std::string tip;
    raw_string_ostream(tip)
        << share.name
        << format(": %.1f %%", sum > 0 ? 100 * share.value / sum : 0.0);
    box(x, 2, width, line - 4, colour, i % 2 ? 0.55 : 0.9, tip, os);
    if (width >= least) {
      // As much of the name as there is room for.
      constexpr double letter = 8;
      label(x + width / 2, 16, "middle",
            StringRef(share.name).take_front(size_t(width / letter)), os);
    }
    x += width;
  }
  os << "</svg>\n";
}
