//===- Plan.cpp - What of a model becomes integers ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Plan.h"

#include "Calibrate/GraphIndex.h"

#include "llvm/ADT/StringSet.h"

using namespace mlc;
using namespace mlc::calibrate;

//===----------------------------------------------------------------------===//
// Kinds of operators
//===----------------------------------------------------------------------===//

namespace {
enum class Kind {
  Other,
  Product,  ///< Conv, Gemm, MatMul with constant weights
  Limit,    ///< Relu and Clip, which the stored range holds
  Function, ///< of one value, element by element
  Binary,   ///< of two values, element by element
  Average,  ///< over windows
  Movement, ///< of operand 0
  Concat
};
} // namespace

static bool isIn(const llvm::StringSet<> &names, const onnx::NodeProto &node) {
  return node.domain().empty() && names.contains(node.op_type());
}

/// Whether operand `i` and those behind it are constants.
static bool hasConstantsFrom(const onnx::NodeProto &node, int i,
                             const GraphIndex &index) {
  for (; i < node.input_size(); ++i)
    if (!node.input(i).empty() && !index.constant(node.input(i)))
      return false;
  return true;
}

static bool isProduct(const onnx::NodeProto &node, const GraphIndex &index) {
  static const llvm::StringSet<> products = {"Conv", "Gemm", "MatMul"};
  if (!isIn(products, node) || node.input_size() < 2)
    return false;
  const onnx::TensorProto *weights = index.constant(node.input(1));
  if (!weights || weights->data_type() != onnx::TensorProto::FLOAT ||
      index.constant(node.input(0)))
    return false;
  for (int64_t size : weights->dims())
    if (size == 0)
      return false;
  if (node.op_type() == "Conv")
    return weights->dims_size() >= 3 && hasConstantsFrom(node, 2, index);
  if (weights->dims_size() != 2)
    return false;
  return node.op_type() == "MatMul" ||
         (floatOf(node, "alpha", 1) == 1 && floatOf(node, "beta", 1) == 1 &&
          intOf(node, "transA", 0) == 0 && hasConstantsFrom(node, 2, index));
}

/// Whether a Pad fills with what integers hold exactly.
static bool padsExactly(const onnx::NodeProto &node, const GraphIndex &index) {
  if (!hasConstantsFrom(node, 1, index))
    return false;
  if (node.input_size() < 3 || node.input(2).empty())
    return true;
  auto value = floatsOf(index.constant(node.input(2)));
  return value && value->size() == 1 && value->front() == 0;
}

static Kind kindOf(const onnx::NodeProto &node, const GraphIndex &index) {
  static const llvm::StringSet<> limits = {"Relu", "Clip"};
  static const llvm::StringSet<> functions = {
      "Abs",  "Celu", "Elu",       "Exp",     "Gelu", "HardSigmoid",
      "Neg",  "Selu", "HardSwish", "Sigmoid", "Mish", "LeakyRelu",
      "Sqrt", "Tanh", "Softplus",  "PRelu",   "Erf",  "Softsign"};
  static const llvm::StringSet<> binaries = {"Add", "Sub", "Mul", "Div"};
  static const llvm::StringSet<> averages = {"AveragePool", "GlobalAveragePool",
                                             "ReduceMean"};
  static const llvm::StringSet<> movements = {
      "DepthToSpace", "Flatten",   "Identity", "MaxPool",
      "Reshape",      "Slice",     "Squeeze",  "SpaceToDepth",
      "Split",        "Transpose", "Unsqueeze"};
  if (isProduct(node, index))
    return Kind::Product;
  if (isIn(limits, node))
    return hasConstantsFrom(node, 1, index) ? Kind::Limit : Kind::Other;
  if (isIn(functions, node))
    return hasConstantsFrom(node, 1, index) ? Kind::Function : Kind::Other;
  if (isIn(binaries, node) && node.input_size() == 2) {
    bool left = index.constant(node.input(0)),
         right = index.constant(node.input(1));
    if (left || right)
      return Kind::Function;
    return node.op_type() == "Div" ? Kind::Other : Kind::Binary;
  }
  if (isIn(averages, node))
    return Kind::Average;
  if (isIn(movements, node))
    return Kind::Movement;
  if (isIn({"Pad"}, node) && padsExactly(node, index))
    return Kind::Movement;
  return isIn({"Concat"}, node) ? Kind::Concat : Kind::Other;
}

bool calibrate::readsExactly(const onnx::NodeProto &node) {
  static const llvm::StringSet<> ops = {"ArgMax",
                                        "ArgMin",
                                        "Cast",
                                        "Equal",
                                        "Greater",
                                        "GreaterOrEqual",
                                        "IsNaN",
                                        "IsInf",
                                        "Less",
                                        "LessOrEqual",
                                        "NonMaxSuppression",
                                        "NonZero",
                                        "TopK",
                                        "Unique"};
  return isIn(ops, node);
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// The Add with a constant for each column behind a MatMul.
static void findBiasNode(Layer &layer, const GraphIndex &index) {
  std::optional<Reader> reader = index.onlyReader(layer.output);
  if (!reader)
    return;
  const onnx::NodeProto &node = index.node(reader->node);
  if (!isIn({"Add"}, node))
    return;
  const std::string &other = node.input(1 - reader->operand);
  const onnx::TensorProto *added = index.constant(other);
  if (!floatsOf(added) || added->dims_size() != 1 ||
      added->dims(0) != layer.rows)
    return;
  layer.biasNode = reader->node;
  layer.bias = other;
  layer.output = node.output(0);
}

static Layer layerAt(int at, const GraphIndex &index) {
  const onnx::NodeProto &node = index.node(at);
  const onnx::TensorProto &weights = *index.constant(node.input(1));
  Layer layer;
  layer.node = at;
  layer.name = node.name().empty() ? node.output(0) : node.name();
  layer.op = node.op_type();
  layer.input = node.input(0);
  layer.weights = node.input(1);
  layer.output = node.output(0);
  layer.shape = {weights.dims().begin(), weights.dims().end()};
  bool isConv = layer.op == "Conv";
  layer.axis = isConv || intOf(node, "transB", 0) ? 0 : 1;
  layer.rows = layer.shape[layer.axis];
  layer.columns = 1;
  for (int64_t size : layer.shape)
    layer.columns *= size;
  layer.columns /= layer.rows;
  layer.groups = isConv ? intOf(node, "group", 1) : 1;
  if (layer.op == "MatMul")
    findBiasNode(layer, index);
  else if (node.input_size() > 2)
    layer.bias = node.input(2);
  return layer;
}

//===----------------------------------------------------------------------===//
// Points
//===----------------------------------------------------------------------===//

namespace {

class Planner {
public:
  Planner(const onnx::GraphProto &graph, bool roundsAll)
      : graph(graph), index(graph), roundsAll(roundsAll) {
    for (const onnx::NodeProto &node : graph.node())
      kinds.push_back(kindOf(node, index));
  }

  Plan make() {
    for (size_t i = 0; i < kinds.size(); ++i)
      if (kinds[i] == Kind::Product && isBiasByChannel(i))
        plan.layers.push_back(layerAt(static_cast<int>(i), index));
    for (const Layer &layer : plan.layers)
      if (layer.biasNode >= 0)
        kinds[layer.biasNode] = Kind::Product;
    for (const Layer &layer : plan.layers)
      want(layer.input);
    findIntegers();
    while (!open.empty()) {
      int point = open.back();
      open.pop_back();
      look(plan.points[point].value, point);
    }
    numberGroups();
    return std::move(plan);
  }

private:
  /// Whether the bias is one number a row, or there is none.
  bool isBiasByChannel(size_t node) const {
    const onnx::NodeProto &product = index.node(static_cast<int>(node));
    if (product.op_type() == "MatMul" || product.input_size() < 3 ||
        product.input(2).empty())
      return true;
    const onnx::TensorProto *bias = index.constant(product.input(2));
    const onnx::TensorProto *weights = index.constant(product.input(1));
    bool isFirst = product.op_type() == "Conv" || intOf(product, "transB", 0);
    int64_t rows = weights->dims(isFirst ? 0 : 1);
    auto values = floatsOf(bias);
    return values && static_cast<int64_t>(values->size()) == rows &&
           bias->dims(bias->dims_size() - 1) == rows;
  }

  Kind producerKind(llvm::StringRef value) const {
    int producer = index.producer(value);
    return producer < 0 ? Kind::Other : kinds[producer];
  }

  int want(const std::string &value) {
    auto [it, isNew] = numbers.try_emplace(value, plan.points.size());
    if (isNew) {
      plan.points.push_back({value, it->second, true});
      open.push_back(it->second);
    }
    return it->second;
  }

  int rootOf(int point) const {
    while (plan.points[point].group != point)
      point = plan.points[point].group;
    return point;
  }
  /// Gives both one scale; `part` has no values that the other has not.
  void tie(int part, int whole) {
    plan.points[part].isSeen = false;
    plan.points[rootOf(part)].group = rootOf(whole);
  }

  void findIntegers();
  void look(const std::string &value, int point);
  void lookAtOperand(const std::string &value);
  void lookAtPair(const onnx::NodeProto &node);
  bool staysInRegisters(const std::string &value) const;
  std::optional<std::string> onlySource(const std::string &value,
                                        std::set<int> &region) const;
  bool isComputedFrom(const std::string &source,
                      const std::set<int> &region) const;
  void numberGroups();

  const onnx::GraphProto &graph;
  GraphIndex index;
  bool roundsAll;
  std::vector<Kind> kinds;    ///< by node
  llvm::StringSet<> integers; ///< values made of integers by integer operators
  llvm::StringMap<int> numbers;
  std::vector<int> open;
  Plan plan;
};

} // namespace

void Planner::findIntegers() {
  for (const onnx::ValueInfoProto &input : graph.input())
    integers.insert(input.name());
  for (size_t i = 0; i < kinds.size(); ++i) {
    const onnx::NodeProto &node = index.node(static_cast<int>(i));
    bool isMade = kinds[i] == Kind::Product ||
                  (kinds[i] != Kind::Other &&
                   llvm::all_of(node.input(), [&](const std::string &input) {
                     return input.empty() || index.constant(input) ||
                            integers.contains(input);
                   }));
    if (isMade)
      integers.insert_range(node.output());
  }
}

/// Whether `value` need not be stored: one reader, which is computed with it.
bool Planner::staysInRegisters(const std::string &value) const {
  std::optional<Reader> reader = index.onlyReader(value);
  if (!reader)
    return false;
  Kind kind = producerKind(value);
  bool isComputed = kind == Kind::Limit || kind == Kind::Product ||
                    kind == Kind::Function || kind == Kind::Binary;
  // The stored range holds limits, however a value is computed.
  return isComputed && (!roundsAll || kinds[reader->node] == Kind::Limit);
}

/// An operand of what is computed behind it, element by element.
void Planner::lookAtOperand(const std::string &value) {
  if (staysInRegisters(value))
    look(value, -1);
  else
    want(value);
}

/// The one value that `value` is a function of, element by element, as
/// x * sigmoid(x) is; `region` are the nodes that compute it. nullopt where
/// there are several.
std::optional<std::string> Planner::onlySource(const std::string &value,
                                               std::set<int> &region) const {
  std::optional<std::string> source;
  std::vector<std::string> next = {value};
  while (!next.empty()) {
    std::string at = std::move(next.back());
    next.pop_back();
    int producer = index.producer(at);
    Kind kind = producerKind(at);
    if (kind == Kind::Limit || kind == Kind::Function || kind == Kind::Binary) {
      if (region.insert(producer).second)
        for (const std::string &input : index.node(producer).input())
          if (!input.empty() && !index.constant(input))
            next.push_back(input);
    } else if (source && *source != at) {
      return std::nullopt;
    } else {
      source = at;
    }
  }
  return source;
}

/// Whether `source` is the result of a layer that nothing but `region` reads,
/// which hence can be computed as it comes.
bool Planner::isComputedFrom(const std::string &source,
                             const std::set<int> &region) const {
  return !roundsAll && producerKind(source) == Kind::Product &&
         !index.isOutput(source) &&
         llvm::all_of(index.readers(source), [&](Reader reader) {
           return reader.operand >= 0 && region.count(reader.node);
         });
}

/// One operand at most comes out of registers.
void Planner::lookAtPair(const onnx::NodeProto &node) {
  int first = index.producer(node.input(0)),
      second = index.producer(node.input(1));
  int later = first > second ? 0 : 1;
  if (!staysInRegisters(node.input(later)))
    later = 1 - later;
  want(node.input(1 - later));
  lookAtOperand(node.input(later));
}

/// What has to be stored for `value`; `point` is its number if it is stored
/// itself.
void Planner::look(const std::string &value, int point) {
  int producer = index.producer(value);
  if (producer < 0 || !integers.contains(value))
    return;
  const onnx::NodeProto &node = index.node(producer);
  switch (kinds[producer]) {
  case Kind::Product:
  case Kind::Other:
    return;
  case Kind::Limit:
    return lookAtOperand(node.input(0));
  case Kind::Function:
    return lookAtOperand(
        node.input(index.constant(node.input(0)) && node.input_size() > 1));
  case Kind::Binary: {
    std::set<int> region;
    std::optional<std::string> source = onlySource(value, region);
    if (!source)
      return lookAtPair(node);
    if (!isComputedFrom(*source, region))
      want(*source);
    return;
  }
  case Kind::Average:
    want(node.input(0));
    return;
  case Kind::Movement:
    if (point >= 0)
      tie(point, want(node.input(0)));
    return;
  case Kind::Concat:
    if (point < 0)
      return;
    for (const std::string &input : node.input())
      if (!index.constant(input) && index.onlyReader(input))
        tie(want(input), point);
    return;
  }
}

/// Groups from 0, in the order of points.
void Planner::numberGroups() {
  std::vector<int> roots, number(plan.points.size(), -1);
  for (size_t i = 0; i < plan.points.size(); ++i)
    roots.push_back(rootOf(static_cast<int>(i)));
  for (size_t i = 0; i < plan.points.size(); ++i) {
    int &of = number[roots[i]];
    if (of < 0)
      of = plan.groups++;
    plan.points[i].group = of;
  }
}

int Plan::groupOf(const std::string &value) const {
  for (const Point &point : points)
    if (point.value == value)
      return point.group;
  return -1;
}

Plan calibrate::makePlan(const onnx::GraphProto &graph, bool roundsAll) {
  return Planner(graph, roundsAll).make();
}
