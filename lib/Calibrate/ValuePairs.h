//===- ValuePairs.h - One value in two models -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_VALUEPAIRS_H
#define MLC_CALIBRATE_VALUEPAIRS_H

#include "Calibrate/Observer.h"
#include "Pipeline/HostModel.h"

#include "onnx/onnx_pb.h"

#include <optional>
#include <string>
#include <vector>

namespace mlc::calibrate {

/// A value of a reference and what stands for it in another model.
struct ValuePair {
  std::string value; ///< in the reference
  int node = -1;     ///< that makes it there; -1: it is an input
  /// In the other model, before it is rounded; "" where that has integers only.
  std::string computed;
  /// The same behind QuantizeLinear and DequantizeLinear; "" without these.
  std::string rounded;
  std::optional<Range> range; ///< that its integers reach, of one scale
  double step = 0;            ///< that scale

  /// What the other model's readers see.
  const std::string &seen() const {
    return rounded.empty() ? computed : rounded;
  }
};

/// Values that have one name in both graphs, inputs first, then as the
/// reference's nodes stand, and outputs at one position, whatever their names.
/// Constants are none.
std::vector<ValuePair> pairValues(const onnx::GraphProto &reference,
                                  const onnx::GraphProto &other);

/// How many results of the reference's nodes have no pair.
int64_t countUnmatched(const onnx::GraphProto &reference,
                       llvm::ArrayRef<ValuePair> pairs);

/// `model` cut at pairs: who reads the value of `pairs[i]` reads a new input of
/// that name instead, of the shape of `shapes[i]`, and the value itself is
/// called `own[i]` now. Pairs of inputs have nothing to cut, and no own name.
struct CutModel {
  onnx::ModelProto model;
  std::vector<std::string> own;
};
CutModel cutAt(const onnx::ModelProto &model, llvm::ArrayRef<ValuePair> pairs,
               llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_VALUEPAIRS_H
