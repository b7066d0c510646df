//===- LayerStatistics.h - What a layer reads and gives ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_LAYERSTATISTICS_H
#define MLC_CALIBRATE_LAYERSTATISTICS_H

#include "Calibrate/Columns.h"
#include "Calibrate/Hessian.h"
#include "Calibrate/Session.h"

namespace mlc::calibrate {

/// Which positions of a layer's result are looked at: as many as say enough
/// about its weights, spread over all, the same ones in each model.
class Positions {
public:
  /// Of `all` positions; `columns` is the length of the layer's vectors.
  Positions(int64_t all, int64_t columns);

  bool isLookedAt(int64_t position) const;

private:
  uint64_t limit; ///< of a hash
};

/// Means of a layer's results in the float model, by row.
class ResultMeans {
public:
  /// `rows` of the first dimension of `result`, behind those added before;
  /// there will be `allRows`.
  void add(const Layer &layer, const Tensor &result, int64_t rows,
           int64_t allRows);

  std::vector<double> means() const;

private:
  std::vector<double> sums;
  int64_t count = 0, seen = 0;
};

/// Columns that are rounded together, with a Hessian of their own: what those
/// of a wide layer have to do with each other beyond that is left out, since it
/// takes the cube of their number.
struct ColumnBlock {
  int64_t first, size;
};
std::vector<ColumnBlock> columnBlocks(int64_t columns);
/// The columns of a block, of the first `rows`.
std::vector<float> takeColumns(llvm::ArrayRef<float> weights, int64_t rows,
                               int64_t columns, const ColumnBlock &block);

/// What the rounding of a layer has to know of its input in the quantised
/// model.
class InputStatistics {
public:
  InputStatistics(const Layer &layer, const onnx::NodeProto &node)
      : layer(layer), node(node), parts(columnBlocks(layer.columns)) {}

  /// As ResultMeans::add.
  void add(const Tensor &input, int64_t rows, int64_t allRows);

  /// Whether there is anything: not of an input whose form is unusual, as a
  /// MatMul's of one dimension.
  bool isKnown() const { return count > 0; }
  const Layer &of() const { return layer; }
  llvm::ArrayRef<ColumnBlock> blocks() const { return parts; }
  const Hessian &hessian(int64_t group, size_t block) const {
    return sums[group * parts.size() + block];
  }
  /// Vectors that are not in them, of each group, to test what was made of
  /// them; all of those in them where there are too few.
  llvm::ArrayRef<float> tests(int64_t group) const { return held[group]; }
  /// The mean vector of all positions, groups after another.
  std::vector<double> means() const;

private:
  void addAt(llvm::ArrayRef<float> input, const Columns &columns, int64_t at,
             bool isHeld);

  const Layer &layer;
  const onnx::NodeProto &node;
  std::vector<ColumnBlock> parts;
  std::vector<Hessian> sums; ///< group by group, of each block
  std::vector<std::vector<float>> held;
  std::vector<double> meanSums;
  std::vector<float> scratch;
  int64_t count = 0, seen = 0;
};

/// What the layers of `plan` at `places` read in `model`, whose name for a
/// value of the plan's model is `nameOf` that.
llvm::Expected<std::vector<InputStatistics>>
measureInputs(Session &session, const onnx::ModelProto &model, const Plan &plan,
              const onnx::GraphProto &graph, llvm::ArrayRef<size_t> places,
              SampleRange range, const std::string &what,
              llvm::function_ref<std::string(const std::string &)> nameOf);

/// The mean of the results of `row` that weights give, without a bias, where
/// `inputs` are an InputStatistics' means.
template <typename Number>
double meanResult(const Layer &layer, llvm::ArrayRef<double> inputs,
                  llvm::ArrayRef<Number> weights, int64_t row) {
  int64_t group = row / (layer.rows / layer.groups);
  double sum = 0;
  for (int64_t i = 0; i < layer.columns; ++i)
    sum += inputs[group * layer.columns + i] * weights[row * layer.columns + i];
  return sum;
}

/// Behind which layer a pass over layers from `first` on ends, so that what is
/// measured stays within memory, and there are at least eight passes where
/// there are as many layers.
size_t endOfPass(llvm::ArrayRef<Layer> layers, size_t first);

/// Squared errors of rows x tests results with weights that are off by
/// `errors`, added up: of the rows of one group.
double testError(llvm::ArrayRef<float> errors, int64_t columns,
                 llvm::ArrayRef<float> tests);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_LAYERSTATISTICS_H
