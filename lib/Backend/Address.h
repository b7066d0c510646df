//===- Address.h - where the bytes of a memref are --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sees through views (subview, expand, collapse, cast, view, reinterpret_cast)
// to the memory below: a root (an alloc, a block argument, a global), a static
// distance in bytes, and terms that are known at run time only.
//
//   Address a = *resolveAddress(subview);   // root %arena, 4096 + %i * 128
//   if (!a.isStatic()) ...
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_ADDRESS_H
#define MLC_BACKEND_ADDRESS_H

#include "Kernel/IR/Kernel.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"

namespace mlc {

/// root + offset + sum of value * bytes.
struct Address {
  struct Term {
    mlir::Value value; ///< of type index
    int64_t bytes;
    bool operator==(const Term &other) const {
      return value == other.value && bytes == other.bytes;
    }
  };
  mlir::Value root;
  int64_t offset = 0;
  llvm::SmallVector<Term, 1> terms;

  bool isStatic() const { return terms.empty(); }
  bool operator==(const Address &other) const {
    return root == other.root && offset == other.offset && terms == other.terms;
  }
};

/// Bytes of one element in memory: 1 for i1, 8 for index; 0 for a type that
/// memory cannot hold (i4, a vector).
using mlir::kernel::elementBytes;

/// Bytes from the first to behind the last element; 0 for an empty type.
/// Requires static shape and strides.
int64_t spanBytes(mlir::MemRefType type);

/// The strides in elements, if all are static.
std::optional<llvm::SmallVector<int64_t>> staticStrides(mlir::MemRefType type);

/// `type` at offset 0: with the identity layout if it is contiguous, else with
/// its static strides; null if shape or strides are not static.
mlir::MemRefType rebasedType(mlir::MemRefType type);

/// Whether `op` only gives another view of its first operand's memory.
bool isView(mlir::Operation *op);

/// The memory that `memref` is a view of, itself if of nothing else.
mlir::Value rootOf(mlir::Value memref);

/// Where the first element of `memref` is; failure, with an error at the
/// operation, where some view is none of the above, or its offset is not
/// expressible.
mlir::FailureOr<Address> resolveAddress(mlir::Value memref);

/// All users of the memory of `root` through any views, in no special order;
/// the views are not among them.
void collectUsers(mlir::Value root,
                  llvm::SmallVectorImpl<mlir::OpOperand *> &users);

/// Name of the model's node that `loc` tells of, or "" if there is none.
llvm::StringRef nodeName(mlir::Location loc);

} // namespace mlc

#endif // MLC_BACKEND_ADDRESS_H
