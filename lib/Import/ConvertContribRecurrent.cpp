//===- ConvertContribRecurrent.cpp - DynamicQuantizeLSTM ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LSTM whose weights are bytes, and whose input and state become bytes before
// each product: the input once for all steps, the state in each, with one scale
// and zero point for the batch.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/Quantization.h"
#include "Import/Recurrent.h"

using namespace mlir;
using namespace mlc;

namespace {

constexpr size_t kInputScale = 8, kStateScale = 10;

class QuantizedLstm : public RecurrentConverter {
public:
  explicit QuantizedLstm(Node &node) : RecurrentConverter(node, Cell::lstm) {}

protected:
  bool readWeights() override;
  Value inputProduct(int64_t d, Value bias) override;
  Value stateProduct(const Direction &direction, Value h) override;

private:
  bool checkParameter(size_t i);
  /// Direction `d` of the weights at input `i`, whose parameters are at
  /// `scale` and behind it.
  Quantized weights(size_t i, size_t scale, int64_t d);
  /// X where a sequence of the batch goes on, which decides its scale.
  Value limits();

  Quantized input; ///< X, once it is needed
};

} // namespace

/// A number a direction, or one per row of gates too.
bool QuantizedLstm::checkParameter(size_t i) {
  Value v = node.input(i);
  if (!v)
    return false;
  int64_t ways = reversed.size();
  ArrayRef<int64_t> shape = nn::shapeOf(v);
  if (shape == ArrayRef<int64_t>{ways} ||
      shape == ArrayRef<int64_t>{ways, gates * hidden})
    return true;
  node.error() << "input " << i << " is " << v.getType() << ", [" << ways
               << "] or [" << ways << ", " << gates * hidden << "] is required";
  return false;
}

bool QuantizedLstm::readWeights() {
  hidden = nn::shapeOf(node.input(RecurrentInput::r))[1];
  int64_t ways = reversed.size(), columns = gates * hidden;
  return checkShape(RecurrentInput::w, {ways, nn::shapeOf(x)[2], columns}) &&
         checkShape(RecurrentInput::r, {ways, hidden, columns}) &&
         checkParameter(kInputScale) && checkParameter(kInputScale + 1) &&
         checkParameter(kStateScale) && checkParameter(kStateScale + 1);
}

Quantized QuantizedLstm::weights(size_t i, size_t scale, int64_t d) {
  return {part(i, d), part(scale, d), part(scale + 1, d)};
}

Value QuantizedLstm::limits() {
  Value lengths = node.optionalInput(RecurrentInput::lengths);
  if (!lengths)
    return x;
  Value most = reduce(node, lengths, nn::ReduceKind::max, {0}, false);
  if (!most)
    return {};
  Value isInside = node.create<nn::LessOp>(
      iota(node, steps, nn::elementOf(most), 0, 3), most);
  return node.create<nn::SelectOp>(isInside, x,
                                   node.scalar(nn::elementOf(x), 0));
}

Value QuantizedLstm::inputProduct(int64_t d, Value bias) {
  if (!input.stored)
    input = quantizeDynamically(node, x, limits());
  return scaledProduct(node, input, weights(RecurrentInput::w, kInputScale, d),
                       bias);
}

Value QuantizedLstm::stateProduct(const Direction &direction, Value h) {
  return scaledProduct(node, quantizeDynamically(node, h),
                       weights(RecurrentInput::r, kStateScale, direction.index),
                       Value());
}

namespace {
Values dynamicQuantizeLstm(Node &node) { return QuantizedLstm(node).convert(); }
} // namespace

llvm::ArrayRef<Converter> mlc::contribRecurrentConverters() {
  static const Converter table[] = {
      {"DynamicQuantizeLSTM", dynamicQuantizeLstm, kMicrosoft},
  };
  return table;
}
