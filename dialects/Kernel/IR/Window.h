//===- Window.h - The sliding window of kernel ops --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_IR_WINDOW_H
#define KERNEL_IR_WINDOW_H

#include "Support/Window.h"

namespace mlir {
namespace kernel {

using mlc::countInside;
using mlc::Window;

} // namespace kernel
} // namespace mlir

#endif // KERNEL_IR_WINDOW_H
