//===- GiveBack.h - freed memory goes back to the system --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_GIVEBACK_H
#define MLC_SUPPORT_GIVEBACK_H

namespace mlc {

/// What has been freed is the system's again, as far as it fills pages: glibc
/// keeps it for the thread that asked for it, and others take new memory. A
/// matter of milliseconds; of no effect where the C library is another.
void giveBackMemory();

} // namespace mlc

#endif // MLC_SUPPORT_GIVEBACK_H
