//===- Upstream.h - MLIR's own passes in mlc-opt ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialects that models pass through (registerBackendDialects), with all of
// MLIR's passes on them and between them. The rest of MLIR, which its own
// mlir-opt has, would be three quarters of the compiler's library.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_OPT_UPSTREAM_H
#define MLC_OPT_UPSTREAM_H

#include "mlir/IR/DialectRegistry.h"

namespace mlc {

/// What passes ask of ops of the backend's dialects, besides what the backend
/// itself asks: inlining, bounds of values, deallocation, conversion to LLVM.
void registerUpstreamInterfaces(mlir::DialectRegistry &registry);

/// Passes, on the process's command line.
void registerUpstreamPasses();

} // namespace mlc

#endif // MLC_OPT_UPSTREAM_H
