//===- NodeId.h - Which node of a model -------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_NODEID_H
#define MLC_NODEID_H

#include <cstdint>
#include <string>

namespace mlc {

/// A node of the model that was read.
struct NodeId {
  std::string name; ///< behind the calls that lead to it; its output's if none
  std::string op;   ///< the operator: "Conv"
  int64_t opset = 0;
  int64_t index = -1; ///< among the nodes of its graph, from 0

  bool isKnown() const { return index >= 0; }
  bool operator==(const NodeId &other) const {
    return name == other.name && op == other.op && opset == other.opset &&
           index == other.index;
  }
};

/// A node that computes in f32 where the model is quantised, or 16 bits are
/// asked for.
struct FloatNode {
  NodeId node;        ///< of a model that is no ONNX file only `op` is known
  std::string reason; ///< "its result is not quantised"
};

/// What --precision made of a model of f32.
struct NarrowFloats {
  std::string type;      ///< "bf16" or "f16"; empty where nothing is narrow
  unsigned products = 0; ///< convolutions and matrix products of such elements
  /// Of the outputs, root mean square, relative to their own: an estimate.
  double expectedError = 0;
};

} // namespace mlc

#endif // MLC_NODEID_H
