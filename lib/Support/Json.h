//===- Json.h - JSON from files of others -----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_JSON_H
#define MLC_SUPPORT_JSON_H

#include "llvm/Support/JSON.h"

#include <optional>

namespace mlc {

/// Parses `text`, the content of the file `name`. LLVM's parser and whoever
/// walks its values take a frame of the stack a level: texts nested deeper than
/// 100 are refused. Errors: "name:line:column: reason".
llvm::Expected<llvm::json::Value> parseJson(llvm::StringRef text,
                                            llvm::StringRef name);

/// null where there is no number, or one that JSON does not have: an infinity
/// or NaN.
llvm::json::Value numberOrNull(std::optional<double> value);

} // namespace mlc

#endif // MLC_SUPPORT_JSON_H
