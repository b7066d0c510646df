//===- CompiledModel.h - What mlc compile wrote -----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PACKAGE_COMPILEDMODEL_H
#define MLC_PACKAGE_COMPILEDMODEL_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace mlc {

/// How languages hold an element.
struct ElementNames {
  const char *contract; ///< "f32", as the contract has it
  const char *c, *rust, *numpy;
  const char *javascript; ///< the class of arrays
};

/// An input or output as the contract has it.
struct CompiledTensor {
  std::string name, identifier;
  const ElementNames *type = nullptr;
  std::vector<int64_t> shape;
  int64_t elements = 0;
  std::string meaning; ///< on one line, what the contract says; may be empty

  std::string sizes() const; ///< "1x3x32x32", "scalar"
};

struct CompiledModel {
  std::string folder, prefix;
  std::string name; ///< the model's own, on one line
  std::string triple;
  std::vector<std::string> variants;
  uint64_t arenaBytes = 0, arenaAlign = 0, stackBytes = 0;
  std::vector<CompiledTensor> inputs, outputs;

  std::string file(const llvm::Twine &name) const; ///< its path
};

/// All of a file, which is read and not mapped. Errors begin with the path.
llvm::Expected<std::string> readPackaged(llvm::StringRef path);

/// Reads a contract, or that in a folder, and checks that library and headers
/// are beside it. Errors begin with the path and say what is required.
llvm::Expected<CompiledModel> readCompiled(llvm::StringRef path);

} // namespace mlc

#endif // MLC_PACKAGE_COMPILEDMODEL_H
