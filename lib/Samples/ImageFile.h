//===- ImageFile.h - Pictures in folders ------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SAMPLES_IMAGEFILE_H
#define MLC_SAMPLES_IMAGEFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mlc {

struct ImageFile {
  std::string path;
  int64_t label = -1; ///< the class that its folder is, or -1: in none
};

/// The pictures of a folder, by their files' names: those in it, then those in
/// its folders, whose places in the order of all their names are the labels.
/// Hidden files are left out. Errors: a folder cannot be read.
llvm::Expected<std::vector<ImageFile>> imagesIn(llvm::StringRef folder);

/// The labels of pictures whose folders are classes. Errors: there are none;
/// a picture lies in no folder.
llvm::Expected<std::vector<int64_t>> labelsOfFolders(llvm::StringRef folder);

/// The names of the folders in a folder, in the order of the labels that they
/// are.
llvm::Expected<std::vector<std::string>> classesIn(llvm::StringRef folder);

} // namespace mlc

#endif // MLC_SAMPLES_IMAGEFILE_H
