//===- ConvertControl.cpp - If and Loop --------------------- ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/JoinBranches.h"
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

Values giveAll(Node &node, ArrayRef<Item> items) {
  for (auto [i, item] : llvm::enumerate(items))
    node.give(i, item);
  return {};
}

/// Whether both branches give the same; reports where they do not.
bool checkBranches(Node &node, ArrayRef<Item> onTrue, ArrayRef<Item> onFalse) {
  if (onTrue.size() != onFalse.size()) {
    node.error() << "the branches give " << onTrue.size() << " and "
                 << onFalse.size() << " outputs";
    return false;
  }
  for (auto [i, x, y] : llvm::enumerate(onTrue, onFalse))
    if (!x.hasFormOf(y)) {
      node.error() << "the branches give output " << i << " ('"
                   << (node.hasOutput(i) ? node.proto.output(i) : "")
                   << "') as " << x.describe() << " and " << y.describe()
                   << ", one type is required";
      return false;
    }
  return true;
}

Values convertIf(Node &node) {
  Value condition = node.input(0);
  const onnx::GraphProto *onTrue = graphAttr(node, "then_branch");
  const onnx::GraphProto *onFalse = graphAttr(node, "else_branch");
  if (!condition || !onTrue || !onFalse)
    return {};
  if (std::optional<bool> known = constantBool(node, condition)) {
    FailureOr<Items> taken = importGraph(node, *known ? *onTrue : *onFalse, {});
    return succeeded(taken) ? giveAll(node, *taken) : Values();
  }
  // The region's types are known only after its import: the op comes last.
  NewRegion regions[2] = {NewRegion(node), NewRegion(node)};
  Items results[2];
  const onnx::GraphProto *graphs[2] = {onTrue, onFalse};
  for (int i : {0, 1}) {
    FailureOr<Items> items =
        importInto(node, regions[i].block(), *graphs[i], {});
    if (succeeded(items))
      results[i] = *items;
  }
  if (node.failed())
    return {};
  BranchJoiner joiner(node, regions[0].block(), regions[1].block());
  Values yielded[2] = {tensorsIn(results[0]), tensorsIn(results[1])};
  joiner.join(yielded[0], yielded[1]);
  for (int i : {0, 1}) {
    results[i] = itemsLike(results[i], yielded[i]);
    yieldFrom(node, regions[i].block(), yielded[i]);
  }
  if (node.failed() || !checkBranches(node, results[0], results[1]))
    return {};
  auto op =
      nn::IfOp::create(node.builder, node.loc, typesOf(yielded[0]), condition);
  op.getThenBody().takeBody(regions[0].body());
  op.getElseBody().takeBody(regions[1].body());
  Values values = checked(node, op);
  if (node.failed())
    return {};
  joiner.finish(values);
  return giveAll(node, itemsLike(results[0], values));
}

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

class LoopConverter {
public:
  LoopConverter(Node &node, const onnx::GraphProto &body)
      : node(node), body(body), carried(node.inputItems().drop_front(
                                    std::min<size_t>(2, node.numInputs()))),
        inits(tensorsIn(carried)) {}

  /// One nn.scan or nn.loop. What is carried keeps its form, of a sequence the
  /// number of its tensors too.
  Items rolled();
  /// Whether it may help, after rolled().
  bool canUnroll() const;
  /// One copy of the body a step: its number is a constant there, and shapes
  /// and sequences may depend on it.
  Items unrolled();

private:
  bool prepare();
  Value argument(int index, Value value);
  Items bodyInputs(Value step, ArrayRef<Item> items);
  /// Imports the body once, into a region; what it yields first is the
  /// condition.
  FailureOr<Items> importBody(Block *block);
  bool checkCarried(ArrayRef<Item> next);
  /// What is carried of the results of an op, then the stacks.
  Items resultItems(ArrayRef<Value> results) const;
  Items countedLoop(NewRegion &region, ArrayRef<Item> yielded);
  Items dynamicLoop(NewRegion &region, ArrayRef<Item> yielded, bool isCounted);
  FailureOr<Values> slicesOf(ArrayRef<Item> yielded);
  bool wantsStacks() const;
  Items withoutSteps(Items items);

  Node &node;
  const onnx::GraphProto &body;
  ArrayRef<Item> carried;
  Values inits;           ///< the tensors of what is carried
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
  if (!llvm::all_of(carried, [](const Item &item) { return bool(item); })) {
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

Items LoopConverter::bodyInputs(Value step, ArrayRef<Item> items) {
  Type i1 = node.builder.getI1Type();
  // Inside the body, the condition holds.
  Value holds = node.constant(
      DenseElementsAttr::get(RankedTensorType::get({}, i1), true));
  Items inputs{argument(0, step), argument(1, holds)};
  llvm::append_range(inputs, items);
  return inputs;
}

FailureOr<Items> LoopConverter::importBody(Block *block) {
  Type step = RankedTensorType::get({}, node.builder.getI64Type());
  block->addArgument(step, node.loc);
  for (Value v : inits)
    block->addArgument(v.getType(), node.loc);
  OpBuilder::InsertionGuard guard(node.builder);
  node.builder.setInsertionPointToEnd(block);
  SmallVector<Value> values(block->getArguments().drop_front());
  return importGraph(
      node, body,
      bodyInputs(block->getArgument(0), itemsLike(carried, values)));
}

/// Whether what is carried keeps its type.
bool LoopConverter::checkCarried(ArrayRef<Item> next) {
  for (auto [i, pair] : llvm::enumerate(llvm::zip(carried, next)))
    if (auto &[from, to] = pair; !from.hasFormOf(to)) {
      node.error() << "loop-carried value '" << body.input(i + 2).name()
                   << "' changes from " << from.describe() << " to "
                   << to.describe() << ", one type is required";
      return false;
    }
  return true;
}

Items LoopConverter::resultItems(ArrayRef<Value> results) const {
  if (node.failed())
    return {};
  Items items = itemsLike(carried, results.take_front(inits.size()));
  llvm::append_range(items, results.drop_front(inits.size()));
  return items;
}

/// What each step adds to the stacks.
FailureOr<Values> LoopConverter::slicesOf(ArrayRef<Item> yielded) {
  return tensorsOf(node, yielded.drop_front(1 + carried.size()), "scan output");
}

Items LoopConverter::countedLoop(NewRegion &region, ArrayRef<Item> yielded) {
  Builder &b = node.builder;
  int64_t count = std::max<int64_t>(0, *knownLimit);
  FailureOr<Values> slices = slicesOf(yielded);
  if (failed(slices))
    return {};
  SmallVector<Type> types = typesOf(inits);
  for (Value slice : *slices) {
    FailureOr<Type> type = stackType(node, slice, count);
    if (failed(type))
      return {};
    types.push_back(*type);
  }
  Values next = tensorsIn(yielded.drop_front());
  yieldFrom(node, region.block(), next);
  SmallVector<bool> forward(slices->size(), false);
  auto op = nn::ScanOp::create(node.builder, node.loc, types, inits,
                               ValueRange(), b.getI64IntegerAttr(count),
                               b.getDenseBoolArrayAttr({}),
                               b.getDenseBoolArrayAttr(forward));
  op.getBody().takeBody(region.body());
  return resultItems(checked(node, op));
}

Items LoopConverter::dynamicLoop(NewRegion &region, ArrayRef<Item> yielded,
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
  Values next = tensorsIn(yielded.slice(1, carried.size()));
  Value first;
  if (!isCounted) {
    first = condition ? condition : node.scalar(node.builder.getI1Type(), 1);
    next.insert(next.begin(), yielded.front().tensor());
  }
  yieldFrom(node, region.block(), next);
  auto op = nn::LoopOp::create(node.builder, node.loc, typesOf(inits), limit,
                               first, inits);
  op.getBody().takeBody(region.body());
  return resultItems(checked(node, op));
}

Items LoopConverter::rolled() {
  if (!prepare())
    return {};
  if (knownCondition == false && !wantsStacks())
    return Items(carried);
  NewRegion region(node);
  FailureOr<Items> yielded = importBody(region.block());
  if (failed(yielded) || !checkCarried(ArrayRef(*yielded).drop_front()) ||
      failed(tensorsOf(node, yielded->front(), "condition of the next step")))
    return {};
  std::optional<bool> next = constantBool(node, yielded->front().tensor());
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
  return knownCondition == false ||
         (!isEndless && knownCondition == true &&
          (knownLimit ? *knownLimit <= kMaxUnrolled / nodes : !limit));
}

Items LoopConverter::unrolled() {
  if (!prepare())
    return {};
  Items items(carried);
  SmallVector<SmallVector<Value>> stacks(body.output_size() - 1 -
                                         carried.size());
  int64_t nodes = std::max(1, body.node_size());
  if (knownCondition == false)
    knownLimit = 0;
  for (int64_t i = 0; !knownLimit || i < *knownLimit; ++i) {
    if (i * nodes > kMaxUnrolled) {
      node.error() << "does not end within " << i << " steps";
      return {};
    }
    Value step = node.scalar(node.builder.getI64Type(), i);
    FailureOr<Items> next = importGraph(node, body, bodyInputs(step, items));
    FailureOr<Values> added;
    if (failed(next) || failed(added = slicesOf(*next)))
      return {};
    items.assign(next->begin() + 1, next->begin() + 1 + carried.size());
    for (auto [slices, slice] : llvm::zip(stacks, *added))
      slices.push_back(slice);
    std::optional<bool> goesOn = constantBool(node, next->front().tensor());
    if (!goesOn) {
      node.error() << "its condition after step " << i
                   << " is not known at compile time";
      return {};
    }
    if (!*goesOn)
      break;
  }
  if (wantsStacks() && knownLimit && *knownLimit <= 0)
    return withoutSteps(items);
  for (ArrayRef<Value> slices : stacks)
    items.push_back(stack(node, slices, 0));
  return items;
}

/// Stacks of nothing, of what a first step would give.
Items LoopConverter::withoutSteps(Items items) {
  Value step = node.scalar(node.builder.getI64Type(), 0);
  FailureOr<Items> first = importGraph(node, body, bodyInputs(step, items));
  FailureOr<Values> slices;
  if (failed(first) || failed(slices = slicesOf(*first)))
    return {};
  for (Value slice : *slices)
    items.push_back(node.slice(stack(node, slice, 0), 0, 0, 0));
  return items;
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
    ScopedDiagnosticHandler collect(
        node.builder.getContext(), [&](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
            return failure(); // it holds anyway
          problems.push_back(std::move(diagnostic));
          return success();
        });
    Node attempt = node;
    LoopConverter converter(attempt, *body);
    Items results = converter.rolled();
    if (!attempt.failed())
      return giveAll(node, results);
    canUnroll = converter.canUnroll() && !node.importer.hasTooManyNodes();
  }
  if (canUnroll)
    return giveAll(node, LoopConverter(node, *body).unrolled());
  for (Diagnostic &problem : problems)
    node.builder.getContext()->getDiagEngine().emit(std::move(problem));
  node.error().abandon();
  return {};
}

} // namespace

llvm::ArrayRef<Converter> mlc::controlConverters() {
  static const Converter table[] = {
      {"If", convertIf},
      {"Loop", convertLoop, "", /*takesItems=*/true},
      {"Scan", convertScan},
  };
  return table;
}
