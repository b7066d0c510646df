//===- ConvertElementwise.cpp - Elementwise operators of ONNX -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Converters.h"
#include "Import/TensorImport.h"

using namespace mlir;
using namespace mlc;

namespace {

template <typename OpTy>
Values unary(Node &node) {
  return {node.create<OpTy>(node.input(0))};
}

template <typename OpTy>
Values binary(Node &node) {
  return {node.create<OpTy>(node.input(0), node.input(1))};
}

/// One of the ops with an alpha whose default is `Percent` hundredths.
template <typename OpTy, int Percent>
Values withAlpha(Node &node) {
  double alpha = node.floatAttr("alpha", Percent / 100.0);
  return {
      node.create<OpTy>(node.input(0), node.builder.getF64FloatAttr(alpha))};
}

/// Sum, Min and Max take any number of inputs.
template <typename OpTy>
Values variadic(Node &node) {
  Value v = node.input(0);
  for (size_t i = 1; i < node.numInputs(); ++i)
    v = node.create<OpTy>(v, node.input(i));
  return {v};
}

Values mean(Node &node) {
  Value sum = variadic<nn::AddOp>(node)[0];
  if (!sum)
    return {};
  return {node.create<nn::DivOp>(
      sum, node.scalar(nn::elementOf(sum), node.numInputs()))};
}

Values shift(Node &node) {
  return node.stringAttr("direction", "") == "LEFT"
             ? binary<nn::ShiftLeftOp>(node)
             : binary<nn::ShiftRightOp>(node);
}

Values mod(Node &node) {
  UnitAttr fmod =
      node.intAttr("fmod", 0) ? node.builder.getUnitAttr() : UnitAttr();
  return {node.create<nn::ModOp>(node.input(0), node.input(1), fmod)};
}

Values selu(Node &node) {
  double alpha = node.floatAttr("alpha", 1.67326319217681884765625);
  double gamma = node.floatAttr("gamma", 1.05070102214813232421875);
  return {node.create<nn::SeluOp>(node.input(0),
                                  node.builder.getF64FloatAttr(alpha),
                                  node.builder.getF64FloatAttr(gamma))};
}

Values hardSigmoid(Node &node) {
  double alpha = node.floatAttr("alpha", 0.2),
         beta = node.floatAttr("beta", 0.5);
  return {node.create<nn::HardSigmoidOp>(node.input(0),
                                         node.builder.getF64FloatAttr(alpha),
                                         node.builder.getF64FloatAttr(beta))};
}

Values shrink(Node &node) {
  double lambda = node.floatAttr("lambd", 0.5),
         bias = node.floatAttr("bias", 0);
  return {node.create<nn::ShrinkOp>(node.input(0),
                                    node.builder.getF64FloatAttr(lambda),
                                    node.builder.getF64FloatAttr(bias))};
}

Values gelu(Node &node) {
  UnitAttr approximate = node.stringAttr("approximate", "none") == "tanh"
                             ? node.builder.getUnitAttr()
                             : UnitAttr();
  return {node.create<nn::GeluOp>(node.input(0), approximate)};
}

Values isInf(Node &node) {
  BoolAttr positive =
      node.builder.getBoolAttr(node.intAttr("detect_positive", 1));
  BoolAttr negative =
      node.builder.getBoolAttr(node.intAttr("detect_negative", 1));
  return {node.create<nn::IsInfOp>(node.input(0), positive, negative)};
}

/// A bound of Clip: an attribute before opset 11, an optional input since.
Value clipBound(Node &node, size_t input, llvm::StringRef attr) {
  if (node.hasInput(input))
    return node.inputs()[input];
  if (!node.hasAttr(attr))
    return {};
  return node.scalar(nn::elementOf(node.input(0)), node.floatAttr(attr, 0));
}

Values clip(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  Value low = clipBound(node, 1, "min"), high = clipBound(node, 2, "max");
  if (low && high)
    return {node.create<nn::ClampOp>(x, low, high)};
  if (low)
    return {node.create<nn::MaxOp>(x, low)};
  if (high)
    return {node.create<nn::MinOp>(x, high)};
  return {x};
}

Values cast(Node &node) {
  int32_t to = node.opType() == "Cast" ? node.intAttr("to", 0) : 0;
  Value x = node.input(0);
  if (!x)
    return {};
  if (node.opType() == "CastLike") {
    Value like = node.input(1);
    return like ? Values{node.cast(x, nn::elementOf(like))} : Values{};
  }
  Type element = importElementType(to, node.builder.getContext());
  if (!element) {
    node.error() << "casts to " << dataTypeName(to)
                 << ", which is not supported";
    return {};
  }
  return {node.cast(x, element)};
}

Values bitCast(Node &node) {
  Value x = node.input(0);
  int32_t to = node.intAttr("to", 0);
  Type element = importElementType(to, node.builder.getContext());
  if (!x)
    return {};
  if (!element) {
    node.error() << "casts to " << dataTypeName(to)
                 << ", which is not supported";
    return {};
  }
  return {node.createTyped<nn::BitcastOp>(
      RankedTensorType::get(nn::shapeOf(x), element), x)};
}

/// At inference dropout passes its input through, and masks nothing.
Values dropout(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  if (node.hasInput(2)) {
    std::optional<SmallVector<int64_t>> training =
        nn::constantIntegers(node.constantOf(node.inputs()[2]));
    if (!training || training->front() != 0) {
      node.error() << "training mode is not supported";
      return {};
    }
  }
  if (!node.hasOutput(1))
    return {x};
  auto type = RankedTensorType::get(nn::shapeOf(x), node.builder.getI1Type());
  return {x, node.constant(DenseElementsAttr::get(type, true))};
}

} // namespace

llvm::ArrayRef<Converter> mlc::elementwiseConverters() {
  static const Converter table[] = {
      {"Abs", unary<nn::AbsOp>},
      {"Acos", unary<nn::AcosOp>},
      {"Acosh", unary<nn::AcoshOp>},
      {"Add", binary<nn::AddOp>},
      {"And", binary<nn::AndOp>},
      {"Asin", unary<nn::AsinOp>},
      {"Asinh", unary<nn::AsinhOp>},
      {"Atan", unary<nn::AtanOp>},
      {"Atanh", unary<nn::AtanhOp>},
      {"BitCast", bitCast},
      {"BitShift", shift},
      {"BitwiseAnd", binary<nn::BitwiseAndOp>},
      {"BitwiseNot", unary<nn::BitwiseNotOp>},
      {"BitwiseOr", binary<nn::BitwiseOrOp>},
      {"BitwiseXor", binary<nn::BitwiseXorOp>},
      {"Cast", cast},
      {"CastLike", cast},
      {"Ceil", unary<nn::CeilOp>},
      {"Celu", withAlpha<nn::CeluOp, 100>},
      {"Clip", clip},
      {"Cos", unary<nn::CosOp>},
      {"Cosh", unary<nn::CoshOp>},
      {"Div", binary<nn::DivOp>},
      {"Dropout", dropout},
      {"Elu", withAlpha<nn::EluOp, 100>},
      {"Equal", binary<nn::EqualOp>},
      {"Erf", unary<nn::ErfOp>},
      {"Exp", unary<nn::ExpOp>},
      {"Floor", unary<nn::FloorOp>},
      {"Gelu", gelu},
      {"Greater", binary<nn::GreaterOp>},
      {"GreaterOrEqual", binary<nn::GreaterOrEqualOp>},
      {"HardSigmoid", hardSigmoid},
      {"HardSwish", unary<nn::HardSwishOp>},
      {"IsInf", isInf},
      {"IsNaN", unary<nn::IsNaNOp>},
      {"LeakyRelu", withAlpha<nn::LeakyReluOp, 1>},
      {"Less", binary<nn::LessOp>},
      {"LessOrEqual", binary<nn::LessOrEqualOp>},
      {"Log", unary<nn::LogOp>},
      {"Max", variadic<nn::MaxOp>},
      {"Mean", mean},
      {"Min", variadic<nn::MinOp>},
      {"Mish", unary<nn::MishOp>},
      {"Mod", mod},
      {"Mul", binary<nn::MulOp>},
      {"Neg", unary<nn::NegOp>},
      {"Not", unary<nn::NotOp>},
      {"Or", binary<nn::OrOp>},
      {"PRelu", binary<nn::PReluOp>},
      {"Pow", binary<nn::PowOp>},
      {"Reciprocal", unary<nn::ReciprocalOp>},
      {"Relu", unary<nn::ReluOp>},
      {"Round", unary<nn::RoundOp>},
      {"Selu", selu},
      {"Shrink", shrink},
      {"Sigmoid", unary<nn::SigmoidOp>},
      {"Sign", unary<nn::SignOp>},
      {"Sin", unary<nn::SinOp>},
      {"Sinh", unary<nn::SinhOp>},
      {"Softplus", unary<nn::SoftplusOp>},
      {"Softsign", unary<nn::SoftsignOp>},
      {"Sqrt", unary<nn::SqrtOp>},
      {"Sub", binary<nn::SubOp>},
      {"Sum", variadic<nn::AddOp>},
      {"Swish", withAlpha<nn::SwishOp, 100>},
      {"Tan", unary<nn::TanOp>},
      {"Tanh", unary<nn::TanhOp>},
      {"ThresholdedRelu", withAlpha<nn::ThresholdedReluOp, 100>},
      {"Where",
       [](Node &node) -> Values {
         return {node.create<nn::SelectOp>(node.input(0), node.input(1),
                                           node.input(2))};
       }},
      {"Xor", binary<nn::XorOp>},
  };
  return table;
}
