//===- Decision.cpp - how a kernel is computed ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Decision.h"

#include "Schedule/ConvAlgorithm.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;
using namespace mlc;

std::string Decision::algorithmText(const Problem &problem) const {
  if (!winograd)
    return "";
  if (*winograd == 0)
    return "direct";
  return "F(" + std::to_string(*winograd) + "," +
         std::to_string(problem.window[0]) + ")";
}

std::string Decision::str(const Problem &problem) const {
  std::string text = algorithmText(problem);
  if (tile)
    text += (text.empty() ? "" : " ") + std::to_string((*tile)[0]) + "x" +
            std::to_string((*tile)[1]);
  return text.empty() ? "the cost model's" : text;
}

static llvm::Error checkTile(std::array<int64_t, 2> tile,
                             const Problem &problem, const TargetInfo &target) {
  auto [first, second] = tile;
  if (first < 1 || second < 1)
    return llvm::createStringError("a tile of two sizes of at least 1 is "
                                   "required");
  int64_t most = target.vectorRegisters, taken = most + 1;
  // Besides the accumulators: the weights of one step and a broadcast, and
  // without FMA two products; a depthwise tile has one input and one weight.
  if (first <= most && second <= most)
    taken = first * second + (problem.isDepthwise ? 1 : second) +
            (target.fma ? 1 : 3);
  if (taken > most)
    return llvm::createStringError(
        "a tile of %lldx%lld does not fit the %lld vector registers",
        (long long)first, (long long)second, (long long)most);
  return llvm::Error::success();
}

llvm::Error Decision::check(const Problem &problem,
                            const TargetInfo &target) const {
  if (winograd && *winograd != 0 &&
      !canUse({*winograd, problem.window[0]}, problem))
    return llvm::createStringError(
        algorithmText(problem) +
        " is for square windows that move by one, in f32");
  return tile ? checkTile(*tile, problem, target) : llvm::Error::success();
}

llvm::Expected<int64_t> mlc::parseAlgorithm(StringRef text,
                                            const Problem &problem) {
  std::string known;
  for (int64_t tile : {0, 2, 4}) {
    Decision decision;
    decision.winograd = tile;
    if (tile && !canUse({tile, problem.window[0]}, problem))
      continue;
    if (decision.algorithmText(problem) == text)
      return tile;
    known += (known.empty() ? "" : ", ") + decision.algorithmText(problem);
  }
  return llvm::createStringError("no algorithm '" + text +
                                 "' for it, known are " + known);
}

std::optional<std::array<int64_t, 2>> mlc::tileOf(Operation *op) {
  auto sizes = op->getAttrOfType<DenseI64ArrayAttr>(attrs::tile);
  if (!sizes || sizes.size() != 2 || sizes[0] < 1 || sizes[1] < 1)
    return std::nullopt;
  return std::array<int64_t, 2>{sizes[0], sizes[1]};
}
