//===- LowerWinograd.cpp - Convolutions with fewer products ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/LowerWinograd.h"

#include "Conversion/PackWeights.h"
#include "Kernel/IR/Kernel.h"
#include "NN/IR/ScalarEmitter.h"
#include "Schedule/ConvAlgorithm.h"
#include "Schedule/Table.h"

using namespace mlir;
using namespace mlc;

Problem mlc::problemOf(nn::ConvOp op, Value x, const ImageWindow &window,
                       ArrayRef<int64_t> image, ArrayRef<int64_t> weights) {
  Problem problem;
  problem.in.assign(nn::shapeOf(x));
  problem.out.assign(image);
  problem.window = {weights[2], weights[3]};
  problem.stride = {window.strides[0], window.strides[1]};
  problem.pad = {window.pads[0], window.pads[1]};
  problem.dilation = {window.dilations[0], window.dilations[1]};
  problem.groups = op.getGroups();
  if (nn::elementOf(x).isBF16())
    problem.type = "bf16";
  return problem;
}

bool mlc::packsNibbles(nn::ConvOp op, Value weights) {
  ArrayRef<int64_t> s = nn::shapeOf(weights);
  return packsNibbles(weights, s[1], s[1] * s[2] * s[3],
                      nn::elementOf(op.getInput()),
                      kernel::zeroPointOf(op.getInputZeroPoint()));
}

static bool isPermitted(int64_t tile, const Problem &problem, double maxUlp) {
  kernel::Winograd algorithm{tile, problem.window[0]};
  return tile == 0 ||
         (canUse(algorithm, problem) &&
          kernel::winogradErrorBound(algorithm, problem.groupIn()) <= maxUlp);
}

/// Of floats; 0 for a direct convolution.
static int64_t tileOfFloats(nn::ConvOp op, const Problem &problem,
                            const LoweringOptions &options) {
  const ScheduleEntry *entry =
      options.schedule ? options.schedule->find(problem) : nullptr;
  if (entry && entry->decision.winograd) {
    if (isPermitted(*entry->decision.winograd, problem, options.maxUlp))
      return *entry->decision.winograd;
    if (!entry->isShipped)
      op.emitWarning("the schedule asks for ")
          << entry->decision.algorithmText(problem)
          << ", whose error --max-ulp excludes";
  }
  if (problem.type == "bf16" && options.matricesOfBf16)
    return 0;
  return chooseWinogradTile(problem, options.block, options.maxUlp);
}

/// Whether F(4, 3) computes a convolution of bytes, as it does exactly while no
/// sum is too large, and in less time.
static bool isForBytes(nn::ConvOp op, const Problem &problem, Value weights,
                       const LoweringOptions &options) {
  bool isUnsigned = nn::elementOf(op.getInput()).isUnsignedInteger();
  int64_t zero = kernel::zeroPointOf(op.getInputZeroPoint());
  int64_t least = isUnsigned ? 0 : -128, most = least + 255;
  if (!options.byteWinograd || !options.wordsOfBytes || zero < least ||
      zero > most ||
      !isWinogradOfBytesFaster(problem, options.block, options.pairsOfBytes) ||
      !packsQuads(weights, nn::elementOf(op.getWeights()),
                  nn::makeSignless(nn::elementOf(op.getInput()))))
    return false;
  std::optional<int64_t> sum = largestSumOfWeights(weights);
  return sum && *sum * std::max(most - zero, zero - least) <
                    kernel::exactWinogradLimit;
}

static Value makeWinograd(TensorBuilder &t, nn::ConvOp op, Value x,
                          Value weights, const ImageWindow &window,
                          const KernelEpilogue &epilogue,
                          ArrayRef<int64_t> image, int64_t tile,
                          bool inNibbles = false) {
  Value init = t.empty(image, epilogue.element);
  ArrayRef<int64_t> packed = nn::shapeOf(weights);
  bool areBytes = nn::elementOf(x).isInteger(8);
  // Elements of the plan are pairs of bytes, or halves.
  int64_t channels =
      areBytes ? nn::shapeOf(x).back() / packed[0] / 2 : packed[4];
  auto plan =
      kernel::WinogradPlan::get(image, channels, packed[5], {tile, packed[2]});
  Value scratch = t.empty({plan.scratch()},
                          areBytes ? Type(t.b.getI32Type()) : t.b.getF32Type());
  auto y = kernel::WinogradOp::create(
      t.b, t.loc, TypeRange{init.getType(), scratch.getType()}, x, weights,
      epilogue.operands, init, scratch, window.pads, tile,
      op.getInputZeroPointAttr(),
      nn::elementOf(op.getInput()).isUnsignedInteger(), inNibbles);
  epilogue.write(t.b, t.loc, y.getEpilogue(), y.getAccumulatorType());
  return y.getResult(0);
}

Value mlc::lowerByWinograd(TensorBuilder &t, nn::ConvOp op,
                           const LoweringOptions &options, Value x,
                           Value weights, const ImageWindow &window,
                           const KernelEpilogue &epilogue,
                           ArrayRef<int64_t> image) {
  if (nn::shapeOf(x).size() != 4)
    return {};
  Problem problem = problemOf(op, x, window, image, nn::shapeOf(weights));
  int64_t groups = op.getGroups(), block = options.block;
  if (nn::elementOf(x).isInteger(8)) {
    constexpr int64_t tile = 4;
    if (!isForBytes(op, problem, weights, options))
      return {};
    bool nibbles = packsNibbles(op, weights);
    return makeWinograd(t, op, x,
                        packConvSteps(t, weights, groups, block,
                                      nibbles ? kernel::PackStep::nibbles
                                              : kernel::PackStep::quads),
                        window, epilogue, image, tile, nibbles);
  }
  bool inHalves =
      packsHalves(weights, nn::elementOf(op.getWeights()), nn::elementOf(x));
  if (!nn::elementOf(x).isF32() && !inHalves)
    return {};
  int64_t tile = tileOfFloats(op, problem, options);
  if (tile == 0)
    return {};
  return makeWinograd(t, op, x,
                      inHalves ? packConvSteps(t, weights, groups, block)
                               : packConvWeights(t, weights, groups, block),
                      window, epilogue, image, tile);
}
