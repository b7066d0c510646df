//===- ConvertScan.cpp - Scan ------------------------------- ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Subgraphs.h"

using namespace mlir;
using namespace mlc;

namespace {

struct ScanParts {
  const onnx::GraphProto *body;
  SmallVector<Value> states, scanned; ///< steps in dimension 0
  SmallVector<bool> reverseInputs, reverseOutputs;
};

/// An nn.scan without carried values, or with the states of `parts`, around
/// what `import` makes of its region's arguments but the step.
Values
scanAround(Node &node, ArrayRef<Value> inits, ArrayRef<Value> inputs,
           ArrayRef<bool> reverseInputs, ArrayRef<bool> reverseOutputs,
           llvm::function_ref<FailureOr<Values>(ArrayRef<Value>)> import) {
  Builder &b = node.builder;
  NewRegion region(node);
  Block *block = region.block();
  block->addArgument(RankedTensorType::get({}, b.getI64Type()), node.loc);
  for (Value init : inits)
    block->addArgument(init.getType(), node.loc);
  for (Value input : inputs) {
    if (nn::shapeOf(input).empty()) {
      node.error() << "scans a tensor of rank 0";
      return {};
    }
    block->addArgument(RankedTensorType::get(nn::shapeOf(input).drop_front(),
                                             nn::elementOf(input)),
                       node.loc);
  }
  int64_t count = nn::shapeOf(inputs.front()).front();
  FailureOr<Values> yielded;
  {
    OpBuilder::InsertionGuard guard(node.builder);
    node.builder.setInsertionPointToEnd(block);
    yielded = import(SmallVector<Value>(block->getArguments().drop_front()));
  }
  if (failed(yielded))
    return {};
  SmallVector<Type> types = typesOf(inits);
  for (Value slice : ArrayRef(*yielded).drop_front(inits.size())) {
    FailureOr<Type> type = stackType(node, slice, count);
    if (failed(type))
      return {};
    types.push_back(*type);
  }
  yieldFrom(node, block, *yielded);
  SmallVector<bool> outputs(reverseOutputs);
  outputs.resize(types.size() - inits.size(), false);
  auto op = nn::ScanOp::create(
      node.builder, node.loc, types, inits, inputs, b.getI64IntegerAttr(count),
      b.getDenseBoolArrayAttr(reverseInputs), b.getDenseBoolArrayAttr(outputs));
  op.getBody().takeBody(region.body());
  return checked(node, op);
}

Values scanBody(Node &node, const ScanParts &parts, ArrayRef<Value> states,
                ArrayRef<Value> scanned) {
  return scanAround(
      node, states, scanned, parts.reverseInputs, parts.reverseOutputs,
      [&](ArrayRef<Value> args) -> FailureOr<Values> {
        FailureOr<Items> given =
            importGraph(node, *parts.body, Items(args.begin(), args.end()));
        if (failed(given))
          return failure();
        FailureOr<Values> next = tensorsOf(node, *given, "output of the body");
        if (failed(next))
          return failure();
        if (next->size() < states.size())
          return node.fail("the body gives fewer values than there are states");
        for (auto [i, from] : llvm::enumerate(states))
          if (from.getType() != (*next)[i].getType()) {
            node.error() << "loop-carried value '"
                         << parts.body->input(i).name() << "' changes from "
                         << from.getType() << " to " << (*next)[i].getType()
                         << ", one type is required";
            return failure();
          }
        return next;
      });
}

/// The permutation that brings `axis` to the front, or back from there.
SmallVector<int64_t> rotate(int64_t axis, int64_t rank, bool isBack) {
  SmallVector<int64_t> permutation;
  for (int64_t d = 0; d < rank; ++d) {
    if (isBack)
      permutation.push_back(d < axis ? d + 1 : d == axis ? 0 : d);
    else
      permutation.push_back(d == 0 ? axis : d <= axis ? d - 1 : d);
  }
  return permutation;
}

Value moveAxis(Node &node, Value v, int64_t axis, bool isBack) {
  if (!v || axis == 0)
    return v;
  return node.transpose(v, rotate(axis, nn::shapeOf(v).size(), isBack));
}

/// The first `states` of the inputs from `first` on, and the scanned rest.
bool readScan(Node &node, size_t first, llvm::StringRef directions,
              ScanParts &parts) {
  parts.body = graphAttr(node, "body");
  int64_t count = node.intAttr("num_scan_inputs", 0);
  int64_t total = static_cast<int64_t>(node.numInputs()) - first;
  if (!parts.body)
    return false;
  if (count < 1 || count > total) {
    node.error() << "num_scan_inputs is " << count << ", one in [1, " << total
                 << "] is required";
    return false;
  }
  for (int64_t i = 0; i < total; ++i) {
    Value v = node.input(first + i);
    if (!v)
      return false;
    (i < total - count ? parts.states : parts.scanned).push_back(v);
  }
  for (int64_t flag : node.intsAttr(directions))
    parts.reverseInputs.push_back(flag);
  parts.reverseInputs.resize(count, false);
  for (int64_t flag : node.intsAttr("scan_output_directions"))
    parts.reverseOutputs.push_back(flag);
  return true;
}

/// Opset 8: everything has a batch in dimension 0, over which a second loop
/// goes.
Values convertBatchScan(Node &node) {
  ScanParts parts;
  if (node.hasInput(0)) {
    node.error() << "input 0 ('" << node.proto.input(0)
                 << "'), lengths of sequences, is not supported";
    return {};
  }
  if (!readScan(node, 1, "directions", parts))
    return {};
  SmallVector<Value> all(parts.states);
  llvm::append_range(all, parts.scanned);
  size_t states = parts.states.size();
  return scanAround(node, {}, all, SmallVector<bool>(all.size(), false), {},
                    [&](ArrayRef<Value> args) -> FailureOr<Values> {
                      Values results =
                          scanBody(node, parts, args.take_front(states),
                                   args.drop_front(states));
                      if (node.failed())
                        return failure();
                      return results;
                    });
}

} // namespace

Values mlc::convertScan(Node &node) {
  if (node.opset() < 9)
    return convertBatchScan(node);
  ScanParts parts;
  if (!readScan(node, 0, "scan_input_directions", parts))
    return {};
  SmallVector<int64_t> axes = node.intsAttr("scan_input_axes");
  axes.resize(parts.scanned.size(), 0);
  for (auto [v, axis] : llvm::zip(parts.scanned, axes)) {
    FailureOr<int64_t> normal = node.normalizeAxis(axis, nn::shapeOf(v).size());
    if (failed(normal))
      return {};
    v = moveAxis(node, v, *normal, /*isBack=*/false);
  }
  Values results = scanBody(node, parts, parts.states, parts.scanned);
  SmallVector<int64_t> outAxes = node.intsAttr("scan_output_axes");
  for (size_t i = parts.states.size(); i < results.size(); ++i) {
    size_t k = i - parts.states.size();
    FailureOr<int64_t> axis = node.normalizeAxis(
        k < outAxes.size() ? outAxes[k] : 0, nn::shapeOf(results[i]).size());
    if (failed(axis))
      return {};
    results[i] = moveAxis(node, results[i], *axis, /*isBack=*/true);
  }
  return results;
}
