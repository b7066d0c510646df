//===- ChannelConstants.h - Channels that are constant ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which channels of a value hold the same number in each element, whatever the
// model's inputs are: a filter of zeros gives its bias, and what elementwise
// ops make of it stays constant.
//
//===----------------------------------------------------------------------===//

#ifndef NN_TRANSFORMS_CHANNELCONSTANTS_H
#define NN_TRANSFORMS_CHANNELCONSTANTS_H

#include "NN/IR/NN.h"

namespace mlir {
namespace nn {

/// Elements of a constant's bytes, whatever their type.
class WeightView {
public:
  explicit WeightView(ElementsAttr value) : WeightView(*get(value)) {}
  /// Null where the elements cannot be read.
  static std::optional<WeightView> get(ElementsAttr value);
  /// Whether element `i` is 0 (or -0.0).
  bool isZero(int64_t i) const;
  int64_t size() const { return bytes.size() / elementSize; }

private:
  WeightView(SmallVector<char> bytes, Type element);

  SmallVector<char> bytes;
  int64_t elementSize;
  bool isFloat;
};

/// Constant channels, found on demand.
class ChannelConstants {
public:
  /// What position `position` of dimension `axis` of `v` holds throughout;
  /// nullopt where that is not known. Exact: every value is one of the element
  /// type.
  std::optional<double> at(Value v, int64_t axis, int64_t position) {
    return of(v, axis)[position];
  }

private:
  using Channels = SmallVector<std::optional<double>>;
  const Channels &of(Value v, int64_t axis);
  Channels compute(Operation *op, int64_t axis);
  Channels ofLinear(LinearOpInterface op);
  std::optional<double> ofSum(LinearOpInterface op, int64_t channel);
  Channels ofElementwise(Operation *op, int64_t axis);
  Channels ofReshape(Operation *op, int64_t axis);
  Channels ofMove(Operation *op, int64_t axis);
  Channels ofTied(Operation *op, int64_t axis, bool zeroOnly);

  llvm::DenseMap<std::pair<Value, int64_t>, std::unique_ptr<Channels>> known;
};

/// Whether constants of the input can go into the bias: f32 or f64, the bias
/// absent or a constant, no padding that the constant would not be added in.
bool canAbsorb(LinearOpInterface reader);

/// Adds weights times value, for each (input channel, value), to the bias of an
/// op without groups. Sums are taken in f64 and rounded once.
void addToBias(LinearOpInterface reader,
               ArrayRef<std::pair<int64_t, double>> values);

} // namespace nn
} // namespace mlir

#endif // NN_TRANSFORMS_CHANNELCONSTANTS_H
