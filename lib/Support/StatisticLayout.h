//===- StatisticLayout.h - llvm::Statistic as MLIR has it -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With assertions, llvm::Statistic has members that it lacks without: a pass of
// ours that counts would not be what MLIR's libraries, which are built without,
// construct. Thus this comes before every other header where we assert and they
// do not (cmake/MlcPrecompile.cmake). Nothing else of LLVM's depends on
// NDEBUG for its layout.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_STATISTICLAYOUT_H
#define MLC_SUPPORT_STATISTICLAYOUT_H

#if defined(__cplusplus) && !defined(NDEBUG)
#define NDEBUG
#include "llvm/ADT/Statistic.h"
#undef NDEBUG
#include <cassert>
#endif

#endif // MLC_SUPPORT_STATISTICLAYOUT_H
