//===- WindowRows.cpp - rows of a window, without the padding -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/WindowRows.h"

using namespace mlir;
using namespace mlc;

Bounds mlc::boundsInside(Emitter &e, const Window &w, Value out) {
  Bounds result{e.index(0), e.index(w.kernel)};
  Value start = e.mul(out, w.stride);
  // Divisions are of what is not negative.
  if (w.at(0, 0) < 0) {
    Value missing = e.sub(e.index(w.padBegin + w.dilation - 1), start);
    result.from = e.div(e.max(missing, 0), w.dilation);
  }
  if (w.at(w.count - 1, w.kernel - 1) >= w.extent) {
    Value room = e.sub(e.index(w.extent - 1 + w.padBegin + w.dilation), start);
    result.to = e.min(e.div(e.max(room, 0), w.dilation), w.kernel);
  }
  return result;
}

Value mlc::inputRow(Emitter &e, const Window &w, Value out, Value k) {
  Value at = e.add(e.mul(out, w.stride), e.mul(k, w.dilation));
  return e.add(at, -w.padBegin);
}

Values mlc::forEachKernelRow(Emitter &e, const Window &w, Value out,
                             ValueRange carried, Emitter::CarryingBody body) {
  if (w.kernel == 1 && w.interior(0, w.count - 1))
    return body(e.index(0), carried);
  Bounds bounds = boundsInside(e, w, out);
  return e.loop(bounds.from, bounds.to, 1, carried, body);
}
