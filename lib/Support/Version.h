//===- Version.h - The version of mlc ---------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_VERSION_H
#define MLC_SUPPORT_VERSION_H

namespace mlc {

/// As "0.1.0": the project's version in CMakeLists.txt.
const char *version();

} // namespace mlc

#endif // MLC_SUPPORT_VERSION_H
