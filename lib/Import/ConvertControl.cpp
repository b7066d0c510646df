//===- ConvertControl.cpp - If and Loop --------------------- -*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Converters.h"
#include "Import/Subgraphs.h"

#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mlc;

namespace {

/// Nodes above which a loop is not unrolled.
constexpr int64_t kMaxUnrolled = 20000;

std::optional<bool> constantBool(Node &node, Value v) {
  auto value = dyn_cast_or_null<DenseElementsAttr>(node.constantOf(v));
  if (!value || value.getNumElements() != 1)
    return std::nullopt;
  return *value.value_begin<bool>();
}

std::optional<int64_t> constantInt(Node &node, Value v) {
  std::optional<SmallVector<int64_t>> values =
      nn::constantIntegers(node.constantOf(v));
  if (!values || values->size() != 1)
    return std::nullopt;
  return values->front();
}

bool hasOneElement(Value v) {
  return cast<RankedTensorType>(v.getType()).getNumElements() == 1;
}

//===----------------------------------------------------------------------===//
// If
//===----------------------------------------------------------------------===//

Values convertIf(Node &node) {
  Value condition = node.input(0);
  const onnx::GraphProto *onTrue = graphAttr(node, "then_branch");
  const onnx::GraphProto *onFalse = graphAttr(node, "else_branch");
  if (!condition || !onTrue || !onFalse)
    return {};
  if (std::optional<bool> known = constantBool(node, condition)) {
    FailureOr<Values> taken =
        importGraph(node, *known ? *onTrue : *onFalse, {});
    return succeeded(taken) ? *taken : Values();
  }
  // The region's types are known only after its import: the op comes last.
  NewRegion regions[2] = {NewRegion(node), NewRegion(node)};
  FailureOr<Values> results[2];
  const onnx::GraphProto *graphs[2] = {onTrue, onFalse};
  for (int i : {0, 1}) {
    results[i] = importInto(node, regions[i].block(), *graphs[i], {});
    if (succeeded(results[i]))
      yieldFrom(node, regions[i].block(), *results[i]);
  }
  if (node.failed())
    return {};
  for (auto [i, pair] : llvm::enumerate(llvm::zip(*results[0], *results[1])))
    if (auto [x, y] = pair; x.getType() != y.getType()) {
      node.error() << "the branches give output " << i << " ('"
                   << (node.hasOutput(i) ? node.proto.output(i) : "")
                   << "') as " << x.getType() << " and " << y.getType()
                   << ", one type is required";
      return {};
    }
  auto op =
      nn::IfOp::create(node.builder, node.loc, typesOf(*results[0]), condition);
  op.getThenBody().takeBody(regions[0].body());
  op.getElseBody().takeBody(regions[1].body());
  return checked(node, op);
}

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

class LoopConverter {
public:
  LoopConverter(Node &node, const onnx::GraphProto &body)
      : node(node), body(body), carried(node.inputs().drop_front(
                                    std::min<size_t>(2, node.numInputs()))) {}

  /// One nn.scan or nn.loop.
  Values rolled();
  /// Whether it may help, after rolled().
  bool canUnroll() const;
  /// One copy of the body a step: its number is a constant there, and shapes
  /// may depend on it.
  Values unrolled();

private:
  bool prepare();
  Value argument(int index, Value value);
  SmallVector<Value> bodyInputs(Value step, ArrayRef<Value> values);
  /// Imports the body once, into a region; what it yields first is the
  /// condition.
  FailureOr<Values> importBody(Block *block);
  bool checkCarried(ArrayRef<Value> next);
  Values countedLoop(NewRegion &region, ArrayRef<Value> yielded);
  Values dynamicLoop(NewRegion &region, ArrayRef<Value> yielded,
                     bool isCounted);
  bool wantsStacks() const;

  Node &node;
  const onnx::GraphProto &body;
  ArrayRef<Value> carried;
  Value limit, condition; ///< null: none
  std::optional<int64_t> knownLimit;
  std::optional<bool> knownCondition;
  bool isEndless = false; ///< as rolled() has found
};

/// Reads limit and condition; false where the node is refused.
bool LoopConverter::prepare() {
  if (node.hasInput(0)) {
    limit = node.inputs()[0];
    knownLimit = constantInt(node, limit);
  }
  if (node.hasInput(1))
    condition = node.inputs()[1];
  knownCondition = condition ? constantBool(node, condition) : true;
  for (Value v : {limit, condition})
    if (v && !hasOneElement(v)) {
      node.error() << "trip count or condition is " << v.getType()
                   << ", one element is required";
      return false;
    }
  if (llvm::is_contained(carried, Value())) {
    node.error() << "has an absent loop-carried input";
    return false;
  }
  if (body.output_size() < static_cast<int>(carried.size()) + 1 ||
      body.input_size() != static_cast<int>(carried.size()) + 2) {
    node.error() << "the body has " << body.input_size() << " inputs and "
                 << body.output_size() << " outputs for " << carried.size()
                 << " loop-carried values";
    return false;
  }
  return true;
}

bool LoopConverter::wantsStacks() const {
  for (size_t i = carried.size(); i < node.numOutputs(); ++i)
    if (node.hasOutput(i))
      return true;
  return false;
}

/// Step and condition in the rank that the body declares, [] or [1].
Value LoopConverter::argument(int index, Value value) {
  const onnx::TypeProto::Tensor &type = body.input(index).type().tensor_type();
  bool isList = type.has_shape() && type.shape().dim_size() == 1;
  return isList ? node.reshape(value, {1}) : value;
}

SmallVector<Value> LoopConverter::bodyInputs(Value step,
                                             ArrayRef<Value> values) {
  Type i1 = node.builder.getI1Type();
  // Inside the body, the condition holds.
  Value holds = node.constant(
      DenseElementsAttr::get(RankedTensorType::get({}, i1), true));
  SmallVector<Value> inputs{argument(0, step), argument(1, holds)};
  llvm::append_range(inputs, values);
  return inputs;
}

FailureOr<Values> LoopConverter::importBody(Block *block) {
  Type step = RankedTensorType::get({}, node.builder.getI64Type());
  block->addArgument(step, node.loc);
  for (Value v : carried)
    block->addArgument(v.getType(), node.loc);
  OpBuilder::InsertionGuard guard(node.builder);
  node.builder.setInsertionPointToEnd(block);
  SmallVector<Value> values(block->getArguments().drop_front());
  return importGraph(node, body, bodyInputs(block->getArgument(0), values));
}

/// Whether what is carried keeps its type.
bool LoopConverter::checkCarried(ArrayRef<Value> next) {
  for (auto [i, from, to] : llvm::enumerate(carried, next))
    if (from.getType() != to.getType()) {
      node.error() << "loop-carried value '" << body.input(i + 2).name()
                   << "' changes from " << from.getType() << " to "
                   << to.getType() << ", one type is required";
      return false;
    }
  return true;
}

Values LoopConverter::countedLoop(NewRegion &region, ArrayRef<Value> yielded) {
  Builder &b = node.builder;
  int64_t count = std::max<int64_t>(0, *knownLimit);
  SmallVector<Value> next(yielded.drop_front());
  SmallVector<Type> types = typesOf(carried);
  for (Value slice : ArrayRef(next).drop_front(carried.size())) {
    FailureOr<Type> type = stackType(node, slice, count);
    if (failed(type))
      return {};
    types.push_back(*type);
  }
  yieldFrom(node, region.block(), next);
  SmallVector<bool> forward(next.size() - carried.size(), false);
  auto op = nn::ScanOp::create(node.builder, node.loc, types, carried,
                               ValueRange(), b.getI64IntegerAttr(count),
                               b.getDenseBoolArrayAttr({}),
                               b.getDenseBoolArrayAttr(forward));
  op.getBody().takeBody(region.body());
  return checked(node, op);
}

Values LoopConverter::dynamicLoop(NewRegion &region, ArrayRef<Value> yielded,
                                  bool isCounted) {
  if (wantsStacks()) {
    node.error() << "has scan outputs, and its number of steps is not known at "
                    "compile time";
    return {};
  }
  if (isCounted && !limit) {
    isEndless = true;
    node.error() << "never ends: it has no trip count, and its condition is "
                    "always true";
    return {};
  }
  SmallVector<Value> next(yielded.slice(1, carried.size()));
  Value first;
  if (!isCounted) {
    first = condition ? condition : node.scalar(node.builder.getI1Type(), 1);
    next.insert(next.begin(), yielded.front());
  }
  yieldFrom(node, region.block(), next);
  auto op = nn::LoopOp::create(node.builder, node.loc, typesOf(carried), limit,
                               first, carried);
  op.getBody().takeBody(region.body());
  return checked(node, op);
}

Values LoopConverter::rolled() {
  if (!prepare())
    return {};
  if (knownCondition == false && !wantsStacks())
    return Values(carried);
  NewRegion region(node);
  FailureOr<Values> yielded = importBody(region.block());
  if (failed(yielded) || !checkCarried(ArrayRef(*yielded).drop_front()))
    return {};
  std::optional<bool> next = constantBool(node, yielded->front());
  bool isCounted = knownCondition == true && next == true;
  if (knownCondition == true && next == false) {
    // One step at most.
    isCounted = true;
    if (!limit || (knownLimit && *knownLimit > 1))
      knownLimit = 1;
    else if (!knownLimit)
      isCounted = false;
  }
  return isCounted && knownLimit ? countedLoop(region, *yielded)
                                 : dynamicLoop(region, *yielded, isCounted);
}

bool LoopConverter::canUnroll() const {
  int64_t nodes = std::max(1, body.node_size());
  return !isEndless && knownCondition == true &&
         (knownLimit ? *knownLimit <= kMaxUnrolled / nodes : !limit);
}

Values LoopConverter::unrolled() {
  if (!prepare())
    return {};
  Values values(carried);
  SmallVector<SmallVector<Value>> stacks(body.output_size() - 1 -
                                         carried.size());
  int64_t nodes = std::max(1, body.node_size());
  for (int64_t i = 0; !knownLimit || i < *knownLimit; ++i) {
    if (i * nodes > kMaxUnrolled) {
      node.error() << "does not end within " << i << " steps";
      return {};
    }
    Value step = node.scalar(node.builder.getI64Type(), i);
    FailureOr<Values> next = importGraph(node, body, bodyInputs(step, values));
    if (failed(next))
      return {};
    values.assign(next->begin() + 1, next->begin() + 1 + carried.size());
    for (auto [stack, slice] :
         llvm::zip(stacks, ArrayRef(*next).drop_front(1 + carried.size()))) {
      SmallVector<int64_t> shape{1};
      llvm::append_range(shape, nn::shapeOf(slice));
      stack.push_back(node.reshape(slice, shape));
    }
    std::optional<bool> goesOn = constantBool(node, next->front());
    if (!goesOn) {
      node.error() << "its condition after step " << i
                   << " is not known at compile time";
      return {};
    }
    if (!*goesOn)
      break;
  }
  for (SmallVector<Value> &stack : stacks) {
    if (stack.empty()) {
      node.error() << "has scan outputs, and takes no step";
      return {};
    }
    values.push_back(node.create<nn::ConcatOp>(
        ValueRange(stack), node.builder.getI64IntegerAttr(0)));
  }
  return values;
}

/// The rolled form is smaller; what it cannot express may hold when each step
/// is known.
Values convertLoop(Node &node) {
  const onnx::GraphProto *body = graphAttr(node, "body");
  if (!body)
    return {};
  std::vector<Diagnostic> problems;
  bool canUnroll = false;
  {
    ScopedDiagnosticHandler collect(node.builder.getContext(),
                                    [&](Diagnostic &diagnostic) {
                                      problems.push_back(std::move(diagnostic));
                                      return success();
                                    });
    Node attempt = node;
    LoopConverter converter(attempt, *body);
    Values results = converter.rolled();
    if (!attempt.failed())
      return results;
    canUnroll = converter.canUnroll() && !node.importer.hasTooManyNodes();
  }
  if (canUnroll)
    return LoopConverter(node, *body).unrolled();
  for (Diagnostic &problem : problems)
    node.builder.getContext()->getDiagEngine().emit(std::move(problem));
  node.error().abandon();
  return {};
}

} // namespace

llvm::ArrayRef<Converter> mlc::controlConverters() {
  static const Converter table[] = {
      {"If", convertIf},
      {"Loop", convertLoop},
      {"Scan", convertScan},
  };
  return table;
}
