//===- Indices.h - What must hold of indices --------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_INDICES_H
#define MLC_IMPORT_INDICES_H

#include "Import/Node.h"

namespace mlc {

/// A run whose `indices` are not all in [-size, size), [0, size) if unsigned,
/// is to give MLC_BAD_INPUT_VALUE. Nothing where they are constant.
void requireIndices(Node &node, mlir::Value indices, int64_t size);

} // namespace mlc

#endif // MLC_IMPORT_INDICES_H
