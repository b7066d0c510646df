//===- Figures.h - What a model costs on this machine ------------*- C++
//-*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What mlc report and mlc compress have in common.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMMANDS_FIGURES_H
#define MLC_COMMANDS_FIGURES_H

#include "Commands/Shared.h"

#include "Report/Figures.h"

namespace mlc {

/// Compiles the model for this machine and, unless `measure` is off, times it;
/// where the options name samples in `data`, scores it on them.
llvm::Expected<ModelFigures> figuresOf(const Options &given,
                                       const std::string &path,
                                       const CommandOutput &output);

} // namespace mlc

#endif // MLC_COMMANDS_FIGURES_H
