//===- Samples.cpp - What a model is calibrated and judged with -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples/Samples.h"

#include "Samples/Source.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"

#include <cmath>

using namespace llvm;

namespace mlc {

Samples::Source::~Source() = default;

Samples::Samples(std::unique_ptr<Source> source) : source(std::move(source)) {}
Samples::Samples(Samples &&other) = default;
Samples &Samples::operator=(Samples &&other) = default;
Samples::~Samples() = default;

Expected<Samples> Samples::open(StringRef path, ArrayRef<Wanted> wanted,
                                StringRef stem) {
  for (const Wanted &info : wanted)
    if (is_contained(info.shape, 0))
      return createStringError("'" + info.name + "' is " +
                               typeToString(info.type, info.shape) +
                               " and so has no elements to read");
  bool isFolder = sys::fs::is_directory(path);
  bool hasArrays = !isFolder || Arrays::isUnpacked(path);
  bool hasImages =
      !hasArrays && !Folders::areIn(path, stem) && Images::areIn(path);
  if (hasImages && stem != "input")
    return createStringError(path + ": has images, and so no '" +
                             wanted.front().name +
                             "' to compare results with; arrays or tensors "
                             "are required");
  Expected<std::unique_ptr<Source>> source =
      hasArrays   ? Arrays::open(path, wanted)
      : hasImages ? Images::open(path, wanted)
                  : Folders::open(path, wanted, stem);
  if (!source)
    return source.takeError();
  if ((*source)->count() == 0)
    return createStringError(path + ": has no samples");
  return Samples(std::move(*source));
}

int64_t Samples::count() const { return source->count(); }

/// Makes room for `count` samples, where there is none of the same shape.
static Error makeRoom(const Samples::Wanted &wanted, int64_t count,
                      Tensor &tensor) {
  SmallVector<int64_t> shape = {count};
  shape.append(wanted.shape);
  if (tensor.type() == wanted.type && tensor.shape() == ArrayRef(shape))
    return Error::success();
  Expected<Tensor> made = Tensor::create(wanted.type, shape);
  if (!made)
    return made.takeError();
  tensor = std::move(*made);
  return Error::success();
}

/// The index of the first element that is no finite number, or -1.
static int64_t findNonFinite(const Tensor &tensor) {
  if (!isFloat(tensor.type()))
    return -1;
  return visitElementType(tensor.type(), [&](auto zero) -> int64_t {
    ArrayRef<decltype(zero)> values = tensor.values<decltype(zero)>();
    for (size_t i = 0; i != values.size(); ++i)
      if (!std::isfinite(double(values[i])))
        return int64_t(i);
    return -1;
  });
}

Error Samples::read(int64_t first, int64_t count,
                    std::vector<Tensor> &tensors) {
  ArrayRef<Wanted> wanted = source->wanted();
  tensors.resize(wanted.size());
  for (auto [info, tensor] : zip(wanted, tensors))
    if (Error error = makeRoom(info, count, tensor))
      return error;
  if (Error error = source->read(first, count, tensors))
    return error;
  for (size_t i = 0; i != tensors.size(); ++i) {
    int64_t at = findNonFinite(tensors[i]);
    if (at < 0)
      continue;
    int64_t each = tensors[i].size() / count;
    double value = tensors[i].at(at);
    const char *text = std::isnan(value) ? "NaN" : value < 0 ? "-Inf" : "Inf";
    return createStringError(source->place(i, first + at / each) + " holds " +
                             text + " as element " + Twine(at % each) +
                             "; finite numbers are required");
  }
  return Error::success();
}

} // namespace mlc
