//===- Words.h - What templates of packages leave open ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PACKAGE_WORDS_H
#define MLC_PACKAGE_WORDS_H

#include "Package/Package.h"

namespace mlc {

/// By the word that a template has between two @.
using PackageWords = std::map<std::string, std::string, std::less<>>;

/// A package's name as an identifier of C, Rust and Python.
std::string moduleName(llvm::StringRef name);

/// All words.
PackageWords packageWords(const CompiledModel &model,
                          const PackageOptions &options);

} // namespace mlc

#endif // MLC_PACKAGE_WORDS_H
