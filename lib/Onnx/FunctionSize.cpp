//===- FunctionSize.cpp - What a model's functions expand to --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Onnx/FunctionSize.h"

#include <algorithm>

using namespace mlc;

static std::string key(const std::string &domain, const std::string &name,
                       const std::string &overload) {
  return domain + "\n" + name + "\n" + overload;
}

FunctionSizes::FunctionSizes(const onnx::ModelProto &model) {
  for (const onnx::FunctionProto &function : model.functions())
    functions[key(function.domain(), function.name(), function.overload())] = {
        &function};
}

int64_t FunctionSizes::of(
    const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes) {
  int64_t count = 0;
  for (const onnx::NodeProto &node : nodes)
    count = std::min(count + of(node), kMaxNodes + 1);
  return count;
}

int64_t FunctionSizes::of(const onnx::NodeProto &node) {
  int64_t count = 1;
  auto called =
      functions.find(key(node.domain(), node.op_type(), node.overload()));
  if (called != functions.end()) {
    Entry &entry = called->second;
    if (entry.size == 0)
      entry.size = std::max<int64_t>(1, of(entry.function->node()));
    count = entry.size;
  }
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    count += of(attribute.g().node());
    for (const onnx::GraphProto &graph : attribute.graphs())
      count += of(graph.node());
  }
  return std::min(count, kMaxNodes + 1);
}
