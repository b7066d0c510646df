//===- Subgraphs.h - Regions from ONNX subgraphs ------------ ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the converters of If, Loop and Scan share: subgraphs into the regions of
// nn ops. A problem that has been reported inside a subgraph fails the node
// without a second message.
//
//   NewRegion region(node);
//   FailureOr<Items> y = importInto(node, region.block(), *graph, {});
//   if (failed(y)) return {};
//   yieldFrom(node, region.block(), tensorsIn(*y));
//   auto op = nn::IfOp::create(...);
//   op.getThenBody().takeBody(region.body());
//   return checked(node, op);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_SUBGRAPHS_H
#define MLC_IMPORT_SUBGRAPHS_H

#include "Import/GraphImporter.h"

namespace mlc {

/// A region of one block for an op that can only be made once the region's
/// types are known. Until its body is taken it belongs to an op of its own at
/// the builder's place: what is verified and folded inside looks up through its
/// parents to the values it captures. What is not taken goes with it.
class NewRegion {
public:
  explicit NewRegion(Node &node);
  NewRegion(const NewRegion &) = delete;
  ~NewRegion() { holder->erase(); }

  mlir::Region &body() { return holder->getRegion(0); }
  mlir::Block *block() { return &body().front(); }

private:
  mlir::Operation *holder;
};

/// The graph that attribute `name` is; reports and gives null where it is none.
const onnx::GraphProto *graphAttr(Node &node, llvm::StringRef name);

/// The outputs of `graph`, imported at the builder's place.
mlir::FailureOr<Items> importGraph(Node &node, const onnx::GraphProto &graph,
                                   llvm::ArrayRef<Item> inputs);

/// The same, at the end of `block`.
mlir::FailureOr<Items> importInto(Node &node, mlir::Block *block,
                                  const onnx::GraphProto &graph,
                                  llvm::ArrayRef<Item> inputs);

/// The tensors that `items` are; reports the first other one as `what` and its
/// number.
mlir::FailureOr<Values> tensorsOf(Node &node, llvm::ArrayRef<Item> items,
                                  llvm::StringRef what);

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
