//===- Digest.h - What a search was made of ----------------------*- C++
//-*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMPRESS_DIGEST_H
#define MLC_COMPRESS_DIGEST_H

#include "mlc/Options.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/SHA256.h"

namespace mlc::compress {

/// SHA-256 of texts and files, each with its length, so that none of them can
/// pass for two.
class Digest {
public:
  void add(llvm::StringRef text);
  /// A file's bytes, or of a folder all files below it, by their names, in an
  /// order of their own. Errors: "path: reason".
  llvm::Error addPath(llvm::StringRef path);
  /// All that decides how a model is read, quantised and pruned, with the files
  /// that it is read by. Errors: addPath's.
  llvm::Error addOptions(const Options &options);
  /// Of all so far, in hexadecimal digits.
  std::string text();

private:
  llvm::Error addFile(llvm::StringRef path);

  llvm::SHA256 hash;
};

} // namespace mlc::compress

#endif // MLC_COMPRESS_DIGEST_H
