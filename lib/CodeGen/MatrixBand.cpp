//===- MatrixBand.cpp - some rows of an image with their padding ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a band of rows of the out reads, copied to the stack: pixels outside of
// the image are the zero point, and where the columns of windows are joined,
// pixels have as many words as the weights, zero behind the channels.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/MatrixConvEmitter.h"

using namespace mlir;
using namespace mlc;

void MatrixConvEmitter::copyBand(Value row, int64_t rows) {
  int64_t count = (rows - 1) * height.stride + height.reach();
  Value start = windowAt(row);
  Value missing = e.sub(e.index(height.padBegin), start);
  Value from = e.min(e.max(missing, 0), count);
  Value room = e.sub(e.index(height.extent + height.padBegin), start);
  Value to =
      e.builder.createOrFold<arith::MaxSIOp>(e.loc, from, e.min(room, count));
  auto fillRows = [&](Value first, Value last) {
    e.loop(first, last, 1, {}, [&](Value at, ValueRange) {
      fillPixels(e.mul(at, sourceRow), width.reachOfAll());
      return Values();
    });
  };
  fillRows(e.index(0), from);
  e.loop(from, to, 1, {}, [&](Value at, ValueRange) {
    Value input = e.add(e.add(start, at), -height.padBegin);
    copyRow(
        e.add(e.add(e.mul(image, in.strides[0]), e.mul(input, in.strides[1])),
              e.mul(group, groupIn)),
        e.mul(at, sourceRow));
    return Values();
  });
  fillRows(to, e.index(count));
}

void MatrixConvEmitter::fillPixels(Value at, int64_t count) {
  int64_t most = MatrixUnit::rowBytes / kernel::elementBytes(in.element);
  auto fill = [&](Value at, int64_t elements, int64_t value) {
    forEachVector(e, elements, most, [&](Value start, int64_t size) {
      e.store(source, e.add(at, start),
              e.constant(e.vectorOf(in.element, size), value));
    });
  };
  if (zeroPoint == 0 || !joinsColumns())
    return fill(at, count * sourceColumn, zeroPoint);
  e.loop(0, count, 1, [&](Value i) {
    Value pixel = e.add(at, e.mul(i, sourceColumn));
    fill(pixel, groupIn, zeroPoint);
    fill(e.add(pixel, groupIn), sourceColumn - groupIn, 0);
  });
}

void MatrixConvEmitter::copyRow(Value from, Value to) {
  int64_t before = width.padBegin, all = width.reachOfAll();
  int64_t inside = std::max<int64_t>(0, std::min(width.extent, all - before));
  before = std::min(before, all);
  fillPixels(to, before);
  Value first = e.add(to, before * sourceColumn);
  if (in.strides[3] != 1)
    copyPlanes(from, first, inside);
  else
    copyPixels(from, first, inside);
  fillPixels(e.add(first, inside * sourceColumn), all - before - inside);
}

void MatrixConvEmitter::copyPixels(Value from, Value to, int64_t count) {
  int64_t most = MatrixUnit::rowBytes / kernel::elementBytes(in.element);
  auto copy = [&](Value from, Value to, int64_t elements) {
    forEachVector(e, elements, most, [&](Value start, int64_t size) {
      e.store(source, e.add(to, start), e.load(in, e.add(from, start), size));
    });
  };
  if (in.strides[2] == groupIn && sourceColumn == groupIn)
    return copy(from, to, count * groupIn);
  int64_t rest = joinsColumns() ? sourceColumn - groupIn : 0;
  e.loop(0, count, 1, [&](Value column) {
    Value pixel = e.add(to, e.mul(column, sourceColumn));
    copy(e.add(from, e.mul(column, in.strides[2])), pixel, groupIn);
    if (rest)
      e.store(source, e.add(pixel, groupIn),
              e.constant(e.vectorOf(in.element, rest), 0));
  });
}

/// Channels of each pixel that are planes, as the lower bits of 64.
void MatrixConvEmitter::copyPlanes(Value from, Value to, int64_t count) {
  Type i64 = e.builder.getI64Type();
  int64_t bits = 8 * kernel::elementBytes(in.element);
  forEachVector(e, count, lanes(), [&](Value start, int64_t size) {
    Type wide = e.vectorOf(i64, size);
    Value pixels;
    for (int64_t c = 0; c < groupIn; ++c) {
      Value plane =
          e.load(in, e.add(e.add(from, start), c * in.strides[3]), size);
      Value bitsOfPlane = arith::ExtUIOp::create(e.builder, e.loc, wide,
                                                 e.bitcast(plane, bits));
      Value shifted = arith::ShLIOp::create(e.builder, e.loc, bitsOfPlane,
                                            e.constant(wide, c * bits));
      pixels = pixels ? arith::OrIOp::create(e.builder, e.loc, pixels, shifted)
                      : shifted;
    }
    e.store(source, e.add(to, e.mul(start, sourceColumn)),
            e.bitcast(pixels, in.element));
  });
}
