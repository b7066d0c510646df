//===- ArrayFile.h - One array of a data set --------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An array in a .npy file, or in one inside a .npz archive, of which parts are
// read: the whole may be larger than memory.
//
//   auto array = ArrayFile::openInZip("test.npz", "x");
//   if (Error error = (*array)->read(first, count, buffer)) ...
//
// Errors begin with where the array is: "test.npz: array 'x': ...".
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SAMPLES_ARRAYFILE_H
#define MLC_SAMPLES_ARRAYFILE_H

#include "TensorIO/Npy.h"

#include <memory>

namespace mlc {

class ArrayFile {
public:
  virtual ~ArrayFile();

  static llvm::Expected<std::unique_ptr<ArrayFile>> open(llvm::StringRef path);
  /// The member NAME.npy.
  static llvm::Expected<std::unique_ptr<ArrayFile>>
  openInZip(llvm::StringRef path, llvm::StringRef name);

  ElementType type() const { return header.type; }
  llvm::ArrayRef<int64_t> shape() const { return header.shape; }
  int64_t size() const { return elements; }
  /// Where it is, for messages.
  const std::string &place() const { return where; }

  /// Reads elements in C order as they are in a Tensor; in a compressed archive
  /// it takes as long as reading all from the last element that was read, or
  /// from the first one on.
  llvm::Error read(int64_t first, int64_t count, void *into);

  llvm::Error error(const llvm::Twine &what) const;

protected:
  explicit ArrayFile(std::string where) : where(std::move(where)) {}

  /// Reads the header and checks that there is as much behind it as it says.
  llvm::Error readHeader(uint64_t fileBytes);
  /// Fills `into` from a byte of the .npy file.
  virtual llvm::Error readBytes(uint64_t offset,
                                llvm::MutableArrayRef<char> into) = 0;

private:
  NpyHeader header;
  int64_t elements = 0;
  std::string where;
};

/// The names of the arrays of a .npz archive, in its order. Errors: it is none.
llvm::Expected<std::vector<std::string>> arraysInZip(llvm::StringRef path);

} // namespace mlc

#endif // MLC_SAMPLES_ARRAYFILE_H
