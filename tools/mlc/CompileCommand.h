//===- CompileCommand.h - mlc compile ---------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TOOLS_COMPILECOMMAND_H
#define MLC_TOOLS_COMPILECOMMAND_H

#include "mlc/Diagnostics.h"
#include "mlc/Options.h"

/// Compiles `model` to the folder, or prints the IR that --stop-after asks for.
mlc::Result<void> compileModel(const mlc::Options &options,
                               const std::string &model);

/// The phases and what they do.
void printPhases();

#endif // MLC_TOOLS_COMPILECOMMAND_H
