//===- Plots.h - Plots in a page of HTML --------------------------*- C++
//-*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inline SVG: no script, no other file. Names are anyone's text and are
// escaped; colours follow the order of models.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_REPORT_PLOTS_H
#define MLC_REPORT_PLOTS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace mlc {

/// The fill of model `index`; they repeat behind the last.
llvm::StringRef colourOf(size_t index);

struct Bar {
  std::string name, figure; ///< "squeezenet", "7.31 ms"
  double value = 0;         ///< not negative
};

/// A bar for each model, the longest as wide as the plot.
void drawBars(llvm::StringRef title, llvm::ArrayRef<Bar> bars,
              llvm::raw_ostream &os);

struct PlotPoint {
  std::string name;
  double x = 0, y = 0;
  bool isInFront = false; ///< filled, and joined by a line in the order of x
};

/// Axes from 0 on, but for y where its least value is far from it.
void drawPoints(llvm::StringRef xName, llvm::StringRef yName,
                llvm::ArrayRef<PlotPoint> points, llvm::raw_ostream &os);

struct Share {
  std::string name;
  double value = 0; ///< not negative
};

/// One strip, cut as `shares` are of their sum; shades tell neighbours apart.
void drawShares(llvm::StringRef title, llvm::ArrayRef<Share> shares,
                llvm::StringRef colour, llvm::raw_ostream &os);

} // namespace mlc

#endif // MLC_REPORT_PLOTS_H
