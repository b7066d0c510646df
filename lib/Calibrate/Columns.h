//===- Columns.h - What a layer's weights are multiplied with ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_COLUMNS_H
#define MLC_CALIBRATE_COLUMNS_H

#include "Calibrate/GraphIndex.h"
#include "Calibrate/Plan.h"
#include "Support/Window.h"
#include "TensorIO/Tensor.h"

namespace mlc::calibrate {

/// A layer's input as vectors: at each position of its result one for each
/// group, with as many elements as its rows of weights and in their order.
/// Zeros stand for padding.
class Columns {
public:
  /// Of `layer` in its graph, on inputs and results of these shapes. nullopt
  /// where they do not fit each other, as in a Conv of unknown padding.
  static std::optional<Columns> of(const Layer &layer,
                                   const onnx::NodeProto &node,
                                   llvm::ArrayRef<int64_t> input);

  /// Positions of a sample's row, the first dimension of the input: 1 where
  /// that is all there is.
  int64_t positionsPerRow() const { return positions; }
  /// The same by dimension of the kernel; nothing without one.
  std::vector<int64_t> counts() const;
  int64_t rows() const { return shape[0]; }
  int64_t groups() const { return groupCount; }
  int64_t size() const { return columns; }

  /// The vector of `group` at `position`, of all rows' positions, into `to`.
  void gather(llvm::ArrayRef<float> input, int64_t position, int64_t group,
              float *to) const;

private:
  llvm::SmallVector<int64_t> shape; ///< of the input
  int64_t positions = 1, groupCount = 1, columns = 1;
  bool isWindow = false;
  llvm::SmallVector<Window, 3> window;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_COLUMNS_H
