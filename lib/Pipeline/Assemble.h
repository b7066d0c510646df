//===- Assemble.h - One library of what each CPU has ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of each CPU are lowered to LLVM IR in their turn. Those of all
// but the last one wait as bitcode, a fraction of the IR's size; descriptor and
// public functions are beside the last one's.
//
//   Assembler assembler(options, contract, std::move(weights));
//   for (each of options.targets)
//     if (Error error = assembler.add(std::move(*lowered))) ...
//   Expected<CompiledModule> module = assembler.finish(std::move(report));
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_ASSEMBLE_H
#define MLC_PIPELINE_ASSEMBLE_H

#include "Backend/Backend.h"
#include "Emit/Entry.h"
#include "Pipeline/Compiler.h"

namespace mlc {

class Assembler {
public:
  Assembler(const CompileOptions &options, const ModelContract &contract,
            mlir::AsmResourceBlob weights);

  /// The code of the next one of options.targets.
  llvm::Error add(BackendResult lowered);
  /// Behind the last one: adds the public functions, and to `report` what is
  /// known by the code.
  llvm::Expected<CompiledModule> finish(CompileReport report);

private:
  void describe(CompileReport &report);

  const CompileOptions &options;
  CompiledModule result;
  EntrySpec spec;
  BackendResult first; ///< without its code
};

} // namespace mlc

#endif // MLC_PIPELINE_ASSEMBLE_H
