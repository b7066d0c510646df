//===- Completion.h - Completion for shells ---------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TOOLS_COMPLETION_H
#define MLC_TOOLS_COMPLETION_H

#include <string>

/// A script that completes commands, their options and files in `shell`: bash,
/// zsh or fish; "" for another.
std::string completionScript(const std::string &shell);

#endif // MLC_TOOLS_COMPLETION_H
