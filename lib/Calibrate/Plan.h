//===- Plan.h - What of a model becomes integers ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decided here, of a prepared model (Prepare.h), before anything is measured:
//
//   layers   Conv, Gemm and MatMul with constant f32 weights: their weights and
//            biases become integers;
//   points   the values that are stored as bytes: what layers read, and what
//            this is made of by pools, sums, functions of one value and data
//            movement, as far as mlc computes these on integers (lib/Quantize).
//            What an operator that needs floats has touched, as a normalisation
//            by layers, stays in floats until a layer reads it.
//
// Between a layer and the point behind it lies what the layer's epilogue
// computes in registers: limits, and unless every value is to be rounded, sums
// and functions too. Less rounding is more accuracy, and costs no memory.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_PLAN_H
#define MLC_CALIBRATE_PLAN_H

#include "Calibrate/Form.h"

#include "onnx/onnx_pb.h"

#include <optional>
#include <string>
#include <vector>

namespace mlc::calibrate {

/// An operator whose weights become integers. They are seen as a matrix with a
/// row for each channel of the result.
struct Layer {
  int node = -1; ///< in the prepared graph
  std::string name, op;
  std::string input, weights;
  std::string output; ///< with the bias, before anything else
  std::string bias;   ///< an initializer; empty without one
  int biasNode = -1;  ///< the Add that a MatMul has it in; -1: operand 2
  std::vector<int64_t> shape; ///< of the weights
  int64_t rows = 0, columns = 0, groups = 1;
  int64_t axis = 0; ///< of the rows, in `shape`: 0, or 1 where they are columns
  std::optional<WeightType> type; ///< where it is not that of all layers

  /// How its weights are stored, where `all` is for layers without a type.
  WeightForm form(WeightForm all) const {
    all.type = type.value_or(all.type);
    return all;
  }

  /// A MatMul without an Add behind it has no place for one.
  bool canHaveBias() const { return op != "MatMul" || biasNode >= 0; }

  /// The place in the file of the weight of `row` and `column`.
  int64_t place(int64_t row, int64_t column) const {
    return axis == 0 ? row * columns + column : column * rows + row;
  }
};

/// A value that is stored as bytes. Points of one group have one scale.
struct Point {
  std::string value;
  int group = 0;
  bool isSeen = true; ///< no other point of the group has all of its values
};

struct Plan {
  std::vector<Layer> layers; ///< as they are computed
  std::vector<Point> points;
  int groups = 0;

  /// The group of a value; -1 where it is no point.
  int groupOf(const std::string &value) const;
};

/// `roundsAll`: every result of a layer is a point, for code without floats and
/// for runtimes that have an operator for a layer with its rounding only.
Plan makePlan(const onnx::GraphProto &graph, bool roundsAll);

/// Whether the reader of a rounded value may have it as it was: what compares
/// or sorts values.
bool readsExactly(const onnx::NodeProto &node);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_PLAN_H
