//===- Options.cpp - What a compilation is asked for ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Options.h"

#include "Emit/Contract.h"
#include "Pipeline/Phases.h"

#include <thread>

using namespace llvm;
using namespace mlc;

static Error checkPhase(StringRef name) {
  if (name.empty() || !phasesFrom(name).empty())
    return Error::success();
  auto isNamed = [&](const Phase &phase) { return phase.name == name; };
  if (any_of(allPhases(), isNamed))
    return createStringError("--stop-after=" + name + ": it is LLVM's; '" +
                             irPhases().back().name +
                             "' is the last phase that can be printed");
  constexpr unsigned near = 3;
  unsigned best = near;
  StringRef meant;
  for (const Phase &phase : irPhases()) {
    unsigned distance = name.edit_distance(phase.name, true, near);
    if (distance < best && distance < phase.name.size())
      meant = phase.name, best = distance;
  }
  std::string advice =
      meant.empty() ? "" : "did you mean '" + meant.str() + "'? ";
  return createStringError("--stop-after=" + name + ": no such phase; " +
                           advice + "mlc compile --list-phases lists them");
}

static Error readTables(ArrayRef<std::string> files,
                        ScheduleOptions &schedule) {
  for (const std::string &file : files) {
    if (file == "none") {
      schedule.useShipped = false;
      continue;
    }
    Expected<ScheduleTable> table = ScheduleTable::read(file);
    if (!table)
      return table.takeError();
    schedule.tables.push_back(std::move(*table));
  }
  return Error::success();
}

static Expected<CompileOptions>
resolve(const ModelOptions &options,
        Expected<std::vector<TargetInfo>> targets) {
  if (!targets)
    return targets.takeError();
  CompileOptions result(options);
  result.targets = std::move(*targets);
  const std::string &prefix = options.prefix;
  if (!prefix.empty() && cIdentifier(prefix) != prefix)
    return createStringError("--prefix=" + prefix +
                             ": a C identifier is required");
  if (Error error = checkPhase(options.stopAfter))
    return std::move(error);
  if (Error error = readTables(options.scheduleFiles, result.schedule))
    return std::move(error);
  if (Error error = result.schedule.check(result.targets))
    return std::move(error);
  return result;
}

unsigned mlc::jobsOf(const ModelOptions &options) {
  // More would share little work, and each takes memory of its own.
  constexpr unsigned most = 16;
  if (options.compileJobs > 0)
    return options.compileJobs;
  return std::clamp(std::thread::hardware_concurrency(), 1u, most);
}

Expected<CompileOptions> mlc::resolveOptions(const ModelOptions &options) {
  return resolve(options, resolveTargets(options.target, options.cpu));
}

Expected<CompileOptions> mlc::resolveForHost(const ModelOptions &options,
                                             StringRef cpu, unsigned threads) {
  Expected<std::vector<TargetInfo>> targets = resolveTargets("", cpu);
  if (targets && targets->size() != 1)
    return createStringError("--cpu=" + cpu + ": one CPU is required");
  Expected<CompileOptions> result = resolve(options, std::move(targets));
  if (!result)
    return result;
  result->threads = std::max(threads, result->threads);
  // A suite's cases are compiled side by side already, each within limits of
  // memory that stacks and heaps of threads count towards.
  result->compileJobs = 1;
  return result;
}
