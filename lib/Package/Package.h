//===- Package.h - Modules for build systems and languages ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What mlc compile wrote, a library, its headers and the contract, becomes a
// module that another build system or language takes as it is: files of
// templates/KIND, in which words of the contract take the places of @WORDS@,
// beside the library. Their paths have NAME and MODULE for the package's name
// and for that as an identifier, and end in .in.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PACKAGE_PACKAGE_H
#define MLC_PACKAGE_PACKAGE_H

#include "Package/CompiledModel.h"

#include <map>

namespace mlc {

struct PackageOptions {
  std::string kind;    ///< "cmake", "rust", "python", "npm"
  std::string name;    ///< letters, digits, _ and -, a letter first
  std::string version; ///< three numbers, as 1.2.3
};

/// The files of a package by their paths in it.
using PackageFiles = std::map<std::string, std::string>;

/// Errors: no such kind, a name or a version that is none, a file that cannot
/// be read, what linkWasm says.
llvm::Expected<PackageFiles> makePackage(const CompiledModel &model,
                                         const PackageOptions &options);

/// Writes files into a new folder, whole or not at all. Errors: it is there
/// already, and is not empty; it cannot be written.
llvm::Error writePackage(llvm::StringRef folder, const PackageFiles &files);

} // namespace mlc

#endif // MLC_PACKAGE_PACKAGE_H
