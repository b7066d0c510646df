//===- NNDialect.h - The nn dialect -----------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect, its interfaces and enums. NN.h has the ops.
//
//===----------------------------------------------------------------------===//

#ifndef NN_IR_NNDIALECT_H
#define NN_IR_NNDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "NN/IR/LinearOp.h"

#include "NN/IR/NNDialect.h.inc"
#include "NN/IR/NNEnums.h.inc"
#include "NN/IR/NNInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "NN/IR/NNAttrs.h.inc"

#include "NN/IR/ConstantFold.h"

#endif // NN_IR_NNDIALECT_H
