//===- Candidates.cpp - decisions worth measuring -------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Candidates.h"

#include "Schedule/ConvAlgorithm.h"
#include "Schedule/RegisterTile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <map>

using namespace mlc;
using mlir::kernel::WinogradPlan;

namespace {

/// Rows by columns of pixels that a depthwise tile may have.
constexpr std::array<int64_t, 2> depthwiseTiles[] = {
    usualDepthwiseTile,
    {4, 4},
    {2, 7},
    {3, 4},
    {1, 7},
    {2, 2},
    {1, 4},
    {1, 8},
    {2, 3},
};

/// Collects candidates that the target can compute and that differ.
class Collector {
public:
  Collector(const Problem &problem, const ScheduleEntry *present,
            const CandidateOptions &options)
      : problem(problem), options(options) {
    if (present)
      now = present->decision;
    if (problem.isDepthwise)
      now.tile = now.tile.value_or(usualDepthwiseTile);
    else if (!now.winograd)
      now.winograd = chooseWinogradTile(problem, options.block, options.maxUlp);
  }

  std::vector<Decision> collect() {
    if (problem.isDepthwise) {
      for (std::array<int64_t, 2> tile : depthwiseTiles)
        addTile(std::nullopt, tile);
      return take();
    }
    addAlgorithms();
    addTiles(*now.winograd, now.tile.has_value());
    if (*now.winograd == 0)
      addLoops();
    // Another algorithm may be the better one with another tile than the
    // model's only.
    for (const Decision &decision : std::vector<Decision>(found))
      if (!decision.tile)
        addTiles(*decision.winograd, /*includesFirst=*/false);
    return take();
  }

private:
  void add(const Decision &decision) {
    if (llvm::Error error = decision.check(problem, options.target)) {
      llvm::consumeError(std::move(error));
      return;
    }
    if (!llvm::is_contained(found, decision) && !(decision == now))
      found.push_back(decision);
  }

  void addTile(std::optional<int64_t> algorithm,
               std::optional<std::array<int64_t, 2>> tile) {
    Decision decision;
    decision.winograd = algorithm;
    decision.tile = tile;
    add(decision);
  }

  /// Each of the other decisions about a direct convolution by itself, with
  /// what is there now. What is done anyway costs one race to find out.
  void addLoops() {
    using namespace mlir::kernel;
    auto addWith = [&](auto change) {
      Decision decision = now;
      change(decision);
      add(decision);
    };
    for (LoopOrder order : {LoopOrder::rows, LoopOrder::channels})
      addWith([&](Decision &d) { d.order = order; });
    for (Prefetch prefetch : {Prefetch::weights, Prefetch::none,
                              Prefetch::weights | Prefetch::outputs})
      addWith([&](Decision &d) { d.prefetch = prefetch; });
    for (int64_t unroll : {2, 8})
      addWith([&](Decision &d) { d.unroll = unroll; });
    if (problem.window[1] > 1)
      addWith([&](Decision &d) { d.sharesInputs = false; });
    if (hasMatrices(problem, options.target))
      for (Unit unit : {Unit::vectors, Unit::matrices})
        addWith([&](Decision &d) { d.unit = unit; });
    for (Division divide : {Division::pixels, Division::channels})
      addWith([&](Decision &d) { d.divide = divide; });
  }

  void addAlgorithms() {
    for (int64_t tile : {4, 2, 0}) {
      mlir::kernel::Winograd algorithm{tile, problem.window[0]};
      bool isPossible =
          tile == 0 ||
          (canUse(algorithm, problem) &&
           winogradErrorBound(algorithm, problem.groupIn()) <= options.maxUlp);
      if (isPossible && tile != *now.winograd)
        addTile(tile, std::nullopt);
    }
  }

  /// `includesFirst`: also the tile that the model itself would choose.
  void addTiles(int64_t algorithm, bool includesFirst) {
    // As lib/Schedule/ConvSchedule.cpp has it.
    bool inF16 = problem.type == "f16" && options.sumsF16 &&
                 options.target.multipliesF16();
    int64_t lanes = options.target.lanes(inF16 ? 16 : 32);
    int64_t channels = problem.groupOut();
    int64_t pixels = problem.pixels();
    if (algorithm) {
      channels = std::min(channels, options.block);
      pixels = WinogradPlan::get(problem.out, problem.groupIn(), options.block,
                                 {algorithm, problem.window[0]})
                   .blockTiles();
    }
    lanes = std::min<int64_t>(lanes, llvm::PowerOf2Ceil(channels));
    PackedWidths widths{lanes, options.block, pixels,
                        problem.window[0] * problem.window[1] *
                            problem.groupIn() * problem.out[3]};
    // Of tiles as wide, those that follow are much alike.
    constexpr unsigned mostOfOneWidth = 3;
    std::map<unsigned, unsigned> taken;
    std::vector<GemmTile> ranked = rankTiles(
        options.target, pixels, llvm::divideCeil(channels, lanes), widths);
    for (GemmTile tile : llvm::drop_begin(ranked, includesFirst ? 0 : 1))
      if (++taken[tile.vectors] <= mostOfOneWidth)
        addTile(algorithm, std::array<int64_t, 2>{tile.rows, tile.vectors});
  }

  std::vector<Decision> take() {
    if (found.size() > options.most)
      found.resize(options.most);
    return std::move(found);
  }

  const Problem &problem;
  const CandidateOptions &options;
  Decision now;
  std::vector<Decision> found;
};

} // namespace

std::vector<Decision> mlc::candidatesOf(const Problem &problem,
                                        const ScheduleEntry *present,
                                        const CandidateOptions &options) {
  return Collector(problem, present, options).collect();
}
