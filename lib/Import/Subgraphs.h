//===- Subgraphs.h - Regions from ONNX subgraphs ------------ -*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the converters of If, Loop and Scan share: subgraphs into the regions of
// nn ops. A problem that has been reported inside a subgraph fails the node
// without a second message.
//
//   Region region;
//   FailureOr<Values> y = importInto(node, &region.emplaceBlock(), *graph, {});
//   if (failed(y)) return {};
//   yieldFrom(node, &region.front(), *y);
//   auto op = nn::IfOp::create(...);
//   op.getThenBody().takeBody(region);
//   return checked(node, op);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_SUBGRAPHS_H
#define MLC_IMPORT_SUBGRAPHS_H

#include "Import/GraphImporter.h"

namespace mlc {

/// The graph that attribute `name` is; reports and gives null where it is none.
const onnx::GraphProto *graphAttr(Node &node, llvm::StringRef name);

/// The outputs of `graph`, imported at the builder's place.
mlir::FailureOr<Values> importGraph(Node &node, const onnx::GraphProto &graph,
                                    llvm::ArrayRef<mlir::Value> inputs);

/// The same, at the end of `block`.
mlir::FailureOr<Values> importInto(Node &node, mlir::Block *block,
                                   const onnx::GraphProto &graph,
                                   llvm::ArrayRef<mlir::Value> inputs);

/// Ends `block` with an nn.yield.
void yieldFrom(Node &node, mlir::Block *block,
               llvm::ArrayRef<mlir::Value> values);

llvm::SmallVector<mlir::Type> typesOf(llvm::ArrayRef<mlir::Value> values);

/// The type of `count` tensors like `slice` along a new dimension 0; reports
/// what Node::tensorType does.
mlir::FailureOr<mlir::Type> stackType(Node &node, mlir::Value slice,
                                      int64_t count);

/// Verifies an op with regions and gives its results.
Values checked(Node &node, mlir::Operation *op);

/// The converter of Scan, a row of controlConverters().
Values convertScan(Node &node);

} // namespace mlc

#endif // MLC_IMPORT_SUBGRAPHS_H
