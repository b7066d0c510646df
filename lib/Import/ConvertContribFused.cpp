//===- ConvertContribFused.cpp - Fused operators of onnxruntime's optimiser
//-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each is some operators of the standard in a row; nn-fuse joins them again, as
// far as kernels go.
//
//===----------------------------------------------------------------------===//

#include "Import/Activations.h"
#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/Delegate.h"
#include "Import/Products.h"

#include <limits>

using namespace mlir;
using namespace mlc;

namespace {

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

Value activated(Node &node, Value v, StringRef name, ArrayRef<double> given) {
  if (!v || name.empty() || name == "Identity")
    return v;
  auto parameter = [&](size_t i, double otherwise) {
    return i < given.size() ? given[i] : otherwise;
  };
  Builder &b = node.builder;
  Type element = nn::elementOf(v);
  if (name == "Clip")
    return node.create<nn::ClampOp>(
        v, node.scalar(element, parameter(0, -3.4028234663852886e38)),
        node.scalar(element, parameter(1, 3.4028234663852886e38)));
  if (name == "Selu")
    return node.create<nn::SeluOp>(
        v, b.getF64FloatAttr(parameter(0, 1.67326319217681884765625)),
        b.getF64FloatAttr(parameter(1, 1.05070102214813232421875)));
  if (name == "HardSwish")
    return node.create<nn::HardSwishOp>(v);
  if (name == "Gelu")
    return node.create<nn::GeluOp>(v, UnitAttr());
  const ActivationRow *row = findActivation(name);
  if (!row) {
    node.error() << "activation '" << name << "' is not supported";
    return {};
  }
  return Activation{row, parameter(0, row->alpha),
                    parameter(1, row->beta)}(node, v);
}

/// The attributes of FusedConv.
Value activatedByList(Node &node, Value v) {
  SmallVector<float> given = node.floatsAttr("activation_params");
  return activated(node, v, node.stringAttr("activation", ""),
                   SmallVector<double>(given.begin(), given.end()));
}

/// Those of FusedGemm and FusedMatMulActivation.
Value activatedByNames(Node &node, Value v) {
  SmallVector<double> given;
  for (StringRef name :
       {"activation_alpha", "activation_beta", "activation_gamma"})
    if (node.hasAttr(name))
      given.push_back(node.floatAttr(name, 0));
  std::string activation = node.stringAttr("activation", "");
  if (activation != "Softmax")
    return activated(node, v, activation, given);
  if (!v)
    return {};
  FailureOr<int64_t> axis = node.normalizeAxis(
      node.intAttr("activation_axis", -1), nn::shapeOf(v).size());
  if (failed(axis))
    return {};
  return node.create<nn::SoftmaxOp>(v, node.builder.getI64IntegerAttr(*axis),
                                    UnitAttr());
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// activation(Conv(X, W) + B + Z), with channels first or last in X, Y and Z.
template <bool isLast>
Values fusedConv(Node &node) {
  Value x = node.input(0);
  if (isLast && x && nn::shapeOf(x).size() > 2)
    x = node.transpose(x, channelsToFront(nn::shapeOf(x).size()));
  Value y =
      importConv(node, x, node.input(1), node.optionalInput(2), IntegerAttr());
  if (isLast && y)
    y = node.transpose(y, channelsToBack(nn::shapeOf(y).size()));
  if (node.hasInput(3))
    y = node.create<nn::AddOp>(y, node.inputs()[3]);
  return {activatedByList(node, y)};
}

Values fusedGemm(Node &node) {
  return {activatedByNames(node, importGemm(node, node.input(0), node.input(1),
                                            node.optionalInput(2)))};
}

/// `v` with its first dimension behind those of the batch, and then its last
/// two swapped, where the flags say so; vectors stay as they are.
Value rearranged(Node &node, Value v, bool moveFirst, bool swapLast) {
  if (!v || nn::shapeOf(v).size() < 2)
    return v;
  int64_t rank = nn::shapeOf(v).size();
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (moveFirst)
    std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  if (swapLast)
    std::swap(order[rank - 2], order[rank - 1]);
  return llvm::is_sorted(order) ? v : node.transpose(v, order);
}

Value scaledMatmul(Node &node) {
  Value a = rearranged(node, node.input(0), node.intAttr("transBatchA", 0),
                       node.intAttr("transA", 0));
  Value b = rearranged(node, node.input(1), node.intAttr("transBatchB", 0),
                       node.intAttr("transB", 0));
  Value v = importMatmul(node, a, b, {}, {});
  double alpha = node.floatAttr("alpha", 1);
  return alpha == 1 ? v : withScalar<nn::MulOp>(node, v, alpha);
}

Values fusedMatmul(Node &node) { return {scaledMatmul(node)}; }

Values fusedMatmulActivation(Node &node) {
  return {activatedByNames(node, scaledMatmul(node))};
}

//===----------------------------------------------------------------------===//
// Biases and Gelu
//===----------------------------------------------------------------------===//

/// Input 0 with input 1 added, where there is one.
Value biased(Node &node) {
  Value v = node.input(0);
  return node.hasInput(1) ? node.create<nn::AddOp>(v, node.inputs()[1]) : v;
}

template <bool isApproximate>
Values biasGelu(Node &node) {
  return {node.create<nn::GeluOp>(
      biased(node), isApproximate ? node.builder.getUnitAttr() : UnitAttr())};
}

Values quickGelu(Node &node) {
  double alpha = node.floatAttr("alpha", 1.702f);
  return {node.create<nn::SwishOp>(node.input(0),
                                   node.builder.getF64FloatAttr(alpha))};
}

/// Of a gate and a linear part, or of the halves of one tensor that has both.
Values swiglu(Node &node) {
  Value gate = node.input(0), linear = node.optionalInput(1);
  if (gate && !linear) {
    int64_t last = nn::shapeOf(gate).size() - 1;
    if (last < 0 || nn::shapeOf(gate)[last] % 2 != 0) {
      node.error() << "input is " << gate.getType()
                   << ", an even last dimension is required";
      return {};
    }
    int64_t half = nn::shapeOf(gate)[last] / 2;
    linear = node.slice(gate, last, half, half);
    gate = node.slice(gate, last, 0, half);
  }
  if (gate && linear && nn::shapeOf(gate) != nn::shapeOf(linear)) {
    node.error() << "gate is " << gate.getType() << " and up "
                 << linear.getType() << ", equal shapes are required";
    return {};
  }
  Builder &b = node.builder;
  double limit = node.floatAttr("limit", 0);
  bool rounds = node.intAttr("round_activation", 0) != 0;
  return {node.create<nn::SwigluOp>(
      gate, linear, b.getF64FloatAttr(node.floatAttr("activation_alpha", 1)),
      b.getF64FloatAttr(node.floatAttr("activation_beta", 0)),
      b.getF64FloatAttr(limit > 0 ? limit
                                  : std::numeric_limits<double>::infinity()),
      rounds ? b.getUnitAttr() : UnitAttr())};
}

/// The left half times the Gelu of the right one.
Values biasSplitGelu(Node &node) {
  Value v = biased(node);
  if (!v)
    return {};
  int64_t last = nn::shapeOf(v).size() - 1;
  if (last < 0 || nn::shapeOf(v)[last] % 2 != 0) {
    node.error() << "input is " << v.getType()
                 << ", an even last dimension is required";
    return {};
  }
  int64_t half = nn::shapeOf(v)[last] / 2;
  Value left = node.slice(v, last, 0, half);
  Value right = node.slice(v, last, half, half);
  return {
      node.create<nn::MulOp>(left, node.create<nn::GeluOp>(right, UnitAttr()))};
}

Values biasAdd(Node &node) {
  return {node.create<nn::AddOp>(biased(node), node.input(2))};
}

/// At inference nothing is dropped.
Values biasDropout(Node &node) {
  Value y = biased(node);
  if (node.hasInput(2))
    y = node.create<nn::AddOp>(y, node.inputs()[2]);
  if (node.hasInput(4)) {
    std::optional<SmallVector<int64_t>> training =
        nn::constantIntegers(node.constantOf(node.inputs()[4]));
    if (!training || training->empty() || training->front() != 0) {
      node.error() << "training mode is not supported";
      return {};
    }
  }
  if (!y || !node.hasOutput(1))
    return {y};
  auto type = RankedTensorType::get(nn::shapeOf(y), node.builder.getI1Type());
  return {y, node.constant(DenseElementsAttr::get(type, true))};
}

/// Softmax of the sum, flattened from `axis` on; the bias repeats inside or
/// outside of the batch as NumPy broadcasts it.
Values biasSoftmax(Node &node) {
  Value v = biased(node);
  if (!v)
    return {};
  SmallVector<int64_t> shape(nn::shapeOf(v));
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 1), shape.size());
  if (failed(axis))
    return {};
  if (node.intAttr("is_inner_broadcast", 1) == 0 &&
      nn::shapeOf(node.inputs()[1]) != nn::shapeOf(node.inputs()[0]) &&
      nn::shapeOf(node.inputs()[1]).size() != shape.size()) {
    node.error() << "a bias that repeats outside of its batch is not supported";
    return {};
  }
  ArrayRef<int64_t> dims(shape);
  Value flat = node.reshape(v, {dimProduct(dims.take_front(*axis)),
                                dimProduct(dims.drop_front(*axis))});
  Value y = node.create<nn::SoftmaxOp>(flat, node.builder.getI64IntegerAttr(1),
                                       UnitAttr());
  return {node.reshape(y, shape)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::contribFusedConverters() {
  static const Converter table[] = {
      {"BiasAdd", biasAdd, kMicrosoft},
      {"BiasDropout", biasDropout, kMicrosoft},
      {"BiasGelu", biasGelu<false>, kMicrosoft},
      {"BiasSoftmax", biasSoftmax, kMicrosoft},
      {"BiasSplitGelu", biasSplitGelu, kMicrosoft},
      {"FastGelu", biasGelu<true>, kMicrosoft},
      {"FusedConv", fusedConv<false>, kMicrosoft},
      {"FusedGemm", fusedGemm, kMicrosoft},
      {"FusedMatMul", fusedMatmul, kMicrosoft},
      {"FusedMatMulActivation", fusedMatmulActivation, kMicrosoft},
      {"Gelu", biasGelu<false>, kMicrosoft},
      {"NhwcConv", fusedConv<true>, kMicrosoft},
      {"NhwcFusedConv", fusedConv<true>, kMicrosoft},
      {"QuickGelu", quickGelu, kMicrosoft},
      {"SwiGLU", swiglu, kMicrosoft},
      {"TransposeMatMul", fusedMatmul, kMicrosoft},
  };
  return table;
}
