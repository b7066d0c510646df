//===- ForEachKernelOp.h - All kernel ops, as types ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What attaches something to every kernel op names none of them:
//
//   kernel::forEachKernelOp([&](auto tag) {
//     using OpT = typename decltype(tag)::Op;
//     OpT::template attachInterface<Model<OpT>>(*context);
//   });
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_FOREACHKERNELOP_H
#define KERNEL_IR_FOREACHKERNELOP_H

#include "Kernel/IR/Kernel.h"

namespace mlir {
namespace kernel {

template <typename OpT>
struct OpTag {
  using Op = OpT;
};

namespace detail {
template <typename... Ops, typename Visit>
void forEachWithInterface(Visit visit) {
  auto visitKernel = [&](auto tag) {
    using OpT = typename decltype(tag)::Op;
    if constexpr (OpT::template hasTrait<KernelOpInterface::Trait>())
      visit(tag);
  };
  (visitKernel(OpTag<Ops>()), ...);
}
} // namespace detail

/// Calls `visit` with the OpTag of each op that has a KernelOpInterface.
template <typename Visit>
void forEachKernelOp(Visit visit) {
  detail::forEachWithInterface<
#define GET_OP_LIST
#include "Kernel/IR/KernelOps.cpp.inc"
      >(visit);
}

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_FOREACHKERNELOP_H
