//===- Enums.h - Choices of the kernel dialect ------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_ENUMS_H
#define KERNEL_IR_ENUMS_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/DenseMapInfo.h"
#include "llvm/ADT/StringExtras.h"
#include <optional>

#include "Kernel/IR/KernelEnums.h.inc"

#endif // KERNEL_IR_ENUMS_H
