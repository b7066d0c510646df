//===- ConvertRecurrent.cpp - RNN, GRU and LSTM ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Converters.h"
#include "Import/Recurrent.h"
#include "Import/Subgraphs.h"

using namespace mlir;
using namespace mlc;

bool RecurrentConverter::readDirections() {
  std::string direction = node.stringAttr("direction", "forward");
  if (direction == "forward")
    reversed = {false};
  else if (direction == "reverse")
    reversed = {true};
  else if (direction == "bidirectional")
    reversed = {false, true};
  else
    node.error() << "direction is '" << direction
                 << "', forward, reverse or bidirectional is required";
  return !node.failed();
}

bool RecurrentConverter::readActivations() {
  static const SmallVector<StringRef, 3> defaults[] = {
      {"tanh"}, {"sigmoid", "tanh"}, {"sigmoid", "tanh", "tanh"}};
  SmallVector<std::string> names;
  if (const onnx::AttributeProto *attr = node.findAttr("activations"))
    names.assign(attr->strings().begin(), attr->strings().end());
  ArrayRef<StringRef> own = defaults[static_cast<int>(cell)];
  if (names.empty())
    for (size_t d = 0; d < reversed.size(); ++d)
      for (StringRef name : own)
        names.push_back(name.str());
  if (names.size() != own.size() * reversed.size()) {
    node.error() << "has " << names.size() << " activations, "
                 << own.size() * reversed.size() << " are required";
    return false;
  }
  SmallVector<float> alphas = node.floatsAttr("activation_alpha");
  SmallVector<float> betas = node.floatsAttr("activation_beta");
  size_t nextAlpha = 0, nextBeta = 0;
  for (const std::string &name : names) {
    const ActivationRow *row = findActivation(name);
    if (!row) {
      node.error() << "activation '" << name << "' is not supported";
      return false;
    }
    // The lists have elements for those functions alone that take them.
    double alpha = row->alpha, beta = row->beta;
    if (row->parameters >= 1 && nextAlpha < alphas.size())
      alpha = alphas[nextAlpha++];
    if (row->parameters >= 2 && nextBeta < betas.size())
      beta = betas[nextBeta++];
    activations.push_back({row, alpha, beta});
  }
  return true;
}

bool RecurrentConverter::readWeights() {
  hidden = nn::shapeOf(node.input(RecurrentInput::r))[2];
  int64_t ways = reversed.size(), rows = gates * hidden;
  return checkShape(RecurrentInput::w, {ways, rows, nn::shapeOf(x)[2]}) &&
         checkShape(RecurrentInput::r, {ways, rows, hidden});
}

bool RecurrentConverter::readShapes() {
  x = node.input(RecurrentInput::x);
  Value w = node.input(RecurrentInput::w), r = node.input(RecurrentInput::r);
  if (!x || !w || !r)
    return false;
  for (Value v : {x, w, r})
    if (nn::shapeOf(v).size() != 3) {
      node.error() << "has an operand of type " << v.getType()
                   << ", rank 3 is required of X, W and R";
      return false;
    }
  element = nn::elementOf(x);
  isBatchFirst = node.intAttr("layout", 0);
  if (isBatchFirst)
    x = node.transpose(x, {1, 0, 2});
  if (!x)
    return false;
  steps = nn::shapeOf(x)[0];
  batch = nn::shapeOf(x)[1];
  static constexpr int64_t gateCounts[] = {1, 3, 4};
  gates = gateCounts[static_cast<int>(cell)];
  clip = node.floatAttr("clip", 0);
  return readDirections() && readWeights() && readActivations() &&
         checkOperands();
}

bool RecurrentConverter::checkShape(size_t i, ArrayRef<int64_t> shape) {
  if (!node.hasInput(i) || nn::shapeOf(node.inputs()[i]) == shape)
    return true;
  node.error() << "input " << i << " is " << node.inputs()[i].getType()
               << ", shape [" << shape << "] is required";
  return false;
}

bool RecurrentConverter::checkOperands() {
  int64_t ways = reversed.size(), rows = gates * hidden;
  SmallVector<int64_t> state = {ways, batch, hidden};
  if (isBatchFirst)
    std::swap(state[0], state[1]);
  bool isLstm = cell == Cell::lstm;
  return checkShape(RecurrentInput::bias, {ways, 2 * rows}) &&
         checkShape(RecurrentInput::lengths, {batch}) &&
         checkShape(RecurrentInput::h, state) &&
         (!isLstm || checkShape(RecurrentInput::c, state)) &&
         (!isLstm || checkShape(RecurrentInput::peepholes, {ways, 3 * hidden}));
}

Value RecurrentConverter::part(size_t i, int64_t d) {
  Value v = node.inputs()[i];
  return node.reshape(node.slice(v, 0, d, 1), nn::shapeOf(v).drop_front());
}

Value RecurrentConverter::inputProduct(int64_t d, Value bias) {
  return product(x, part(RecurrentInput::w, d), bias);
}

Value RecurrentConverter::stateProduct(const Direction &d, Value h) {
  return product(h, d.r, {});
}

Value RecurrentConverter::initialState(size_t i, int64_t d) {
  if (!node.hasInput(i)) {
    auto type = RankedTensorType::get({batch, hidden}, element);
    return node.constant(
        DenseElementsAttr::get(type, node.builder.getFloatAttr(element, 0)));
  }
  return node.reshape(node.slice(node.inputs()[i], isBatchFirst ? 1 : 0, d, 1),
                      {batch, hidden});
}

/// The biases of both parts add up, but for the one that GRU multiplies with
/// its reset gate first.
Direction RecurrentConverter::prepare(int64_t d) {
  Direction result;
  result.index = d;
  result.isReversed = reversed[d];
  result.r = part(RecurrentInput::r, d);
  Value bias;
  if (node.hasInput(RecurrentInput::bias)) {
    int64_t rows = gates * hidden;
    Value both = part(RecurrentInput::bias, d);
    bias = node.slice(both, 0, 0, rows);
    Value own = node.slice(both, 0, rows, rows);
    if (cell == Cell::gru && node.intAttr("linear_before_reset", 0))
      result.recurrentBias = own;
    else
      bias = add(bias, own);
  }
  result.inputPart = inputProduct(d, bias);
  result.init.push_back(initialState(RecurrentInput::h, d));
  if (cell == Cell::lstm) {
    result.init.push_back(initialState(RecurrentInput::c, d));
    if (node.hasInput(RecurrentInput::peepholes))
      for (int64_t i = 0; i < 3; ++i)
        result.p.push_back(node.slice(part(RecurrentInput::peepholes, d), 0,
                                      i * hidden, hidden));
  }
  if (cell == Cell::gru && !node.intAttr("linear_before_reset", 0)) {
    result.rCandidate = node.slice(result.r, 0, 2 * hidden, hidden);
    result.r = node.slice(result.r, 0, 0, 2 * hidden);
  }
  size_t count = activations.size() / reversed.size();
  result.activations = ArrayRef(activations).slice(d * count, count);
  return result;
}

SmallVector<Value> RecurrentConverter::rnnStep(const Direction &d, Value x,
                                               Value h) {
  return {d.activations[0](node, clipped(add(product(h, d.r, {}), x)))};
}

/// Gates z, r, h.
SmallVector<Value> RecurrentConverter::gruStep(const Direction &d, Value x,
                                               Value h) {
  const Activation &f = d.activations[0], &g = d.activations[1];
  Value zr, candidate;
  if (node.intAttr("linear_before_reset", 0)) {
    Value part = product(h, d.r, d.recurrentBias);
    zr = f(node, clipped(add(gate(part, 0, 2), gate(x, 0, 2))));
    candidate = mul(gate(zr, 1), gate(part, 2));
  } else {
    zr = f(node, clipped(add(product(h, d.r, {}), gate(x, 0, 2))));
    candidate = product(mul(gate(zr, 1), h), d.rCandidate, {});
  }
  candidate = g(node, clipped(add(candidate, gate(x, 2))));
  Value z = gate(zr, 0);
  return {add(mul(oneMinus(z), candidate), mul(z, h))};
}

/// Gates i, o, f, c.
SmallVector<Value> RecurrentConverter::lstmStep(const Direction &d, Value x,
                                                Value h, Value c) {
  const Activation &f = d.activations[0], &g = d.activations[1],
                   &last = d.activations[2];
  Value all = add(stateProduct(d, h), x);
  auto peep = [&](Value v, size_t i, Value state) {
    return d.p.empty() ? v : add(v, mul(d.p[i], state));
  };
  Value input = f(node, clipped(peep(gate(all, 0), 0, c)));
  Value forget = node.intAttr("input_forget", 0)
                     ? oneMinus(input)
                     : f(node, clipped(peep(gate(all, 2), 2, c)));
  Value candidate = g(node, clipped(gate(all, 3)));
  Value next = add(mul(forget, c), mul(input, candidate));
  Value output = f(node, clipped(peep(gate(all, 1), 1, next)));
  return {mul(output, last(node, next)), next};
}

SmallVector<Value> RecurrentConverter::step(const Direction &d, Value x,
                                            ArrayRef<Value> state) {
  switch (cell) {
  case Cell::rnn:
    return rnnStep(d, x, state[0]);
  case Cell::gru:
    return gruStep(d, x, state[0]);
  case Cell::lstm:
    return lstmStep(d, x, state[0], state[1]);
  }
  llvm_unreachable("all cells are listed");
}

bool RecurrentConverter::needsMask() {
  if (!node.hasInput(RecurrentInput::lengths))
    return false;
  std::optional<SmallVector<int64_t>> known = nn::constantIntegers(
      node.constantOf(node.inputs()[RecurrentInput::lengths]));
  return !known ||
         llvm::any_of(*known, [&](int64_t length) { return length < steps; });
}

Value RecurrentConverter::lengths() {
  return node.reshape(node.cast(node.inputs()[RecurrentInput::lengths],
                                node.builder.getI64Type()),
                      {batch, 1});
}

void RecurrentConverter::mask(const Direction &d, Value step,
                              ArrayRef<Value> before,
                              SmallVectorImpl<Value> &next, Value &output) {
  if (d.isReversed)
    step = node.create<nn::SubOp>(
        node.scalar(node.builder.getI64Type(), steps - 1), step);
  Value isInside = node.create<nn::LessOp>(step, sequenceLengths);
  output =
      node.create<nn::SelectOp>(isInside, next[0], node.scalar(element, 0));
  for (auto [value, old] : llvm::zip(next, before))
    value = node.create<nn::SelectOp>(isInside, value, old);
}

/// The last states, then the outputs of all steps.
SmallVector<Value> RecurrentConverter::loop(const Direction &d) {
  Builder &b = node.builder;
  NewRegion region(node);
  Block *block = region.block();
  block->addArgument(RankedTensorType::get({}, b.getI64Type()), node.loc);
  SmallVector<Type> types;
  for (Value init : d.init) {
    types.push_back(init.getType());
    block->addArgument(init.getType(), node.loc);
  }
  types.push_back(RankedTensorType::get({steps, batch, hidden}, element));
  Value x = block->addArgument(
      RankedTensorType::get({batch, gates * hidden}, element), node.loc);
  {
    OpBuilder::InsertionGuard guard(node.builder);
    node.builder.setInsertionPointToEnd(block);
    SmallVector<Value> state(block->getArguments().slice(1, d.init.size()));
    SmallVector<Value> next = step(d, x, state);
    Value output = next[0];
    if (sequenceLengths)
      mask(d, block->getArgument(0), state, next, output);
    if (node.failed())
      return {};
    next.push_back(output);
    nn::YieldOp::create(node.builder, node.loc, next);
  }
  auto op = nn::ScanOp::create(
      node.builder, node.loc, types, d.init, ValueRange(d.inputPart),
      b.getI64IntegerAttr(steps), b.getDenseBoolArrayAttr({d.isReversed}),
      b.getDenseBoolArrayAttr({d.isReversed}));
  op.getBody().takeBody(region.body());
  return SmallVector<Value>(checked(node, op));
}

/// The directions' values, each reshaped to `shape`, side by side along the
/// third last dimension, and permuted where the batch comes first.
Value RecurrentConverter::stacked(ArrayRef<Value> parts,
                                  ArrayRef<int64_t> shape,
                                  ArrayRef<int64_t> permutation) {
  int64_t axis = shape.size() - 3;
  SmallVector<Value> reshaped;
  for (Value part : parts)
    reshaped.push_back(node.reshape(part, shape));
  if (llvm::is_contained(reshaped, Value()))
    return {};
  Value v = reshaped.front();
  if (reshaped.size() > 1)
    v = node.create<nn::ConcatOp>(ValueRange(reshaped),
                                  node.builder.getI64IntegerAttr(axis));
  return isBatchFirst ? node.transpose(v, permutation) : v;
}

Values RecurrentConverter::convert() {
  if (!readShapes())
    return {};
  if (needsMask())
    sequenceLengths = lengths();
  size_t states = cell == Cell::lstm ? 2 : 1;
  SmallVector<SmallVector<Value>, 3> results(states + 1);
  for (size_t d = 0; d < reversed.size(); ++d) {
    Direction direction = prepare(d);
    if (node.failed())
      return {};
    SmallVector<Value> values = loop(direction);
    if (node.failed())
      return {};
    for (auto [list, value] : llvm::zip(results, values))
      list.push_back(value);
  }
  Values outputs;
  outputs.push_back(
      stacked(results.back(), {steps, 1, batch, hidden}, {2, 0, 1, 3}));
  for (size_t i = 0; i < states; ++i)
    outputs.push_back(stacked(results[i], {1, batch, hidden}, {1, 0, 2}));
  return outputs;
}

namespace {
Values rnn(Node &node) { return RecurrentConverter(node, Cell::rnn).convert(); }
Values gru(Node &node) { return RecurrentConverter(node, Cell::gru).convert(); }
Values lstm(Node &node) {
  return RecurrentConverter(node, Cell::lstm).convert();
}
} // namespace

llvm::ArrayRef<Converter> mlc::recurrentConverters() {
  static const Converter table[] = {
      {"GRU", gru},
      {"LSTM", lstm},
      {"RNN", rnn},
  };
  return table;
}
