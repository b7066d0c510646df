//===- SortNodes.h - Nodes behind what they read ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The standard wants every node behind those whose results it reads. Tools that
// edit models (float16 converters, mergers) append theirs at the end, and
// onnxruntime takes that: so nodes are put in order when a model is read.
//
//   for (const NodeCycle &cycle : sortNodes(*model.mutable_graph()))
//     report(cycle.front(), cycle);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_ONNX_SORTNODES_H
#define MLC_ONNX_SORTNODES_H

#include "onnx/onnx_pb.h"

#include <vector>

namespace mlc {

/// Nodes each of which reads a result of the one before, the first of the last.
using NodeCycle = std::vector<const onnx::NodeProto *>;

/// Moves the nodes of `graph`, and of the graphs inside, behind those whose
/// results they or their own subgraphs read; nodes in order stay as they are.
/// Gives the cycles; their nodes follow each other somewhere.
std::vector<NodeCycle> sortNodes(onnx::GraphProto &graph);

} // namespace mlc

#endif // MLC_ONNX_SORTNODES_H
