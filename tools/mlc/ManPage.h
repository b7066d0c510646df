//===- ManPage.h - Manual pages ---------------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TOOLS_MANPAGE_H
#define MLC_TOOLS_MANPAGE_H

#include "CommandTable.h"

/// A page of section 1 in roff: of a command, or of mlc where `info` is null.
std::string manPage(const CommandInfo *info);

#endif // MLC_TOOLS_MANPAGE_H
