//===- LayerStatistics.cpp - What a layer reads and gives -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/LayerStatistics.h"

#include <map>

using namespace mlc;
using namespace mlc::calibrate;

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

/// Bits that have nothing to do with each other (Fibonacci hashing): a fixed
/// distance between positions would fall on one column of an image.
static uint64_t hash(int64_t position) {
  uint64_t bits = static_cast<uint64_t>(position) + 1;
  bits *= 0x9E3779B97F4A7C15u;
  bits ^= bits >> 32;
  bits *= 0xD6E8FEB86659FD93u;
  return bits >> 32;
}

Positions::Positions(int64_t all, int64_t columns) {
  // Several vectors an unknown; products of them take columns^2 / 2 each.
  constexpr double mostProducts = 3e11;
  double wanted = std::clamp<double>(16.0 * columns, 8192, 65536);
  double side = columnBlocks(columns).front().size;
  wanted = std::min(wanted, mostProducts / (columns * side));
  double share = std::min(1.0, wanted / static_cast<double>(all));
  limit = static_cast<uint64_t>(share * 4294967296.0);
}

bool Positions::isLookedAt(int64_t position) const {
  return hash(position) < limit;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void ResultMeans::add(const Layer &layer, const Tensor &result, int64_t rows,
                      int64_t allRows) {
  sums.resize(layer.rows, 0);
  if (result.shape().size() < 2)
    return;
  int64_t positions = result.size() / layer.rows / result.shape()[0];
  bool isConv = layer.op == "Conv";
  Positions looked(allRows * positions, layer.columns);
  llvm::ArrayRef<float> values = result.values<float>();
  for (int64_t p = 0; p < rows * positions; ++p) {
    if (!looked.isLookedAt(seen * positions + p))
      continue;
    ++count;
    int64_t row = p / positions, at = p % positions;
    for (int64_t r = 0; r < layer.rows; ++r)
      sums[r] += isConv ? values[(row * layer.rows + r) * positions + at]
                        : values[p * layer.rows + r];
  }
  seen += rows;
}

std::vector<double> ResultMeans::means() const {
  std::vector<double> result = sums;
  for (double &sum : result)
    sum /= std::max<int64_t>(count, 1);
  return result;
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

std::vector<ColumnBlock> calibrate::columnBlocks(int64_t columns) {
  constexpr int64_t most = 2048;
  int64_t count = (columns + most - 1) / most;
  std::vector<ColumnBlock> blocks;
  for (int64_t i = 0; i < count; ++i) {
    int64_t first = columns * i / count;
    blocks.push_back({first, columns * (i + 1) / count - first});
  }
  return blocks;
}

std::vector<float> calibrate::takeColumns(llvm::ArrayRef<float> weights,
                                          int64_t rows, int64_t columns,
                                          const ColumnBlock &block) {
  std::vector<float> part;
  for (int64_t r = 0; r < rows; ++r)
    llvm::append_range(part, weights.slice(r * columns, block.size));
  return part;
}

size_t calibrate::endOfPass(llvm::ArrayRef<Layer> layers, size_t first) {
  constexpr int64_t mostBytes = int64_t(256) << 20;
  size_t most = std::max<size_t>(1, (layers.size() + 7) / 8), end = first;
  int64_t bytes = 0;
  for (; end < layers.size() && end - first < most; ++end) {
    const Layer &layer = layers[end];
    // A Hessian and the tests, at least 64 columns of them.
    int64_t columns = std::max<int64_t>(layer.columns, 64);
    int64_t side = columnBlocks(columns).front().size;
    bytes += layer.groups * columns * (4 * side + 4096);
    if (end > first && bytes > mostBytes)
      break;
  }
  return end;
}

void InputStatistics::add(const Tensor &input, int64_t rows, int64_t allRows) {
  std::optional<Columns> columns = Columns::of(layer, node, input.shape());
  if (!columns)
    return;
  if (sums.empty()) {
    for (int64_t g = 0; g < layer.groups; ++g)
      for (const ColumnBlock &part : parts)
        sums.emplace_back(part.size);
    held.resize(layer.groups);
    meanSums.resize(layer.groups * layer.columns);
    scratch.resize(layer.columns);
  }
  int64_t positions = columns->positionsPerRow();
  Positions looked(allRows * positions, layer.columns);
  for (int64_t p = 0; p < rows * positions; ++p) {
    if (!looked.isLookedAt(seen * positions + p))
      continue;
    // Whole rows, mostly images, are held back.
    int64_t row = seen + p / positions;
    addAt(input.values<float>(), *columns, p, allRows >= 4 && row % 4 == 3);
  }
  seen += rows;
}

void InputStatistics::addAt(llvm::ArrayRef<float> input, const Columns &columns,
                            int64_t at, bool isHeld) {
  constexpr size_t mostTests = 1024;
  ++count;
  for (int64_t g = 0; g < layer.groups; ++g) {
    columns.gather(input, at, g, scratch.data());
    for (int64_t i = 0; i < layer.columns; ++i)
      meanSums[g * layer.columns + i] += scratch[i];
    bool isRoom = held[g].size() < mostTests * layer.columns;
    if (isHeld && isRoom)
      held[g].insert(held[g].end(), scratch.begin(), scratch.end());
    else
      for (size_t b = 0; b < parts.size(); ++b)
        sums[g * parts.size() + b].add(scratch.data() + parts[b].first, 1);
  }
}

std::vector<double> InputStatistics::means() const {
  std::vector<double> result = meanSums;
  for (double &sum : result)
    sum /= std::max<int64_t>(count, 1);
  return result;
}

llvm::Expected<std::vector<InputStatistics>> calibrate::measureInputs(
    Session &session, const onnx::ModelProto &model, const Plan &plan,
    const onnx::GraphProto &graph, llvm::ArrayRef<size_t> places,
    SampleRange range, const std::string &what,
    llvm::function_ref<std::string(const std::string &)> nameOf) {
  std::vector<std::string> values;
  std::map<std::string, size_t> placeOf;
  std::vector<InputStatistics> statistics;
  for (size_t i : places) {
    const Layer &layer = plan.layers[i];
    if (placeOf.try_emplace(layer.input, values.size()).second)
      values.push_back(nameOf(layer.input));
    statistics.emplace_back(layer, graph.node(layer.node));
  }
  auto add = [&](llvm::ArrayRef<Tensor> tensors,
                 BatchPart part) -> llvm::Error {
    for (InputStatistics &each : statistics) {
      const Tensor &input = tensors[placeOf.at(each.of().input)];
      each.add(input, part.rowsOf(input), part.allRowsOf(input, range.count));
    }
    return llvm::Error::success();
  };
  if (llvm::Error error = session.run(model, values, range, what, add))
    return std::move(error);
  return std::move(statistics);
}

double calibrate::testError(llvm::ArrayRef<float> errors, int64_t columns,
                            llvm::ArrayRef<float> tests) {
  double sum = 0;
  for (size_t row = 0; row < errors.size(); row += columns)
    for (size_t at = 0; at < tests.size(); at += columns) {
      float off = 0;
      for (int64_t i = 0; i < columns; ++i)
        off += errors[row + i] * tests[at + i];
      sum += static_cast<double>(off) * off;
    }
  return sum;
}
