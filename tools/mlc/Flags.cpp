//===- Flags.cpp - Options that commands share ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "Support/Printable.h"

#include "mlc/threads.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

ImportFlags::ImportFlags(cl::SubCommand &scope)
    : dims("dim",
           cl::desc("Bind a symbolic dimension; one without a name is "
                    "'input[index]'"),
           cl::value_desc("name=size"), cl::sub(scope)),
      shapes("shape", cl::desc("Give an input's whole shape"),
             cl::value_desc("input=1x3x224x224"), cl::sub(scope)),
      values("value",
             cl::desc("Make an input a constant: a number, a list as 1,2,3, or "
                      "a tensor's file as @mask.npy"),
             cl::value_desc("input=value"), cl::sub(scope)),
      maxBoxes(
          "max-boxes",
          cl::desc("The most rows that a NonMaxSuppression gives in all; "
                   "the first are kept (default: as many as there may be)"),
          cl::value_desc("number"), cl::init(0), cl::sub(scope)),
      maxFound("max-found",
               cl::desc("The most elements that a NonZero, Compress or Unique "
                        "finds; the first are kept (default: as many as there "
                        "may be)"),
               cl::value_desc("number"), cl::init(0), cl::sub(scope)) {}

NumericFlags::NumericFlags(cl::SubCommand &scope)
    : arithmetic(
          "arithmetic", cl::desc("How quantised models compute"),
          cl::values(clEnumValN(mlc::QuantizeMode::Onnx, "onnx",
                                "as onnxruntime: f32 multiply, ties to even"),
                     clEnumValN(mlc::QuantizeMode::Integer, "integer",
                                "no float: int64 multiply, rounding shift")),
          cl::init(mlc::QuantizeMode::Onnx), cl::sub(scope)),
      maxUlp("max-ulp",
             cl::desc("Error that an f32 convolution may have to be faster, in "
                      "units in the last place of its largest result (default "
                      "64; 0: direct convolutions only)"),
             cl::value_desc("ulp"), cl::init(mlc::CompileOptions().maxUlp),
             cl::sub(scope)),
      fcWeights("fc-weights",
                cl::desc("How weights of fully connected layers are kept, "
                         "which at batch 1 take as long as reading them:"),
                cl::values(clEnumValN(Weights::F32, "f32", "as they are"),
                           clEnumValN(Weights::F16, "f16",
                                      "in half the bytes, rounded; a warning "
                                      "tells each layer's largest error")),
                cl::init(Weights::F32), cl::sub(scope)) {}

Error NumericFlags::apply(mlc::CompileOptions &options) const {
  // NaN fails every comparison.
  if (!(maxUlp >= 0))
    return createStringError(
        "--max-ulp=" + formatv("{0}", maxUlp.getValue()).str() +
        ": 0 or more is required");
  options.arithmetic = arithmetic;
  options.maxUlp = maxUlp;
  options.halfWeights = fcWeights == Weights::F16;
  return Error::success();
}

ScheduleFlag::ScheduleFlag(cl::SubCommand &scope)
    : files("schedule",
            cl::desc("A table of mlc tune, over the one that comes with mlc "
                     "for the CPU; may be repeated, later ones win. 'none': no "
                     "table but those named, the cost models decide"),
            cl::value_desc("file"), cl::sub(scope)) {}

Error ScheduleFlag::apply(mlc::CompileOptions &options) const {
  for (const std::string &file : files) {
    if (file == "none") {
      options.schedule.useShipped = false;
      continue;
    }
    auto table = mlc::ScheduleTable::read(file);
    if (!table)
      return table.takeError();
    options.schedule.tables.push_back(std::move(*table));
  }
  return Error::success();
}

MemoryFlags::MemoryFlags(cl::SubCommand &scope)
    : stream("stream",
             cl::desc("Compute chains of layers by rows where what lies "
                      "between them is larger than the second cache (default: "
                      "true)"),
             cl::value_desc("true|false"), cl::init(true), cl::sub(scope)) {}

void MemoryFlags::apply(mlc::CompileOptions &options) const {
  options.streams = stream;
}

ThreadsFlag::ThreadsFlag(cl::SubCommand &scope)
    : threads("threads", cl::desc("Threads to run on (default: 1)"),
              cl::value_desc("number"), cl::init(1), cl::sub(scope)) {}

Error ThreadsFlag::apply(mlc::CompileOptions &options) const {
  if (threads < 1 || threads > MLC_POOL_MAX_THREADS)
    return createStringError("--threads=" + Twine(threads) + ": 1 to " +
                             Twine(MLC_POOL_MAX_THREADS) + " are required");
  // What ships is measured, unless it is for less.
  options.threads = std::max<unsigned>(threads, options.threads);
  return Error::success();
}

Error setHostCpu(mlc::CompileOptions &options, StringRef cpu) {
  auto targets = mlc::resolveTargets("", cpu);
  if (!targets)
    return targets.takeError();
  if (targets->size() != 1)
    return createStringError("--cpu=" + cpu + ": one CPU is required");
  options.targets = std::move(*targets);
  return Error::success();
}

Expected<std::pair<std::string, std::string>> splitPair(StringRef option,
                                                        StringRef text) {
  auto [name, value] = text.rsplit('=');
  if (name.empty() || value.empty() || name.size() == text.size())
    return createStringError("--" + option + "=" + text +
                             ": name=value is required");
  return std::make_pair(name.str(), value.str());
}

static Expected<int64_t> parseSize(StringRef option, StringRef text) {
  int64_t size = 0;
  if (text.getAsInteger(10, size) || size < 0 || size > (int64_t(1) << 40))
    return createStringError("--" + option + ": '" + text + "' is not a size");
  return size;
}

Expected<mlc::ImportOptions> ImportFlags::parse() const {
  mlc::ImportOptions options;
  for (const std::string &text : dims) {
    auto pair = splitPair("dim", text);
    if (!pair)
      return pair.takeError();
    Expected<int64_t> size = parseSize("dim=" + text, pair->second);
    if (!size)
      return size.takeError();
    options.dims[pair->first] = *size;
  }
  for (const std::string &text : shapes) {
    auto pair = splitPair("shape", text);
    if (!pair)
      return pair.takeError();
    SmallVector<StringRef> parts;
    StringRef(pair->second).split(parts, 'x');
    SmallVector<int64_t> &shape = options.shapes[pair->first];
    for (StringRef part : parts) {
      Expected<int64_t> size = parseSize("shape=" + text, part);
      if (!size)
        return size.takeError();
      shape.push_back(*size);
    }
  }
  for (const std::string &text : values) {
    auto pair = splitPair("value", text);
    if (!pair)
      return pair.takeError();
    options.values[pair->first] = pair->second;
  }
  for (const cl::opt<int64_t> *limit : {&maxBoxes, &maxFound})
    if (limit->getNumOccurrences() > 0 && *limit < 1)
      return createStringError("--" + limit->ArgStr + "=" +
                               Twine(limit->getValue()) +
                               ": 1 or more is required");
  options.maxBoxes = maxBoxes;
  options.maxFound = maxFound;
  return options;
}

void showProgress(mlc::CompileOptions &options) {
  if (!sys::Process::StandardErrIsDisplayed())
    return;
  options.onPhase = [](StringRef phase, unsigned index, unsigned count) {
    errs() << "\r\033[K[" << index + 1 << "/" << count << "] " << phase;
    errs().flush();
  };
}

void printWarnings(const mlc::CompileReport &report) {
  for (const std::string &line : report.warnings)
    WithColor::warning(errs(), "mlc") << mlc::printable(line) << "\n";
}

void clearProgress() {
  if (sys::Process::StandardErrIsDisplayed())
    errs() << "\r\033[K";
}
