//===- NodeLocation.h - Nodes as locations ----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The location of what became of a node is a name for people around its
// identity, which passes carry along as they do any location:
//
//   loc("node 'conv1' (Conv, opset 17)"(fused<{index = 3 : i64, name = "conv1",
//       op = "Conv", opset = 17 : i64}>["model.onnx":4:0]))
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_NODELOCATION_H
#define MLC_SUPPORT_NODELOCATION_H

#include "mlc/NodeId.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Location.h"

namespace mlc {

inline mlir::Location nodeLocation(const NodeId &node, mlir::Location file) {
  mlir::Builder b(file.getContext());
  mlir::Attribute identity = b.getDictionaryAttr(
      {b.getNamedAttr("index", b.getI64IntegerAttr(node.index)),
       b.getNamedAttr("name", b.getStringAttr(node.name)),
       b.getNamedAttr("op", b.getStringAttr(node.op)),
       b.getNamedAttr("opset", b.getI64IntegerAttr(node.opset))});
  std::string label = "node '" + node.name + "' (" + node.op + ", opset " +
                      std::to_string(node.opset) + ")";
  return mlir::NameLoc::get(
      b.getStringAttr(label),
      mlir::FusedLoc::get(file.getContext(), {file}, identity));
}

/// The first node in `loc`; not known where there is none.
inline NodeId nodeOf(mlir::Location loc) {
  NodeId node;
  loc->walk([&](mlir::Location at) {
    auto fused = llvm::dyn_cast<mlir::FusedLoc>(at);
    auto identity =
        fused
            ? llvm::dyn_cast_or_null<mlir::DictionaryAttr>(fused.getMetadata())
            : mlir::DictionaryAttr();
    if (!identity)
      return mlir::WalkResult::advance();
    auto index = identity.getAs<mlir::IntegerAttr>("index");
    auto name = identity.getAs<mlir::StringAttr>("name");
    auto op = identity.getAs<mlir::StringAttr>("op");
    auto opset = identity.getAs<mlir::IntegerAttr>("opset");
    if (!index || !name || !op || !opset)
      return mlir::WalkResult::advance();
    node = {name.str(), op.str(), opset.getInt(), index.getInt()};
    return mlir::WalkResult::interrupt();
  });
  return node;
}

} // namespace mlc

#endif // MLC_SUPPORT_NODELOCATION_H
