//===- Report.h - what a module says of itself ------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes leave what a report tells as attributes; these are the structs of
// them, and both ways between:
//
//   function->setAttr(attrs::kernel, attributeOf(info, context));
//   std::vector<KernelInfo> kernels = kernelsOf(module); // behind any phase
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_REPORT_H
#define MLC_BACKEND_REPORT_H

#include "Memory/MemoryMap.h"
#include "mlc/NodeId.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlc {

/// A function that operations of the model were outlined into.
struct KernelInfo {
  std::string function; ///< without the variant's suffix
  std::string kind;     ///< of operation: "matmul"
  /// The nodes that it computes, in program order, without repetition.
  std::vector<NodeId> nodes;
  uint64_t inputBytes = 0, outputBytes = 0; ///< of one call
  uint64_t weightBytes = 0;                 ///< of the inputs, what is constant
  unsigned calls = 0;                       ///< in the text of the model
  std::string element; ///< that it computes in: "f32", "" for a copy
  std::string detail;  ///< window and shapes, for people
  std::string problem; ///< Problem::str, "" where there is nothing to decide
  /// Arithmetic operations of one call, two per multiply-accumulate, without
  /// and with what falls into padding.
  uint64_t operations = 0, nominalOperations = 0;
  uint64_t macs = 0; ///< multiply-accumulates among `operations`
};

/// A call of a kernel in the text of the model.
struct KernelCall {
  std::string function; ///< KernelInfo::function
  NodeId node;          ///< of the model, if known
  std::string place;    ///< in words, "" if unknown
};

mlir::Attribute attributeOf(const KernelInfo &info, mlir::MLIRContext *context);
mlir::Attribute attributeOf(llvm::ArrayRef<KernelCall> calls,
                            mlir::MLIRContext *context);
mlir::Attribute attributeOf(const MemoryMap &map, mlir::MLIRContext *context);

/// Of the functions with attrs::kernel, in the module's order.
std::vector<KernelInfo> kernelsOf(mlir::ModuleOp module);
/// The kernel of `function` reads so many constant bytes more, if that is told.
void addWeightBytes(mlir::Operation *function, int64_t more);
/// Where kernels are profiled.
std::vector<KernelCall> callsOf(mlir::ModuleOp module);
/// Nothing before the arena is planned.
std::optional<MemoryMap> memoryMapOf(mlir::ModuleOp module);

} // namespace mlc

#endif // MLC_BACKEND_REPORT_H
