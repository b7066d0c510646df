//===- Sparse.cpp - Weights without their zeros ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Sparse.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <vector>

using namespace mlir::kernel;
using llvm::ArrayRef;

SparseWeights SparseWeights::pack(ArrayRef<float> weights,
                                  const SparsePlan &plan, bool channelsFirst) {
  SparseWeights result;
  result.table.resize(plan.parts * partHead);
  int64_t outputStride = channelsFirst ? 1 : plan.channels;
  int64_t channelStride = channelsFirst ? plan.outputs : 1;
  auto rowOf = [&](int64_t output, int64_t start) {
    Row row = {output, {}, {}};
    int64_t count = std::min(plan.block, plan.channels - start);
    for (int64_t c = 0; c < count && output < plan.outputs; ++c)
      if (float weight =
              weights[output * outputStride + (start + c) * channelStride]) {
        row.channels.push_back(c);
        row.weights.push_back(weight);
      }
    result.nonZeros += row.channels.size();
    return row;
  };
  for (int64_t part = 0; part < plan.parts; ++part) {
    result.setPlace(part);
    int64_t first = part * plan.partOutputs();
    bool isLast = part + 1 == plan.parts;
    int64_t end = isLast ? 2 * plan.pairs() : first + plan.partOutputs();
    for (int64_t start = 0; start < plan.channels; start += plan.block) {
      std::vector<Row> rows;
      for (int64_t output = first; output < end; ++output)
        rows.push_back(rowOf(output, start));
      llvm::sort(rows, [](const Row &a, const Row &b) {
        return std::pair(a.channels.size(), a.output) <
               std::pair(b.channels.size(), b.output);
      });
      for (size_t i = 0; i < rows.size(); i += 2)
        result.addPair(rows[i], rows[i + 1], plan.block);
    }
  }
  if (result.values.empty())
    result.values.push_back(0);
  return result;
}

/// What follows is of the part.
void SparseWeights::setPlace(int64_t part) {
  uint8_t *head = &table[part * partHead];
  llvm::support::endian::write32le(head, table.size());
  llvm::support::endian::write32le(head + 4, values.size());
}

void SparseWeights::addPair(const Row &first, const Row &second,
                            int64_t block) {
  struct Step {
    uint8_t channels[2];
    float weights[2];
  };
  std::vector<Step> shared, single;
  size_t i = 0, j = 0, a = 0, b = 0;
  Step none = {{uint8_t(block), uint8_t(block)}, {0, 0}};
  auto addSingle = [&](unsigned which, size_t &at, const Row &row, size_t k) {
    if (at == single.size())
      single.push_back(none);
    single[at].channels[which] = row.channels[k];
    single[at++].weights[which] = row.weights[k];
  };
  while (i < first.channels.size() || j < second.channels.size()) {
    int64_t c = i < first.channels.size() ? first.channels[i] : block;
    int64_t d = j < second.channels.size() ? second.channels[j] : block;
    if (c == d)
      shared.push_back({{uint8_t(c), uint8_t(c)},
                        {first.weights[i++], second.weights[j++]}});
    else if (c < d)
      addSingle(0, a, first, i++);
    else
      addSingle(1, b, second, j++);
  }
  for (int64_t output : {first.output, second.output}) {
    table.push_back(output & 0xff);
    table.push_back(output >> 8);
  }
  table.push_back(shared.size());
  table.push_back(single.size());
  for (const Step &step : shared)
    table.push_back(step.channels[0]);
  for (const Step &step : single)
    table.append({step.channels[0], step.channels[1]});
  for (const std::vector<Step> *steps : {&shared, &single})
    for (const Step &step : *steps)
      values.append({step.weights[0], step.weights[1]});
  sharedSteps += shared.size();
  singleSteps += single.size();
}

int64_t SparsePlan::chooseBlock(int64_t channels, int64_t most) {
  constexpr int64_t vector = 16;
  if (channels <= most)
    return channels;
  for (int64_t blocks = llvm::divideCeil(channels, most);; ++blocks) {
    int64_t exact = llvm::divideCeil(channels, blocks);
    for (int64_t block : {int64_t(llvm::alignTo(exact, vector)), exact})
      if (block <= most && SparsePlan{channels, 0, block, 0, 1}.lastBlock() >=
                               std::min(vector, exact))
        return block;
  }
}
