//===- Trace.h - one run, by kernel and thread ------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// When each kernel of a run began and ended, and which thread took which part
// of it. Kernels are told by Profile, parts by an executor that stands before
// the one that the model would use:
//
//   Trace trace;
//   model.useThreads(2, [&](auto *inner) { return trace.watch(inner); });
//   Error e = profile.record([&] { return model.runInto(in, out); }, &trace);
//   writeTrace(report, trace, os);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BENCH_TRACE_H
#define MLC_BENCH_TRACE_H

#include "Bench/Report.h"
#include "mlc/runtime.h"

#include <chrono>
#include <mutex>
#include <thread>

namespace mlc {

/// The fastest of the runs that it was told of.
class Trace {
public:
  using Clock = std::chrono::steady_clock;

  /// From the run's begin on.
  struct Span {
    std::chrono::nanoseconds begin{0}, end{0};
  };
  struct Part : Span {
    uint32_t index = 0;  ///< among the kernel's
    unsigned thread = 0; ///< 0: the one that runs the model
  };
  struct Kernel : Span {
    int64_t call = 0; ///< OperatorRow::call
    std::vector<Part> parts;
  };

  /// An executor that does as `inner`, which is to outlive this object, and
  /// takes note of it while a run goes on. One at a time.
  const mlc_executor *watch(const mlc_executor *inner);

  /// Profile's: a run begins on this thread; a call of a kernel is over; the
  /// run is. Times do not go back.
  void beginRun(Clock::time_point at);
  void addKernel(int64_t call, Clock::time_point begin, Clock::time_point end);
  void endRun(Clock::time_point at);

  /// Of the fastest run, in the order of time.
  llvm::ArrayRef<Kernel> kernels() const { return fastest.kernels; }
  std::chrono::nanoseconds duration() const { return fastest.duration; }
  /// Threads that took part in it.
  unsigned threads() const { return fastest.threads; }

private:
  /// A part before it is known when its run began.
  struct RawPart {
    std::thread::id thread;
    Clock::time_point begin, end;
  };
  struct Region;
  struct Run {
    std::vector<Kernel> kernels;
    std::chrono::nanoseconds duration{0};
    unsigned threads = 1;
  };

  static void forkWatched(void *context, void (*task)(void *, uint32_t),
                          void *data, uint32_t count);
  unsigned numberOf(std::thread::id thread);

  mlc_executor watched{};
  const mlc_executor *inner = nullptr;
  Run current, fastest;
  bool isRunning = false;
  Clock::time_point start;
  std::vector<std::thread::id> known;        ///< threads of the current run
  std::mutex mutex;                          ///< of `pending`
  std::vector<std::vector<RawPart>> pending; ///< regions since the last kernel
};

/// Chrome's trace format (JSON, "X" events in microseconds), which Perfetto and
/// chrome://tracing open: the run, its kernels, named as in `report`, and their
/// parts, each inside of what it belongs to where both are on one thread.
void writeTrace(const BenchReport &report, const Trace &trace,
                llvm::raw_ostream &os);

} // namespace mlc

#endif // MLC_BENCH_TRACE_H
