//===- Activations.cpp - Functions of recurrent cells ------- ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Activations.h"

using namespace mlir;
using namespace mlc;

namespace {

template <typename OpTy>
Value plain(Node &node, Value x, const Activation &) {
  return node.create<OpTy>(x);
}

template <typename OpTy>
Value withAlpha(Node &node, Value x, const Activation &a) {
  return node.create<OpTy>(x, node.builder.getF64FloatAttr(a.alpha));
}

Value scalarLike(Node &node, Value x, double value) {
  return x ? node.scalar(nn::elementOf(x), value) : Value();
}

Value affine(Node &node, Value x, const Activation &a) {
  Value scaled = node.create<nn::MulOp>(x, scalarLike(node, x, a.alpha));
  return node.create<nn::AddOp>(scaled, scalarLike(node, x, a.beta));
}

Value scaledTanh(Node &node, Value x, const Activation &a) {
  Value scaled = node.create<nn::MulOp>(x, scalarLike(node, x, a.beta));
  return node.create<nn::MulOp>(node.create<nn::TanhOp>(scaled),
                                scalarLike(node, x, a.alpha));
}

Value hardSigmoid(Node &node, Value x, const Activation &a) {
  return node.create<nn::HardSigmoidOp>(x,
                                        node.builder.getF64FloatAttr(a.alpha),
                                        node.builder.getF64FloatAttr(a.beta));
}

constexpr ActivationRow kActivations[] = {
    {"affine", affine, 2, 1, 0},
    {"elu", withAlpha<nn::EluOp>, 1, 1, 0},
    {"hardsigmoid", hardSigmoid, 2, 0.2, 0.5},
    {"leakyrelu", withAlpha<nn::LeakyReluOp>, 1, 0.01, 0},
    {"relu", plain<nn::ReluOp>, 0, 0, 0},
    {"scaledtanh", scaledTanh, 2, 1, 1},
    {"sigmoid", plain<nn::SigmoidOp>, 0, 0, 0},
    {"softplus", plain<nn::SoftplusOp>, 0, 0, 0},
    {"softsign", plain<nn::SoftsignOp>, 0, 0, 0},
    {"tanh", plain<nn::TanhOp>, 0, 0, 0},
    {"thresholdedrelu", withAlpha<nn::ThresholdedReluOp>, 1, 1, 0},
};

} // namespace

const ActivationRow *mlc::findActivation(llvm::StringRef name) {
  for (const ActivationRow &row : kActivations)
    if (name.equals_insensitive(row.name))
      return &row;
  return nullptr;
}
