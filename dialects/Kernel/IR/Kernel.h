//===- Kernel.h - The kernel dialect and its ops ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// KernelBase.td has the dialect's contract, KernelOps.td that of each op. On
// tensors an op is built with the init's type as its result, on memrefs with
// none:
//
//   kernel::ConvOp::create(b, loc, TypeRange{init.getType()}, input, weights,
//                          ValueRange{bias}, init, strides, pads, dilations,
//                          /*input_zero_point=*/IntegerAttr(),
//                          /*input_unsigned=*/false,
//                          /*weights_unsigned=*/false);
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_KERNEL_H
#define KERNEL_IR_KERNEL_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "Kernel/IR/Blocked.h"
#include "Kernel/IR/Cost.h"
#include "Kernel/IR/Enums.h"
#include "Kernel/IR/Pack.h"
#include "Kernel/IR/Pairs.h"
#include "Kernel/IR/Problem.h"
#include "Kernel/IR/Sparse.h"
#include "Kernel/IR/Stream.h"
#include "Kernel/IR/Winograd.h"

#include "Kernel/IR/KernelDialect.h.inc"
#include "Kernel/IR/KernelInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "Kernel/IR/KernelAttrs.h.inc"

namespace mlir {
namespace kernel {

/// A zero point, 0 where there is none. Attributes of i32 are read as unsigned.
inline int64_t zeroPointOf(std::optional<uint32_t> attribute) {
  return static_cast<int32_t>(attribute.value_or(0));
}

/// The type in which ops on elements of `type` accumulate: f32 for f16, bf16
/// and f32, f64 for f64, i32 for integers.
Type accumulatorType(Type type);

/// Bytes that an element takes in memory, a bit one of its own; 0 where they
/// are not whole.
int64_t elementBytes(Type type);

/// The discardable attribute by which an op is computed.
constexpr llvm::StringLiteral scheduleName = "kernel.schedule";

/// That attribute; null for an op without one.
ScheduleAttr scheduleOf(Operation *op);

namespace detail {
/// Memrefs: every operand is read but the init, which is written. Tensors:
/// none.
void getDestinationEffects(
    DestinationStyleOpInterface op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects);
} // namespace detail

} // namespace kernel
} // namespace mlir

#define GET_OP_CLASSES
#include "Kernel/IR/KernelOps.h.inc"

#endif // KERNEL_IR_KERNEL_H
