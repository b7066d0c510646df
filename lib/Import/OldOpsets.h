//===- OldOpsets.h - Nodes from before opset 7 ------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Converters know the standard from opset 7 on. A node of opset 1 to 6 is
// rewritten into one of opset 7 that means the same before they see it:
// broadcasting by attributes becomes that by shapes, attributes that are
// operands today become such, those that said nothing go.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_OLDOPSETS_H
#define MLC_IMPORT_OLDOPSETS_H

#include "Import/Node.h"

namespace mlc {

/// The first opset that converters understand.
constexpr int64_t kFirstModernOpset = 7;

/// A node of opset 7 and its operands.
struct ModernNode {
  onnx::NodeProto proto;
  llvm::SmallVector<mlir::Value> operands;
};

/// What `node`, of an older opset, is in opset 7. Reports what has no such
/// form; the node has failed then.
ModernNode modernize(Node &node);

} // namespace mlc

#endif // MLC_IMPORT_OLDOPSETS_H
