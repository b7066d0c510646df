//===- LastWords.h - an end without a crash ---------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM aborts the process where memory runs out or where it meets what it holds
// for impossible. A tool that reads the files of others says so in one message
// and ends with status 1:
//
//   mlc: error: big.onnx: node 'pad' (Pad, opset 17): out of memory; ...
//
// What the process was at is noted as it goes, in memory of its own: at the end
// there is none to be had.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_LASTWORDS_H
#define MLC_SUPPORT_LASTWORDS_H

#include "llvm/ADT/StringRef.h"

namespace mlc {

/// Makes running out of memory and LLVM's fatal errors end the process as
/// above; `tool` begins the message and must be a literal. Also keeps the
/// process within the machine's memory, so that it runs out instead of being
/// killed; a limit that is already lower stays.
void installLastWords(const char *tool);

/// Notes what is worked on: a file, and where in it or in its compilation.
/// Either may be empty; long ones are cut.
void noteFile(llvm::StringRef file);
void notePlace(llvm::StringRef place);

} // namespace mlc

#endif // MLC_SUPPORT_LASTWORDS_H
