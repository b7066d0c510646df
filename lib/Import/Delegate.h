//===- Delegate.h - Operators that are another on other operands *- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Some operators outside of the standard are one of it, on operands that were
// transposed, dequantised or defaulted before: what the standard's makes of
// them is asked of its own converter.
//
//   Values y = convertAs(node, "MaxPool", 12, {channelsFirst});
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_DELEGATE_H
#define MLC_IMPORT_DELEGATE_H

#include "Import/Node.h"

namespace mlc {

/// What operator `opType` of version `opset` of the default domain makes of
/// `operands` (null: absent) with the attributes of `node` and `more`. The
/// operator has a row in the table of converters. Its problems are reported at
/// `node`, which has then failed.
Values convertAs(Node &node, llvm::StringRef opType, int64_t opset,
                 llvm::ArrayRef<mlir::Value> operands,
                 llvm::ArrayRef<onnx::AttributeProto> more = {});

/// The same of a node whose input 0 and only result have their channels last.
Values convertChannelsLast(Node &node, llvm::StringRef opType, int64_t opset);

/// An attribute with a list of integers, for `more`.
onnx::AttributeProto intsAttribute(llvm::StringRef name,
                                   llvm::ArrayRef<int64_t> values);

/// The dimensions of a tensor of rank `rank` in the order that puts its last
/// one second, as channels are in ONNX, or the second one last.
llvm::SmallVector<int64_t> channelsToFront(int64_t rank);
llvm::SmallVector<int64_t> channelsToBack(int64_t rank);

} // namespace mlc

#endif // MLC_IMPORT_DELEGATE_H
