//===- FunctionSize.cpp - What a model's functions expand to --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Onnx/FunctionSize.h"

#include <algorithm>

using namespace mlc;

std::string mlc::functionKey(const std::string &domain, const std::string &name,
                             const std::string &overload) {
  return domain + "\n" + name + "\n" + overload;
}

//===----------------------------------------------------------------------===//
// Recursion
//===----------------------------------------------------------------------===//

namespace {
/// Walks the calls of functions, depth first.
class RecursionCheck {
public:
  explicit RecursionCheck(const onnx::ModelProto &model) : model(model) {
    for (const onnx::FunctionProto &function : model.functions())
      functions[functionKey(function.domain(), function.name(),
                            function.overload())] = {&function};
  }

  llvm::Error run() {
    for (const onnx::FunctionProto &function : model.functions())
      if (llvm::Error error = visit(functions[functionKey(
              function.domain(), function.name(), function.overload())]))
        return error;
    return llvm::Error::success();
  }

private:
  struct Entry {
    const onnx::FunctionProto *function = nullptr;
    enum { Unknown, Open, Closed } state = Unknown;
  };

  llvm::Error visit(Entry &entry) {
    if (entry.state == Entry::Closed)
      return llvm::Error::success();
    if (entry.state == Entry::Open)
      return llvm::createStringError("function '" + entry.function->domain() +
                                     "." + entry.function->name() +
                                     "' calls itself" + callers(entry));
    if (path.size() == kMaxCalls)
      return llvm::createStringError("functions call each other more than " +
                                     llvm::Twine(kMaxCalls) + " deep");
    entry.state = Entry::Open;
    path.push_back(&entry);
    if (llvm::Error error = visit(entry.function->node()))
      return error;
    path.pop_back();
    entry.state = Entry::Closed;
    return llvm::Error::success();
  }

  llvm::Error
  visit(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes) {
    for (const onnx::NodeProto &node : nodes) {
      auto called = functions.find(
          functionKey(node.domain(), node.op_type(), node.overload()));
      if (called != functions.end())
        if (llvm::Error error = visit(called->second))
          return error;
      for (const onnx::AttributeProto &attribute : node.attribute()) {
        if (llvm::Error error = visit(attribute.g().node()))
          return error;
        for (const onnx::GraphProto &graph : attribute.graphs())
          if (llvm::Error error = visit(graph.node()))
            return error;
      }
    }
    return llvm::Error::success();
  }

  /// " by way of 'a', 'b'": the functions between two calls of `entry`.
  std::string callers(const Entry &entry) const {
    std::string text;
    auto own = std::find(path.begin(), path.end(), &entry);
    for (auto it = own + 1; it < path.end(); ++it)
      text += (text.empty() ? " by way of '" : ", '") +
              (*it)->function->domain() + "." + (*it)->function->name() + "'";
    return text;
  }

  /// Calls inside each other, which are walked and expanded by recursion.
  static constexpr size_t kMaxCalls = 256;

  const onnx::ModelProto &model;
  llvm::StringMap<Entry> functions;
  std::vector<Entry *> path;
};
} // namespace

llvm::Error mlc::checkRecursion(const onnx::ModelProto &model) {
  return RecursionCheck(model).run();
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

FunctionSizes::FunctionSizes(const onnx::ModelProto &model) {
  for (const onnx::FunctionProto &function : model.functions())
    functions[functionKey(function.domain(), function.name(),
                          function.overload())] = {&function};
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
  auto called = functions.find(
      functionKey(node.domain(), node.op_type(), node.overload()));
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

llvm::Error mlc::checkExpansion(const onnx::ModelProto &model) {
  if (model.functions_size() == 0)
    return llvm::Error::success();
  FunctionSizes sizes(model);
  int64_t count = 0;
  for (const onnx::NodeProto &node : model.graph().node()) {
    count += sizes.of(node);
    if (count > kMaxNodes)
      return llvm::createStringError(
          "node '" +
          (node.name().empty() && node.output_size() > 0 ? node.output(0)
                                                         : node.name()) +
          "' (" + node.op_type() + "): the model has more than " +
          std::to_string(kMaxNodes) + " nodes once its functions are expanded");
  }
  return llvm::Error::success();
}
