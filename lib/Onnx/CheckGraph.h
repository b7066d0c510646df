//===- CheckGraph.h - What is wrong with a graph ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks at names, numbers of operands and attributes, as the standard has them
// but where onnxruntime takes more, since that is what files are made for: an
// output needs no type, an initializer need not be an input, whatever the IR
// version, and a value may have the name of one of an enclosing graph. It finds
// every problem, not the first.
//
// Operators that do not exist, element types, shapes and tensors are looked at
// where they are imported.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_ONNX_CHECKGRAPH_H
#define MLC_ONNX_CHECKGRAPH_H

#include "onnx/onnx_pb.h"

#include <string>
#include <vector>

namespace mlc {

/// Something wrong with a node, or with the graph where `node` is null.
struct GraphProblem {
  const onnx::NodeProto *node = nullptr;
  int64_t index = 0; ///< of the node in its graph
  std::string text;  ///< lower case, no full stop
  /// The model means something all the same.
  bool isWarning = false;
};

/// The problems of `graph` and the graphs inside, whose order is not looked at,
/// at version `opset` of the default domain.
std::vector<GraphProblem> checkGraph(const onnx::GraphProto &graph, int opset);

/// Puts the nodes of `graph` in order (SortNodes.h) and gives its problems,
/// cycles first.
std::vector<GraphProblem> orderAndCheck(onnx::GraphProto &graph, int opset);

/// Whether every node of `graph` is one of version `opset` of the default
/// domain, as far as operators, operands and attributes tell.
bool fitsOpset(const onnx::GraphProto &graph, int opset);

} // namespace mlc

#endif // MLC_ONNX_CHECKGRAPH_H
