//===- Machine.cpp - what this machine can do at best ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench/Machine.h"
#include "Execute/JitCode.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include <chrono>
#include <cstdlib>
#include <cstring>

using namespace llvm;
using namespace mlc;

using Kernel = void(float *data, int64_t steps, float *sums);

/// A loop of independent chains: `step` writes the IR of chain number i, which
/// takes %s<i> to %t<i>, both of `vector`. Chains start at values of their own,
/// or LLVM would find that they are one.
static std::string loopText(StringRef vector, unsigned chains,
                            function_ref<void(raw_ostream &, unsigned)> step) {
  std::string text;
  raw_string_ostream os(text);
  os << "define void @f(ptr %data, i64 %steps, ptr %sums) {\nentry:\n";
  for (unsigned i = 0; i < chains; ++i)
    os << "  %p" << i << " = getelementptr " << vector << ", ptr %sums, i64 "
       << i << "\n  %b" << i << " = load " << vector << ", ptr %p" << i
       << ", align 4\n";
  os << "  %x = load " << vector << ", ptr %data, align 4\n"
     << "  br label %loop\nloop:\n"
     << "  %i = phi i64 [ 0, %entry ], [ %next, %loop ]\n";
  for (unsigned i = 0; i < chains; ++i)
    os << "  %s" << i << " = phi " << vector << " [ %b" << i
       << ", %entry ], [ %t" << i << ", %loop ]\n";
  for (unsigned i = 0; i < chains; ++i)
    step(os, i);
  os << "  %next = add nuw nsw i64 %i, 1\n"
     << "  %more = icmp ult i64 %next, %steps\n"
     << "  br i1 %more, label %loop, label %done\ndone:\n";
  for (unsigned i = 0; i < chains; ++i)
    os << "  store " << vector << " %t" << i << ", ptr %p" << i
       << ", align 4\n";
  os << "  ret void\n}\n";
  return text;
}

static std::string vectorText(unsigned lanes) {
  return lanes == 1 ? "float" : "<" + std::to_string(lanes) + " x float>";
}

/// Enough to hide the latency of two units (four to five cycles), as far as
/// registers go.
static unsigned chainsFor(const TargetInfo &target) {
  return target.vectorRegisters >= 32 ? 24 : 12;
}

static std::string peakText(unsigned lanes, unsigned chains) {
  std::string vector = vectorText(lanes);
  std::string name = lanes == 1 ? "f32" : "v" + std::to_string(lanes) + "f32";
  std::string function = "@llvm.fmuladd." + name;
  return loopText(vector, chains,
                  [&](raw_ostream &os, unsigned i) {
                    os << "  %t" << i << " = call " << vector << " " << function
                       << "(" << vector << " %s" << i << ", " << vector
                       << " %x, " << vector << " %x)\n";
                  }) +
         "declare " + vector + " " + function + "(" + vector + ", " + vector +
         ", " + vector + ")\n";
}

static std::string readText(unsigned lanes, unsigned chains) {
  std::string vector = vectorText(lanes);
  return loopText(vector, chains, [&](raw_ostream &os, unsigned i) {
    os << "  %n" << i << " = mul nuw nsw i64 %i, " << chains << "\n  %o" << i
       << " = add nuw nsw i64 %n" << i << ", " << i << "\n  %a" << i
       << " = getelementptr " << vector << ", ptr %data, i64 %o" << i
       << "\n  %v" << i << " = load " << vector << ", ptr %a" << i
       << ", align 4\n  %t" << i << " = fadd " << vector << " %s" << i << ", %v"
       << i << "\n";
  });
}

static Expected<std::unique_ptr<JitCode>> build(StringRef text,
                                                const TargetInfo &target) {
  LLVMContext context;
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module =
      parseAssemblyString(text, diagnostic, context);
  if (!module)
    return createStringError("measuring the machine: " +
                             diagnostic.getMessage());
  return JitCode::create(*module, target);
}

static double secondsOf(function_ref<void()> run) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  run();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The shortest of as many runs as fit into `budget` seconds, two at least.
static double bestSeconds(double budget, function_ref<void()> run) {
  double best = secondsOf(run), spent = best;
  do {
    double seconds = secondsOf(run);
    best = std::min(best, seconds);
    spent += seconds;
  } while (spent < budget);
  return best;
}

/// 1e9 operations per second with vectors of `lanes`.
static Expected<double> peakOf(const TargetInfo &target, unsigned lanes,
                               double seconds) {
  unsigned chains = chainsFor(target);
  auto code = build(peakText(lanes, chains), target);
  if (!code)
    return code.takeError();
  Kernel *kernel = nullptr;
  if (Error error = (*code)->find("f", kernel))
    return std::move(error);
  // s * x + x stays near 1, far from what would be slow or infinite.
  std::vector<float> x(lanes, 0.5f), sums(lanes * chains, 1);
  constexpr int64_t steps = 100'000;
  double best =
      bestSeconds(seconds, [&] { kernel(x.data(), steps, sums.data()); });
  return 2e-9 * steps * chains * lanes / best;
}

/// The widest vectors are not the fastest everywhere.
static Expected<std::pair<double, unsigned>> bestPeak(const TargetInfo &target,
                                                      double seconds) {
  std::pair<double, unsigned> best{0, 0};
  unsigned widths = 1;
  for (unsigned bits = target.vectorBits; bits > 128; bits /= 2)
    ++widths;
  for (unsigned bits = target.vectorBits, i = 0; i < widths; bits /= 2, ++i) {
    Expected<double> rate = peakOf(target, bits / 32, seconds / widths);
    if (!rate)
      return rate.takeError();
    best = std::max(best, std::make_pair(*rate, bits));
  }
  return best;
}

Expected<double> mlc::measurePeak(const TargetInfo &target, double seconds) {
  auto best = bestPeak(target, seconds);
  if (!best)
    return best.takeError();
  return best->first;
}

/// 1e9 bytes per second.
static Expected<double> readRate(const TargetInfo &target,
                                 const MachineEffort &effort) {
  unsigned lanes = target.vectorBits / 32;
  constexpr unsigned chains = 8;
  auto code = build(readText(lanes, chains), target);
  if (!code)
    return code.takeError();
  Kernel *kernel = nullptr;
  if (Error error = (*code)->find("f", kernel))
    return std::move(error);
  size_t step = lanes * chains * sizeof(float);
  int64_t steps = std::max<int64_t>(1, effort.readBytes / step);
  std::unique_ptr<void, decltype(&std::free)> memory(std::malloc(steps * step),
                                                     std::free);
  if (!memory)
    return createStringError("measuring the machine: no memory for " +
                             Twine(effort.readBytes) + " bytes");
  // Written, and not with zeros, or all pages would be the one of zeros. The
  // floats are normal numbers.
  std::memset(memory.get(), 0x3c, steps * step);
  std::vector<float> sums(lanes * chains);
  double best = bestSeconds(effort.seconds, [&] {
    kernel(static_cast<float *>(memory.get()), steps, sums.data());
  });
  return 1e-9 * steps * step / best;
}

std::string mlc::processorName() {
  if (auto file = MemoryBuffer::getFileAsStream("/proc/cpuinfo")) {
    SmallVector<StringRef> lines;
    (*file)->getBuffer().split(lines, '\n');
    for (StringRef line : lines)
      if (line.starts_with("model name"))
        return line.split(':').second.trim().str();
  }
  return sys::getHostCPUName().str();
}

Expected<Machine> mlc::measureMachine(const TargetInfo &target,
                                      const MachineEffort &effort) {
  Machine machine;
  machine.cpu = processorName();
  auto peak = bestPeak(target, effort.seconds);
  if (!peak)
    return peak.takeError();
  std::tie(machine.peakGflops, machine.peakVectorBits) = *peak;
  Expected<double> rate = readRate(target, effort);
  if (!rate)
    return rate.takeError();
  machine.readGBs = *rate;
  return machine;
}
