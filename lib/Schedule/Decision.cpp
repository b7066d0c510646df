//===- Decision.cpp - how a kernel is computed ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Decision.h"

#include "Schedule/ConvAlgorithm.h"

using namespace mlc;
using namespace mlir::kernel;

static auto partsOf(const Decision &decision) {
  return std::tie(decision.winograd, decision.tile, decision.order,
                  decision.divide, decision.prefetch, decision.sharesInputs,
                  decision.unroll, decision.unit);
}

bool Decision::operator==(const Decision &other) const {
  return partsOf(*this) == partsOf(other);
}

bool Decision::hasLoops() const {
  return order || divide || prefetch || sharesInputs || unroll || unit;
}

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
  auto add = [&](const std::string &part) {
    text += (text.empty() ? "" : " ") + part;
  };
  if (tile)
    add(std::to_string((*tile)[0]) + "x" + std::to_string((*tile)[1]));
  if (order)
    add(("order=" + stringifyLoopOrder(*order)).str());
  if (divide)
    add(("divide=" + stringifyDivision(*divide)).str());
  if (prefetch)
    add("prefetch=" + stringifyPrefetch(*prefetch));
  if (sharesInputs)
    add(*sharesInputs ? "shared_inputs=true" : "shared_inputs=false");
  if (unroll)
    add("unroll=" + std::to_string(*unroll));
  if (unit)
    add(("unit=" + stringifyUnit(*unit)).str());
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

bool mlc::hasMatrices(const Problem &problem, const TargetInfo &target) {
  return (problem.type == "i8" && target.matrixBytes) ||
         (problem.type == "bf16" && target.matrixBf16);
}

/// What only a direct convolution has.
static llvm::Error checkLoops(const Decision &decision, const Problem &problem,
                              const TargetInfo &target) {
  constexpr int64_t mostUnrolled = 64;
  if (problem.isDepthwise || decision.winograd != 0)
    return llvm::createStringError(
        "order, divide, prefetch, shared_inputs, unroll and unit are of a "
        "problem whose algorithm is 'direct'");
  if (problem.groups != 1 && decision.order == mlir::kernel::LoopOrder::rows)
    return llvm::createStringError(
        "rows outside of channels are for one group");
  if (decision.unit == mlir::kernel::Unit::matrices &&
      !hasMatrices(problem, target))
    return llvm::createStringError("the CPU has no matrix unit for " +
                                   problem.type);
  if (decision.unroll &&
      (*decision.unroll < 1 || *decision.unroll > mostUnrolled))
    return llvm::createStringError(
        "%lld steps cannot be written out, 1 to %lld "
        "are required",
        (long long)*decision.unroll, (long long)mostUnrolled);
  return llvm::Error::success();
}

llvm::Error Decision::check(const Problem &problem,
                            const TargetInfo &target) const {
  if (winograd && *winograd != 0 &&
      !canUse({*winograd, problem.window[0]}, problem))
    return llvm::createStringError(
        algorithmText(problem) +
        " is for square windows that move by one, in f32");
  if (hasLoops())
    if (llvm::Error error = checkLoops(*this, problem, target))
      return error;
  return tile ? checkTile(*tile, problem, target) : llvm::Error::success();
}

llvm::Expected<int64_t> mlc::parseAlgorithm(llvm::StringRef text,
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
