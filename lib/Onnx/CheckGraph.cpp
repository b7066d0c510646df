//===- CheckGraph.cpp - What is wrong with a graph ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Onnx/CheckGraph.h"

#include "Onnx/LibOnnx.h"
#include "Onnx/SortNodes.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"

#include <climits>

using namespace mlc;

static std::string typeName(int type) {
  return onnx::AttributeProto_AttributeType_Name(
      static_cast<onnx::AttributeProto_AttributeType>(type));
}

static std::string dataTypeName(int type) {
  return onnx::TensorProto_DataType_Name(
      static_cast<onnx::TensorProto_DataType>(type));
}

/// "2" or "1 to 3" or "2 or more".
static std::string countRange(int least, int most) {
  if (least == most)
    return std::to_string(least);
  if (most == INT_MAX)
    return std::to_string(least) + " or more";
  return std::to_string(least) + " to " + std::to_string(most);
}

/// Names without the empty ones at the end, which say nothing.
static int
givenCount(const google::protobuf::RepeatedPtrField<std::string> &names) {
  int count = names.size();
  while (count > 0 && names[count - 1].empty())
    --count;
  return count;
}

/// The number of names is compared as it is where that is allowed: Concat of
/// one input may have it empty.
static bool
isCountIn(const google::protobuf::RepeatedPtrField<std::string> &names,
          int least, int most) {
  return names.size() >= least && givenCount(names) <= most;
}

//===----------------------------------------------------------------------===//
// One node
//===----------------------------------------------------------------------===//

namespace {
class NodeCheck {
public:
  NodeCheck(const onnx::NodeProto &node, const OperatorSchema &schema,
            int opset)
      : node(node), schema(schema), opset(opset) {}

  std::vector<std::string> run() {
    if (schema.deprecated && !wasReplaced()) {
      add("operator '" + node.op_type() + "' is not part of ONNX from opset " +
          llvm::Twine(schema.sinceVersion) + " on, the model is of opset " +
          llvm::Twine(opset));
      return std::move(problems);
    }
    checkInputs();
    checkOutputs();
    checkAttributes();
    return std::move(problems);
  }

private:
  /// GroupNormalization's first version was deprecated years later, when
  /// models of its opsets were there; other names ended with an opset.
  bool wasReplaced() const { return node.op_type() == "GroupNormalization"; }

  void add(const llvm::Twine &text) { problems.push_back(text.str()); }

  void checkInputs() {
    if (!isCountIn(node.input(), schema.minInputs, schema.maxInputs))
      return add("has " + llvm::Twine(node.input_size()) +
                 " inputs, the operator takes " +
                 countRange(schema.minInputs, schema.maxInputs));
    for (auto [i, name] : llvm::enumerate(schema.requiredInputs))
      if (!name.empty() && int(i) < node.input_size() && node.input(i).empty())
        add("input " + llvm::Twine(i) + " ('" + name + "') is required");
  }

  void checkOutputs() {
    if (!isCountIn(node.output(), schema.minOutputs, schema.maxOutputs))
      add("has " + llvm::Twine(node.output_size()) +
          " outputs, the operator gives " +
          countRange(schema.minOutputs, schema.maxOutputs));
  }

  void checkAttributes() {
    llvm::StringSet<> given;
    for (const onnx::AttributeProto &attribute : node.attribute()) {
      if (!given.insert(attribute.name()).second)
        add("has the attribute '" + attribute.name() + "' twice");
      checkAttribute(attribute);
    }
    for (const std::string &name : schema.required)
      if (!given.contains(name))
        add("lacks the attribute '" + name + "', which is required");
  }

  void checkAttribute(const onnx::AttributeProto &attribute) {
    auto wanted = schema.attributeTypes.find(attribute.name());
    if (wanted == schema.attributeTypes.end()) {
      // Tools keep notes in names of this form.
      if (!llvm::StringRef(attribute.name()).starts_with("__"))
        add("has the attribute '" + attribute.name() +
            "', which the operator does not take at opset " +
            llvm::Twine(opset));
      return;
    }
    // The first version of the format had no types.
    if (attribute.type() != onnx::AttributeProto::UNDEFINED &&
        attribute.type() != wanted->second)
      add("attribute '" + attribute.name() + "' is of type " +
          typeName(attribute.type()) + ", " + typeName(wanted->second) +
          " is required");
  }

  const onnx::NodeProto &node;
  const OperatorSchema &schema;
  int opset;
  std::vector<std::string> problems;
};

/// Schemas are looked up and copied once per operator.
class Schemas {
public:
  explicit Schemas(int opset) : opset(opset) {}

  const OperatorSchema *find(const onnx::NodeProto &node) {
    auto [entry, isNew] = table.try_emplace(
        (llvm::Twine(node.domain()) + "::" + node.op_type()).str());
    if (isNew)
      entry->second = schemaOf(node.op_type(), node.domain(), opset);
    // The opset is the default domain's: an operator that another domain has
    // left may be in the version that the model is of.
    bool isStandard = node.domain().empty() || node.domain() == "ai.onnx";
    if (!isStandard && entry->second && entry->second->deprecated)
      return nullptr;
    return entry->second ? &*entry->second : nullptr;
  }

private:
  int opset;
  llvm::StringMap<std::optional<OperatorSchema>> table;
};

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

class GraphCheck {
public:
  explicit GraphCheck(int opset) : opset(opset), schemas(opset) {}

  void check(const onnx::GraphProto &graph) {
    scopes.emplace_back();
    define(graph);
    for (auto [i, node] : llvm::enumerate(graph.node()))
      checkNode(node, i);
    for (const onnx::ValueInfoProto &output : graph.output())
      if (!isDefined(output.name()))
        add(nullptr, 0, "output '" + output.name() + "' is not defined");
    scopes.pop_back();
  }

  std::vector<GraphProblem> problems;

private:
  void add(const onnx::NodeProto *node, int64_t index, const llvm::Twine &text,
           bool isWarning = false) {
    problems.push_back({node, index, text.str(), isWarning});
  }

  bool isDefined(llvm::StringRef name) const {
    return llvm::any_of(scopes, [&](const llvm::StringSet<> &scope) {
      return scope.contains(name);
    });
  }

  void define(const onnx::GraphProto &graph) {
    llvm::StringSet<> &scope = scopes.back();
    llvm::StringSet<> constants;
    for (const onnx::ValueInfoProto &input : graph.input())
      if (!scope.insert(input.name()).second)
        add(nullptr, 0, "has two inputs named '" + input.name() + "'");
    llvm::StringMap<const onnx::TypeProto *> types;
    for (const onnx::ValueInfoProto &input : graph.input())
      types[input.name()] = &input.type();
    auto defineConstant = [&](const std::string &name) {
      if (!constants.insert(name).second)
        add(nullptr, 0,
            "has two initializers named '" + name + "'; the last one counts",
            /*isWarning=*/true);
      scope.insert(name);
    };
    for (const onnx::TensorProto &tensor : graph.initializer()) {
      defineConstant(tensor.name());
      checkDefault(tensor, types.lookup(tensor.name()));
    }
    for (const onnx::SparseTensorProto &tensor : graph.sparse_initializer())
      defineConstant(tensor.values().name());
    for (auto [i, node] : llvm::enumerate(graph.node()))
      for (const std::string &name : node.output())
        if (!name.empty() && !scope.insert(name).second)
          add(&node, i,
              "makes '" + name +
                  "', which is the name of another value already");
  }

  /// An initializer with an input's name is its default, and must be a value
  /// of it.
  void checkDefault(const onnx::TensorProto &tensor,
                    const onnx::TypeProto *type) {
    if (!type || !type->has_tensor_type())
      return;
    const onnx::TypeProto::Tensor &input = type->tensor_type();
    std::string name = "initializer '" + tensor.name() + "' ";
    if (input.elem_type() != tensor.data_type())
      add(nullptr, 0,
          name + "has elements of " + dataTypeName(tensor.data_type()) +
              ", the input of that name has " +
              dataTypeName(input.elem_type()));
    bool isSame =
        !input.has_shape() || input.shape().dim_size() == tensor.dims_size();
    for (int i = 0; isSame && i < input.shape().dim_size(); ++i)
      isSame = input.shape().dim(i).dim_value() <= 0 ||
               input.shape().dim(i).dim_value() == tensor.dims(i);
    if (!isSame)
      add(nullptr, 0, name + "has another shape than the input of that name");
  }

  void checkNode(const onnx::NodeProto &node, int64_t index) {
    for (const std::string &name : node.input())
      if (!name.empty() && !isDefined(name))
        add(&node, index,
            "reads '" + name +
                "', which is no input, no initializer and no node's result");
    if (const OperatorSchema *schema = schemas.find(node))
      for (const std::string &text : NodeCheck(node, *schema, opset).run())
        add(&node, index, text);
    for (const onnx::AttributeProto &attribute : node.attribute()) {
      if (attribute.has_g())
        check(attribute.g());
      for (const onnx::GraphProto &graph : attribute.graphs())
        check(graph);
    }
  }

  int opset;
  Schemas schemas;
  std::vector<llvm::StringSet<>> scopes;
};
} // namespace

std::vector<GraphProblem> mlc::checkGraph(const onnx::GraphProto &graph,
                                          int opset) {
  GraphCheck check(opset);
  check.check(graph);
  return std::move(check.problems);
}

/// "'a' -> 'b' -> 'a'" at the first of them.
static GraphProblem asProblem(const NodeCycle &cycle) {
  auto name = [](const onnx::NodeProto *node) {
    bool isNamed = !node->name().empty() || node->output_size() == 0;
    return "'" + (isNamed ? node->name() : node->output(0)) + "'";
  };
  constexpr size_t kShown = 20;
  std::string path;
  for (const onnx::NodeProto *node : llvm::ArrayRef(cycle).take_front(kShown))
    path += name(node) + " -> ";
  if (cycle.size() > kShown)
    path += "... -> ";
  return {cycle.front(), 0,
          "reads its own result: " + path + name(cycle.front())};
}

std::vector<GraphProblem> mlc::orderAndCheck(onnx::GraphProto &graph,
                                             int opset) {
  std::vector<GraphProblem> problems;
  for (const NodeCycle &cycle : sortNodes(graph))
    problems.push_back(asProblem(cycle));
  llvm::append_range(problems, checkGraph(graph, opset));
  return problems;
}

static bool fits(const onnx::GraphProto &graph, int opset, Schemas &schemas) {
  return llvm::all_of(graph.node(), [&](const onnx::NodeProto &node) {
    bool isStandard = node.domain().empty() || node.domain() == "ai.onnx";
    const OperatorSchema *schema = schemas.find(node);
    if (isStandard &&
        (!schema || !NodeCheck(node, *schema, opset).run().empty()))
      return false;
    return llvm::all_of(node.attribute(), [&](const auto &attribute) {
      return !attribute.has_g() || fits(attribute.g(), opset, schemas);
    });
  });
}

bool mlc::fitsOpset(const onnx::GraphProto &graph, int opset) {
  Schemas schemas(opset);
  return fits(graph, opset, schemas);
}
