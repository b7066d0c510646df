//===- NNCore.cpp - Constants and region ends -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"

using namespace mlir;
using namespace mlir::nn;

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

void NNDialect::addCoreOps() {
  addOperations<
#define GET_OP_LIST
#include "NN/IR/NNCore.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "NN/IR/NNCore.cpp.inc"
