//===- Tuner.cpp - measure what the cost models guess ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tune/Tuner.h"

#include "Pipeline/Phases.h"
#include "Schedule/Candidates.h"
#include "Schedule/WeightOrder.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Path.h"
#include <chrono>

using namespace llvm;
using namespace mlc;

namespace {

/// Milliseconds of one run by problem, "" for all operators.
using Times = std::map<std::string, double>;

struct Pair {
  Times usual, other;
};

/// What is known of one problem.
struct Trial {
  Problem problem;
  std::vector<Decision> candidates;
  Decision best;
  double ratio = 1; ///< of the best candidate's time to the usual one
};

} // namespace

namespace mlc {

/// Tunes one model.
class ModelTuner {
public:
  ModelTuner(Tuner &tuner, StringRef model)
      : tuner(tuner), options(tuner.options), model(model) {}

  Expected<TunedModel> run();

private:
  Error import();
  Expected<TimedModel> compile(const ScheduleTable *extra);
  Expected<Pair> race(const ScheduleTable &candidate, double seconds);
  void findProblems();
  Error explore();
  Expected<TunedModel> confirm();
  ScheduleTable tableOf(function_ref<std::optional<Decision>(Trial &)> choose);

  Tuner &tuner;
  const TuneOptions &options;
  StringRef model;
  std::optional<ModelGraph> graph; ///< before the first phase that decides
  std::optional<TimedModel> usual;
  std::vector<Trial> trials;
  unsigned step = 0, steps = 0;
};

} // namespace mlc

/// What all candidates have in common is done once.
Error ModelTuner::import() {
  CompileOptions compile = options.compile;
  compile.model = model.str();
  Expected<ModelGraph> read = ModelGraph::import(compile);
  if (!read)
    return read.takeError();
  graph.emplace(std::move(*read));
  return graph->runTo("layout", compile);
}

Expected<TimedModel> ModelTuner::compile(const ScheduleTable *extra) {
  CompileOptions compile = options.compile;
  compile.model = model.str();
  if (extra) {
    compile.schedule.tables.push_back(tuner.decided);
    compile.schedule.tables.push_back(*extra);
  }
  return TimedModel::create(graph->clone(), compile, options.run);
}

static Times timesOf(const TimedModel &model) {
  StringMap<StringRef> problems;
  for (const KernelInfo &kernel : model.report().kernels)
    problems[kernel.function] = kernel.problem;
  Times times;
  ArrayRef<double> best = model.profile().best();
  for (auto [i, call] : enumerate(model.report().calls)) {
    if (i >= best.size() || model.profile().visits()[i] == 0)
      continue;
    StringRef problem = problems.lookup(call.function);
    times[""] += best[i];
    if (!problem.empty())
      times[problem.str()] += best[i];
  }
  return times;
}

/// The usual model and one with `candidate` take turns of some runs: the first
/// of a turn finds the other's data in the caches.
Expected<Pair> ModelTuner::race(const ScheduleTable &candidate,
                                double seconds) {
  if (options.onStep)
    options.onStep(model, step++, steps);
  Expected<TimedModel> other = compile(&candidate);
  if (!other)
    return other.takeError();
  usual->restart();
  constexpr unsigned runsOfTurn = 4, leastTurns = 3;
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  auto isOver = [&] {
    return std::chrono::duration<double>(Clock::now() - start).count() >=
           seconds;
  };
  for (unsigned turn = 0; turn < leastTurns || !isOver(); ++turn)
    for (TimedModel *each : {&*usual, &*other})
      for (unsigned i = 0; i < runsOfTurn; ++i)
        if (Error error = each->runProfiled())
          return std::move(error);
  return Pair{timesOf(*usual), timesOf(*other)};
}

void ModelTuner::findProblems() {
  // What takes less of the model's time cannot be measured, nor matters.
  constexpr double leastShare = 0.002;
  Times times = timesOf(*usual);
  const TargetInfo &target = options.compile.targets.front();
  ScheduleTable present = options.compile.schedule.tableFor(target);
  CandidateOptions limits{target, packedBlock(options.compile.targets),
                          options.compile.maxUlp, options.candidates,
                          precisionOf(options.compile) == Precision::F16};
  for (const auto &[text, ms] : times) {
    if (text.empty() || ms < leastShare * times[""] ||
        !tuner.measured.insert(text).second)
      continue;
    Trial trial;
    trial.problem = cantFail(Problem::parse(text));
    trial.candidates =
        candidatesOf(trial.problem, present.find(trial.problem), limits);
    steps = std::max<unsigned>(steps, trial.candidates.size());
    trials.push_back(std::move(trial));
  }
  steps += options.rounds;
}

ScheduleTable
ModelTuner::tableOf(function_ref<std::optional<Decision>(Trial &)> choose) {
  ScheduleTable table(options.compile.targets.front());
  for (Trial &trial : trials)
    if (std::optional<Decision> decision = choose(trial))
      table.insert({trial.problem, *decision});
  return table;
}

Error ModelTuner::explore() {
  for (unsigned i = 0; i + options.rounds < steps; ++i) {
    auto candidate = [&](Trial &trial) -> std::optional<Decision> {
      if (i < trial.candidates.size())
        return trial.candidates[i];
      return std::nullopt;
    };
    Expected<Pair> times = race(tableOf(candidate), options.seconds);
    if (!times)
      return times.takeError();
    for (Trial &trial : trials) {
      std::optional<Decision> decision = candidate(trial);
      std::string key = trial.problem.str();
      double ratio = times->other[key] / times->usual[key];
      if (!decision || !(ratio < trial.ratio))
        continue;
      trial.ratio = ratio;
      trial.best = *decision;
    }
  }
  return Error::success();
}

/// Longer, since this decides.
Expected<TunedModel> ModelTuner::confirm() {
  double enough = 1 - options.margin;
  ScheduleTable better = tableOf([&](Trial &trial) {
    return trial.ratio < enough ? std::optional(trial.best) : std::nullopt;
  });
  TunedModel result;
  result.problems = trials.size();
  for (unsigned round = 0; round < options.rounds; ++round) {
    Expected<Pair> times = race(better, 2 * options.seconds);
    if (!times)
      return times.takeError();
    ScheduleTable kept(options.compile.targets.front());
    for (auto [key, entry] : better.all()) {
      entry.ms = times->other[key];
      entry.usualMs = times->usual[key];
      if (entry.ms < enough * entry.usualMs)
        kept.insert(entry);
    }
    better = std::move(kept);
    result.usualMs = times->usual[""];
    result.ms = times->other[""];
  }
  tuner.decided.merge(better);
  for (const auto &[key, entry] : better.all())
    result.entries.push_back(entry);
  return result;
}

Expected<TunedModel> ModelTuner::run() {
  if (Error error = import())
    return std::move(error);
  Expected<TimedModel> compiled = compile(nullptr);
  if (!compiled)
    return compiled.takeError();
  usual.emplace(std::move(*compiled));
  for (unsigned i = 0; i < 3; ++i)
    if (Error error = usual->runProfiled())
      return std::move(error);
  findProblems();
  if (Error error = explore())
    return std::move(error);
  return confirm();
}

Tuner::Tuner(TuneOptions given)
    : options(std::move(given)), decided(options.compile.targets.front()) {}

Expected<TunedModel> Tuner::tune(StringRef model) {
  return ModelTuner(*this, model).run();
}
