//===- CTypes.h - What the files of the C library share ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_API_CTYPES_H
#define MLC_API_CTYPES_H

#include "mlc-c/mlc.h"

#include "mlc/Diagnostics.h"

struct MlcDiagnostics {
  mlc::Diagnostics list;
  std::string text;
  std::vector<std::string> lines;
};

namespace mlc {

inline MlcDiagnostics *give(const Diagnostics &list) {
  std::vector<std::string> lines;
  for (const Diagnostic &diagnostic : list)
    lines.push_back(diagnostic.text());
  return new MlcDiagnostics{list, textOf(list), std::move(lines)};
}

inline MlcDiagnostics *complain(const std::string &message) {
  Diagnostic diagnostic;
  diagnostic.message = message;
  return give({diagnostic});
}

/// Makes `*to` of what `result` holds, or gives its errors.
template <typename T, typename Make>
MlcDiagnostics *unpack(Result<T> result, Make make) {
  if (!result)
    return give(result.errors());
  make(std::move(*result));
  return nullptr;
}

} // namespace mlc

#endif // MLC_API_CTYPES_H
