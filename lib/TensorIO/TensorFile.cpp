//===- TensorFile.cpp - Tensors in files ----------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorIO/TensorFile.h"

#include "TensorIO/Npy.h"
#include "TensorIO/TensorProto.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
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
  auto file = MemoryBuffer::getFile(path, /*IsText=*/false,
                                    /*RequiresNullTerminator=*/false);
  if (!file)
    return createFileError(path, file.getError());
  Expected<Tensor> tensor = (*format)->parse((*file)->getBuffer());
  if (!tensor)
    return createFileError(path, tensor.takeError());
  return tensor;
}

Error writeTensor(StringRef path, const Tensor &tensor) {
  Expected<const FormatRow *> format = findFormat(path);
  if (!format)
    return format.takeError();
  return writeToOutput(path, [&](raw_ostream &os) {
    (*format)->print(os, tensor);
    return Error::success();
  });
}

} // namespace mlc
