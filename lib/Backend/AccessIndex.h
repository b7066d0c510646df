//===- AccessIndex.h - who accesses which bytes of a memory -----*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Asked for each of n parts of one buffer who else accesses its bytes, a walk
// over all uses takes n^2 steps. The index finds the few.
//
//   AccessIndex index(root);
//   bool isAlone = index.all(*makeBox(part), [&](OpOperand *use) {
//     return use->getOwner() == writer;
//   });
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_ACCESSINDEX_H
#define MLC_BACKEND_ACCESSINDEX_H

#include "Backend/Box.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include <map>

namespace mlc {

/// The accesses of one root's memory.
class AccessIndex {
public:
  /// Of all users of `root` and its views, as they are now.
  explicit AccessIndex(mlir::Value root);

  void add(mlir::OpOperand *use);
  void erase(mlir::OpOperand *use);

  /// Whether `holds` of each access that may overlap `box`.
  bool all(const Box &box,
           llvm::function_ref<bool(mlir::OpOperand *)> holds) const;

private:
  struct Access {
    mlir::OpOperand *use; ///< null once erased
    std::optional<Box> box;
  };

  std::vector<Access> accesses;
  llvm::DenseMap<mlir::OpOperand *, size_t> positions;
  /// Those whose place is known, by first byte; one map for each bit length of
  /// the bytes they span, which says how far before a box to look.
  std::map<unsigned, std::multimap<int64_t, size_t>> placed;
  std::vector<size_t> unplaced;
};

} // namespace mlc

#endif // MLC_BACKEND_ACCESSINDEX_H
