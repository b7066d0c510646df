//===- FoldWeights.cpp - Factors and sums into weights --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/GraphIndex.h"
#include "Calibrate/Prepare.h"

#include <cmath>

using namespace mlc;
using namespace mlc::calibrate;

namespace {

/// y = factor * x + addend, by channel.
struct Affine {
  std::vector<double> factor, addend;
};

/// A Conv or Gemm with constant weights, of which all are known.
struct Product {
  onnx::NodeProto *node;
  std::vector<float> weights, bias; // bias: as many as channels
  std::vector<int64_t> shape;       // of the weights
  int64_t channels = 0;

  /// The channel of the weight at `i`.
  int64_t channelOf(int64_t i) const {
    bool isFirst = node->op_type() == "Conv" || intOf(*node, "transB", 0);
    int64_t inner = static_cast<int64_t>(weights.size()) / shape[0];
    return isFirst ? i / inner : i % channels;
  }
};

} // namespace

/// One number a channel of what `product` gives, from a constant that is
/// broadcast to it; nullopt where it differs by position.
static std::optional<std::vector<double>>
byChannel(const onnx::TensorProto *tensor, const Product &product) {
  std::optional<std::vector<float>> values = floatsOf(tensor);
  if (!values)
    return std::nullopt;
  if (values->size() == 1 && tensor->dims_size() <= 1)
    return std::vector<double>(product.channels, values->front());
  bool isConv = product.node->op_type() == "Conv";
  int64_t rank = isConv ? product.shape.size() : 2;
  int64_t axis = 1 - (rank - tensor->dims_size());
  if (static_cast<int64_t>(values->size()) != product.channels || axis < 0 ||
      tensor->dims(axis) != product.channels)
    return std::nullopt;
  return std::vector<double>(values->begin(), values->end());
}

static std::optional<Product> productAt(onnx::GraphProto &graph,
                                        const GraphIndex &index, int at) {
  onnx::NodeProto *node = graph.mutable_node(at);
  bool isConv = node->op_type() == "Conv", isGemm = node->op_type() == "Gemm";
  if ((!isConv && !isGemm) || !node->domain().empty() || node->input_size() < 2)
    return std::nullopt;
  const onnx::TensorProto *tensor = index.constant(node->input(1));
  std::optional<std::vector<float>> weights = floatsOf(tensor);
  if (!weights || weights->empty() || tensor->dims_size() < 2)
    return std::nullopt;
  Product product{node, std::move(*weights), {}, {}, 0};
  product.shape = {tensor->dims().begin(), tensor->dims().end()};
  bool isFirst = isConv || intOf(*node, "transB", 0);
  product.channels = product.shape[isFirst ? 0 : 1];
  product.bias.assign(product.channels, 0);
  if (isGemm && (floatOf(*node, "alpha", 1) != 1 ||
                 floatOf(*node, "beta", 1) != 1 || intOf(*node, "transA", 0)))
    return std::nullopt;
  if (node->input_size() < 3 || node->input(2).empty())
    return product;
  const onnx::TensorProto *added = index.constant(node->input(2));
  auto bias = floatsOf(added);
  if (!bias || static_cast<int64_t>(bias->size()) != product.channels ||
      added->dims_size() == 0 ||
      added->dims(added->dims_size() - 1) != product.channels)
    return std::nullopt;
  product.bias = std::move(*bias);
  return product;
}

static std::optional<Affine> batchNormalization(const onnx::NodeProto &node,
                                                const GraphIndex &index,
                                                const Product &product) {
  if (node.input_size() != 5 || node.output_size() != 1 ||
      intOf(node, "training_mode", 0) != 0)
    return std::nullopt;
  std::optional<std::vector<float>> p[4];
  for (int i = 0; i < 4; ++i) {
    p[i] = floatsOf(index.constant(node.input(i + 1)));
    if (!p[i] || static_cast<int64_t>(p[i]->size()) != product.channels)
      return std::nullopt;
  }
  Affine affine;
  for (int64_t c = 0; c < product.channels; ++c) {
    double variance = (*p[3])[c], mean = (*p[2])[c];
    double factor =
        (*p[0])[c] / std::sqrt(variance + floatOf(node, "epsilon", 1e-5f));
    affine.factor.push_back(factor);
    affine.addend.push_back((*p[1])[c] - mean * factor);
  }
  return affine;
}

/// What the only reader of a product's result makes of it.
static std::optional<Affine> affineOf(const onnx::NodeProto &node, int operand,
                                      const GraphIndex &index,
                                      const Product &product) {
  if (!node.domain().empty())
    return std::nullopt;
  if (node.op_type() == "BatchNormalization" && operand == 0)
    return batchNormalization(node, index, product);
  bool isAdd = node.op_type() == "Add";
  if (!isAdd && node.op_type() != "Mul")
    return std::nullopt;
  auto numbers = byChannel(index.constant(node.input(1 - operand)), product);
  if (!numbers)
    return std::nullopt;
  std::vector<double> others(product.channels, isAdd ? 1 : 0);
  return isAdd ? Affine{others, *numbers} : Affine{*numbers, others};
}

static void apply(const Affine &affine, Product &product) {
  for (size_t i = 0; i < product.weights.size(); ++i)
    product.weights[i] = static_cast<float>(
        product.weights[i] * affine.factor[product.channelOf(i)]);
  for (int64_t c = 0; c < product.channels; ++c)
    product.bias[c] = static_cast<float>(product.bias[c] * affine.factor[c] +
                                         affine.addend[c]);
}

static bool isFinite(const Affine &affine) {
  auto finite = [](double x) { return std::isfinite(x); };
  return llvm::all_of(affine.factor, finite) &&
         llvm::all_of(affine.addend, finite);
}

/// Takes the reader of the node at `at` into it; false where it cannot be, and
/// `index` is still right then.
static bool foldOne(onnx::GraphProto &graph, int at, const GraphIndex &index,
                    NewNames &names) {
  std::optional<Reader> reader;
  if (graph.node(at).output_size() == 1)
    reader = index.onlyReader(graph.node(at).output(0));
  if (!reader)
    return false;
  std::optional<Product> product = productAt(graph, index, at);
  if (!product)
    return false;
  onnx::NodeProto &next = *graph.mutable_node(reader->node);
  auto affine = affineOf(next, reader->operand, index, *product);
  if (!affine || !isFinite(*affine))
    return false;
  apply(*affine, *product);
  onnx::NodeProto &node = *product->node;
  std::string weights = names.make(node.input(1) + "_folded");
  std::string bias = names.make(weights + "_bias");
  *graph.add_initializer() =
      makeFloats(weights, product->shape, product->weights);
  *graph.add_initializer() = makeFloats(bias, product->channels, product->bias);
  node.set_input(1, weights);
  if (node.input_size() < 3)
    node.add_input();
  node.set_input(2, bias);
  node.set_output(0, next.output(0));
  graph.mutable_node()->DeleteSubrange(reader->node, 1);
  return true;
}

void calibrate::foldIntoWeights(onnx::GraphProto &graph) {
  NewNames names(graph);
  auto index = std::make_unique<GraphIndex>(graph);
  for (int i = 0; i < graph.node_size(); ++i)
    while (foldOne(graph, i, *index, names))
      index = std::make_unique<GraphIndex>(graph);
}
