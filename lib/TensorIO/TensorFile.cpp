//===- TensorFile.cpp - Tensors in files ----------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorIO/TensorFile.h"

#include "Support/AtomicFile.h"
#include "Support/InputFile.h"
#include "TensorIO/Npy.h"
#include "TensorIO/TensorProto.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace mlc {

namespace {
struct FormatRow {
  StringLiteral extension;
  Expected<Tensor> (*parse)(StringRef);
  void (*print)(raw_ostream &, const Tensor &);
};
} // namespace

static constexpr FormatRow kFormats[] = {
    {".npy", parseNpy, printNpy},
    {".pb", parseTensorProto, printTensorProto},
};

static Expected<const FormatRow *> findFormat(StringRef path) {
  StringRef extension = sys::path::extension(path);
  const FormatRow *row = find_if(
      kFormats, [&](const FormatRow &r) { return r.extension == extension; });
  if (row == std::end(kFormats))
    return createStringError("'" + path + "' ends in '" + extension +
                             "', required: .npy or .pb");
  return row;
}

Expected<Tensor> readTensor(StringRef path) {
  Expected<const FormatRow *> format = findFormat(path);
  if (!format)
    return format.takeError();
  Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return createFileError(path, file.takeError());
  Expected<std::string> bytes = file->readAll(INT64_MAX);
  if (!bytes)
    return createFileError(path, bytes.takeError());
  Expected<Tensor> tensor = (*format)->parse(*bytes);
  if (!tensor)
    return createFileError(path, tensor.takeError());
  return tensor;
}

Error writeTensor(StringRef path, const Tensor &tensor) {
  Expected<const FormatRow *> format = findFormat(path);
  if (!format)
    return format.takeError();
  return writeFileAtomically(path, [&](raw_pwrite_stream &os) {
    (*format)->print(os, tensor);
    return Error::success();
  });
}

} // namespace mlc
