//===- FloatNodes.h - What is left to f32 -----------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The nodes of a model that compute in f32 though narrower numbers are asked
// for, listed on their function for people to be told; and how many do not.
//
//===----------------------------------------------------------------------===//

#ifndef NN_IR_FLOATNODES_H
#define NN_IR_FLOATNODES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SetVector.h"

namespace mlir {
namespace nn {

/// The list: an array of dictionaries {index, name, op, opset, reason}.
constexpr llvm::StringLiteral kFloatNodesAttr = "nn.float_ops";

/// What nn-narrow-floats did to a function: a dictionary {depth, products,
/// type} of the products that multiply elements of a type, `depth` of which
/// follow each other at most.
constexpr llvm::StringLiteral kNarrowFloatsAttr = "nn.narrow_floats";

class FloatNodes {
public:
  /// Adds the node of `op`, unless it is there: a node may be several ops.
  void add(Operation *op, llvm::StringRef reason);
  /// Appends them to the list of `function`; no list where there are none.
  void attachTo(func::FuncOp function) const;

private:
  llvm::SmallSetVector<Attribute, 8> known;
  SmallVector<Attribute> list;
};

} // namespace nn
} // namespace mlir

#endif // NN_IR_FLOATNODES_H
