//===- Source.h - Where samples come from -----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SAMPLES_SOURCE_H
#define MLC_SAMPLES_SOURCE_H

#include "Samples/ArrayFile.h"
#include "Samples/Image.h"
#include "Samples/ImageFile.h"
#include "Samples/Samples.h"

namespace mlc {

class Samples::Source {
public:
  virtual ~Source();

  llvm::ArrayRef<Wanted> wanted() const { return infos; }
  int64_t count() const { return samples; }
  /// Fills tensors that have room for `count` samples.
  virtual llvm::Error read(int64_t first, int64_t count,
                           llvm::MutableArrayRef<Tensor> tensors) = 0;
  /// For messages: where a sample of the i-th tensor is.
  virtual std::string place(size_t i, int64_t sample) const = 0;

protected:
  explicit Source(llvm::ArrayRef<Wanted> wanted) : infos(wanted) {}

  std::vector<Wanted> infos;
  int64_t samples = 0;
};

/// An array for each tensor.
class Samples::Arrays : public Source {
public:
  /// Whether a folder has arrays, as an archive that was unpacked.
  static bool isUnpacked(llvm::StringRef folder);
  static llvm::Expected<std::unique_ptr<Source>>
  open(llvm::StringRef path, llvm::ArrayRef<Wanted> wanted);

  llvm::Error read(int64_t first, int64_t count,
                   llvm::MutableArrayRef<Tensor> tensors) override;
  std::string place(size_t i, int64_t sample) const override;

private:
  using Source::Source;

  std::vector<std::unique_ptr<ArrayFile>> files;
};

/// A picture for each row.
class Samples::Images : public Source {
public:
  /// Whether a folder has pictures, or folders of them.
  static bool areIn(llvm::StringRef folder);
  static llvm::Expected<std::unique_ptr<Source>>
  open(llvm::StringRef path, llvm::ArrayRef<Wanted> wanted);

  llvm::Error read(int64_t first, int64_t count,
                   llvm::MutableArrayRef<Tensor> tensors) override;
  std::string place(size_t i, int64_t sample) const override;

private:
  using Source::Source;

  llvm::Error checkInput(llvm::StringRef path) const;
  void write(const Image &image, uint8_t *into) const;

  std::vector<ImageFile> files;
  bool channelsLast = false, isBgr = false;
  int64_t rows = 0, channels = 0, height = 0, width = 0;
};

/// A folder for each sample.
class Samples::Folders : public Source {
public:
  /// Whether a folder has folders with tensors, of inputs or of `stem`.
  static bool areIn(llvm::StringRef path, llvm::StringRef stem);
  static llvm::Expected<std::unique_ptr<Source>>
  open(llvm::StringRef path, llvm::ArrayRef<Wanted> wanted,
       llvm::StringRef stem);

  llvm::Error read(int64_t first, int64_t count,
                   llvm::MutableArrayRef<Tensor> tensors) override;
  std::string place(size_t i, int64_t sample) const override;

private:
  Folders(llvm::ArrayRef<Wanted> wanted, llvm::StringRef stem)
      : Source(wanted), stem(stem) {}

  std::string stem;
  std::vector<std::string> folders;
};

} // namespace mlc

#endif // MLC_SAMPLES_SOURCE_H
