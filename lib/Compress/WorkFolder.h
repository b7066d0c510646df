//===- WorkFolder.h - Candidates that are kept -------------------*- C++
//-*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A search that is begun again, in the same folder, goes on where it ended:
// each candidate has a record beside its model, which counts where it was made
// of the same model, samples and options by the same version.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMPRESS_WORKFOLDER_H
#define MLC_COMPRESS_WORKFOLDER_H

#include "Compress/Recipe.h"
#include "Report/Figures.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace mlc::compress {

/// What is known of a candidate once it is made.
struct Record {
  double drop = 0;
  std::optional<ModelScore> score;
  std::string failure; ///< why it cannot be made, "" where it was
};

class WorkFolder {
public:
  /// Makes `path` and what is in it. `key` stands for all that candidates are
  /// made of. Errors: "path: reason".
  static llvm::Expected<WorkFolder> open(llvm::StringRef path, std::string key);

  /// Where the candidate's model is, or is to be.
  std::string modelOf(const Recipe &recipe) const;
  /// The record, if there is one with the key of this search and, where it was
  /// made, its model. A record that cannot be read is none.
  std::optional<Record> find(const Recipe &recipe) const;
  /// Behind the model. Errors: "path: reason".
  llvm::Error keep(const Recipe &recipe, const Record &record) const;

  /// A file that is no candidate's.
  std::string fileOf(llvm::StringRef name) const;

private:
  std::string recordOf(const Recipe &recipe) const;

  std::string folder, key;
};

} // namespace mlc::compress

#endif // MLC_COMPRESS_WORKFOLDER_H
