//===- JoinBranches.h - Results of If as large as either's ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The branches of an If may give tensors of different sizes, as where one is
// empty because nothing was found. Such a result has as many rows as either may
// have, and a count, which the branches yield beside it.
//
//   BranchJoiner joiner(node, thenBlock, elseBlock);
//   joiner.join(thenValues, elseValues); // padded to common types, and counts
//   ... the op is made, its results are `values` ...
//   joiner.finish(values);               // bounded by the counts, these gone
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_JOINBRANCHES_H
#define MLC_IMPORT_JOINBRANCHES_H

#include "Import/Extents.h"
#include "Import/Item.h"

namespace mlc {

class BranchJoiner {
public:
  BranchJoiner(Node &node, mlir::Block *onTrue, mlir::Block *onFalse)
      : node(node), blocks{onTrue, onFalse} {}

  /// Makes the types of values that differ in sizes alone the same, and appends
  /// the sizes. Leaves others as they are.
  void join(Values &onTrue, Values &onFalse);
  /// Takes the sizes off the results, and has the importer know them.
  void finish(Values &results);

private:
  /// A dimension of a result, as long as a size that is yielded says.
  struct Counted {
    unsigned result;
    int64_t axis, most;
  };
  void joinAxis(unsigned i, int64_t axis, mlir::Value (&values)[2]);
  mlir::Value fit(mlir::Value v, int64_t axis, int64_t size);

  Node &node;
  mlir::Block *blocks[2];
  llvm::SmallVector<Counted> counted;
  llvm::SmallVector<mlir::Value> sizes[2];
};

} // namespace mlc

#endif // MLC_IMPORT_JOINBRANCHES_H
