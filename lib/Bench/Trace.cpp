//===- Trace.cpp - one run, by kernel and thread --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench/Trace.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace mlc;

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

/// A parallel region. Each task has a place of its own to write to.
struct Trace::Region {
  void (*task)(void *, uint32_t);
  void *data;
  std::vector<RawPart> parts;

  static void run(void *self, uint32_t index) {
    auto &region = *static_cast<Region *>(self);
    RawPart &part = region.parts[index];
    part.thread = std::this_thread::get_id();
    part.begin = Clock::now();
    region.task(region.data, index);
    part.end = Clock::now();
  }
};

void Trace::forkWatched(void *context, void (*task)(void *, uint32_t),
                        void *data, uint32_t count) {
  auto &trace = *static_cast<Trace *>(context);
  const mlc_executor &inner = *trace.inner;
  if (!trace.isRunning)
    return inner.parallel_for(inner.context, task, data, count);
  Region region{task, data, std::vector<RawPart>(count)};
  inner.parallel_for(inner.context, &Region::run, &region, count);
  std::lock_guard<std::mutex> lock(trace.mutex);
  trace.pending.push_back(std::move(region.parts));
}

const mlc_executor *Trace::watch(const mlc_executor *executor) {
  inner = executor;
  watched = *executor;
  watched.context = this;
  watched.parallel_for = &forkWatched;
  return &watched;
}

unsigned Trace::numberOf(std::thread::id thread) {
  auto found = llvm::find(known, thread);
  unsigned number = found - known.begin();
  if (number == known.size())
    known.push_back(thread);
  return number;
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

void Trace::beginRun(Clock::time_point at) {
  current = Run();
  known = {std::this_thread::get_id()};
  pending.clear();
  start = at;
  isRunning = true;
}

void Trace::addKernel(int64_t call, Clock::time_point begin,
                      Clock::time_point end) {
  Kernel kernel;
  kernel.call = call;
  kernel.begin = begin - start;
  kernel.end = end - start;
  for (const std::vector<RawPart> &region : pending)
    for (auto [index, raw] : enumerate(region)) {
      Part part;
      part.index = index;
      part.thread = numberOf(raw.thread);
      part.begin = raw.begin - start;
      part.end = raw.end - start;
      kernel.parts.push_back(part);
    }
  pending.clear();
  current.kernels.push_back(std::move(kernel));
}

void Trace::endRun(Clock::time_point at) {
  isRunning = false;
  current.duration = at - start;
  current.threads = known.size();
  bool isFirst = fastest.duration.count() == 0;
  if (isFirst || current.duration < fastest.duration)
    fastest = std::move(current);
}
