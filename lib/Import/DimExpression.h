//===- DimExpression.h - Sizes that follow from others ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exporters name dimensions by expressions of other dimensions, as sympy and
// Python print them:
//
//   past_sequence_length + sequence_length    2*s0    (W - 1)//2 + 1
//   floor(H/2)    Max(1, s0)    CeilDiv(s1, 16)    s0**2
//
// Numbers are exact fractions, so H/2 need not be whole inside of floor.
// Anything but names, numbers, + - * / // % ** and the functions of a table is
// no expression; nothing overflows silently.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_DIMEXPRESSION_H
#define MLC_IMPORT_DIMEXPRESSION_H

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <set>
#include <string>

namespace mlc {

/// The size that `text` has where names have the sizes of `sizes`. Errors say
/// what is wrong and where: a name without a size, a character that cannot be
/// read, a result that is no whole number, negative or above 2^40.
llvm::Expected<int64_t>
evaluateDimension(llvm::StringRef text, const llvm::StringMap<int64_t> &sizes);

/// The names in `text`; an error where it is no expression.
llvm::Expected<std::set<std::string>> dimensionNames(llvm::StringRef text);

} // namespace mlc

#endif // MLC_IMPORT_DIMEXPRESSION_H
