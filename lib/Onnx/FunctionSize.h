//===- FunctionSize.h - What a model's functions expand to ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file of a few kilobytes can call functions that call functions, 2^40 nodes
// in all: they are counted before they are expanded.
//
//   if (Error error = checkRecursion(model)) return error;
//   if (Error error = checkExpansion(model)) return error;
//
//===----------------------------------------------------------------------===//

#ifndef MLC_ONNX_FUNCTIONSIZE_H
#define MLC_ONNX_FUNCTIONSIZE_H

#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace mlc {

/// The nodes that a model may have once functions are expanded and loops are
/// unrolled; the largest real ones have a tenth.
constexpr int64_t kMaxNodes = 250000;

/// An error where a function of `model` calls itself, if by way of others: its
/// expansion would not end.
llvm::Error checkRecursion(const onnx::ModelProto &model);

/// What names a function, and a call of it.
std::string functionKey(const std::string &domain, const std::string &name,
                        const std::string &overload);

/// An error where the model has more than kMaxNodes once its functions, which
/// must not be recursive, are expanded.
llvm::Error checkExpansion(const onnx::ModelProto &model);

/// Counts nodes with functions expanded, each function once. The model, whose
/// functions must not be recursive, stays the caller's.
class FunctionSizes {
public:
  explicit FunctionSizes(const onnx::ModelProto &model);

  /// The nodes that `node` stands for, those of its subgraphs included; at most
  /// kMaxNodes + 1.
  int64_t of(const onnx::NodeProto &node);

private:
  int64_t of(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes);

  struct Entry {
    const onnx::FunctionProto *function;
    int64_t size = 0; ///< 0: not counted yet
  };
  llvm::StringMap<Entry> functions;
};

} // namespace mlc

#endif // MLC_ONNX_FUNCTIONSIZE_H
