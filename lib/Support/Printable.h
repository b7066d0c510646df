//===- Printable.h - text of others on a terminal ---------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_PRINTABLE_H
#define MLC_SUPPORT_PRINTABLE_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace mlc {

/// `text` with what a terminal would obey instead of show spelt out: control
/// characters, line ends among them, and those that turn the direction of
/// writing, as \n, \x1b and \u202e; bytes that are no UTF-8 as \xff. Names in
/// models are anyone's text; nothing else in a message changes.
std::string printable(llvm::StringRef text);

} // namespace mlc

#endif // MLC_SUPPORT_PRINTABLE_H
