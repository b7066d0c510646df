//===- ConvSteps.cpp - convolution by weights side by side ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/ConvEmitter.h"

using namespace mlir;
using namespace mlc;

/// Of kernel columns that follow each other on both sides all steps at once:
/// full ones, then the channels that are left.
void ConvEmitter::addSteps(Reduction &r, int64_t columnCount, Values &sums) {
  if (op.hasPairs())
    return addPairs(r, sums);
  int64_t step = f.steps->elements(), full = groupIn / step * columnCount;
  int64_t left = r.leftOffset, right = r.rightOffset;
  r.elementStride = f.left.strides[3];
  r.leftStride = step * r.elementStride;
  r.rightStride = stepSize();
  r.unroll = std::max<int64_t>(1, r.unroll / f.steps->words());
  if (full) {
    r.elements = step;
    r.depth = full;
    accumulate(e, f, *columns, r, sums);
  }
  if (groupIn % step == 0)
    return;
  r.elements = groupIn % step;
  r.depth = 1;
  r.leftOffset = left + full * r.leftStride;
  r.rightOffset = right + full * r.rightStride;
  accumulate(e, f, *columns, r, sums);
}
