//===- Library.h - What a compilation ships ---------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_LIBRARY_H
#define MLC_PIPELINE_LIBRARY_H

#include "Emit/Archive.h"
#include "Pipeline/Graph.h"

#include "llvm/Support/MemoryBuffer.h"

namespace mlc {

/// A model as objects, in memory.
struct BuiltLibrary {
  CompileReport report;
  llvm::Triple triple;
  std::unique_ptr<llvm::MemoryBuffer> object; ///< code and descriptor
  std::vector<char> weights;                  ///< an object, or nothing

  llvm::Error writeArchive(llvm::raw_ostream &os) const;
  /// Writes the archive, the headers and the contract into `folder`, which is
  /// made where there is none; all or none of them. The paths.
  llvm::Expected<std::vector<std::string>> write(llvm::StringRef folder) const;

private:
  std::vector<ArchiveMember> members() const;
};

/// Goes through all phases that are left of `graph`.
llvm::Expected<BuiltLibrary> buildLibrary(ModelGraph graph,
                                          const CompileOptions &options);

} // namespace mlc

#endif // MLC_PIPELINE_LIBRARY_H
