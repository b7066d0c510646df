//===- TraceJson.cpp - a trace for Perfetto -------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// "Trace Event Format", Google, the JSON object form: metadata events ("M")
// name the process and its threads, complete events ("X") have a begin and a
// duration. Where two of one thread overlap, one has to be inside the other.
//
//===----------------------------------------------------------------------===//

#include "Bench/Trace.h"

#include "llvm/ADT/DenseMap.h"

using namespace llvm;
using namespace mlc;

namespace {

class TraceWriter {
public:
  TraceWriter(const BenchReport &report, const Trace &trace, raw_ostream &os)
      : report(report), trace(trace), json(os, 1) {
    for (const OperatorRow &row : report.rows)
      rows[row.call] = &row;
  }

  void write();

private:
  void name(StringRef what, unsigned thread, const std::string &text);
  void event(StringRef name, StringRef category, unsigned thread,
             const Trace::Span &span, function_ref<void()> arguments);
  void kernel(const Trace::Kernel &kernel);

  const BenchReport &report;
  const Trace &trace;
  json::OStream json;
  DenseMap<int64_t, const OperatorRow *> rows; ///< by call
};

} // namespace

/// Perfetto takes thread 0 for the idle one.
static unsigned idOf(unsigned thread) { return thread + 1; }

static double microseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

void TraceWriter::name(StringRef what, unsigned thread,
                       const std::string &text) {
  json.object([&] {
    json.attribute("ph", "M");
    json.attribute("name", what);
    json.attribute("pid", 1);
    json.attribute("tid", idOf(thread));
    json.attributeObject("args", [&] { json.attribute("name", text); });
  });
}

void TraceWriter::event(StringRef name, StringRef category, unsigned thread,
                        const Trace::Span &span,
                        function_ref<void()> arguments) {
  json.object([&] {
    json.attribute("ph", "X");
    json.attribute("name", json::fixUTF8(name));
    json.attribute("cat", category);
    json.attribute("pid", 1);
    json.attribute("tid", idOf(thread));
    json.attribute("ts", microseconds(span.begin));
    json.attribute("dur", microseconds(span.end - span.begin));
    json.attributeObject("args", arguments);
  });
}

void TraceWriter::kernel(const Trace::Kernel &kernel) {
  const OperatorRow *row = rows.lookup(kernel.call);
  if (!row)
    return;
  event(row->title(), "kernel", 0, kernel, [&] {
    json.attribute("operator", json::fixUTF8(row->op));
    json.attribute("kernel", row->kernel);
    json.attribute("function", row->function);
    json.attribute("element", row->element);
    json.attribute("detail", row->detail);
    json.attribute("operations", row->operations / row->visits);
    json.attribute("bytes", row->bytes / row->visits);
  });
  for (const Trace::Part &part : kernel.parts)
    event(row->title(), "part", part.thread, part, [&] {
      json.attribute("function", row->function);
      json.attribute("part", part.index);
    });
}

void TraceWriter::write() {
  json.object([&] {
    json.attribute("displayTimeUnit", "ms");
    json.attributeObject("otherData", [&] {
      json.attribute("model", json::fixUTF8(report.model));
      json.attribute("cpu", report.machine.cpu);
      json.attribute("target", report.target);
      json.attribute("threads", report.threads);
      json.attribute("best_ms", report.times.best);
      json.attribute("median_ms", report.times.median);
      json.attribute("operators_ms", report.operatorMs());
      json.attribute("runs", report.profiledRuns);
    });
    json.attributeArray("traceEvents", [&] {
      name("process_name", 0, json::fixUTF8(report.model));
      for (unsigned thread = 0; thread < trace.threads(); ++thread)
        name("thread_name", thread,
             thread == 0 ? "caller" : "worker " + std::to_string(thread));
      Trace::Span whole;
      whole.end = trace.duration();
      event(report.model, "run", 0, whole, [] {});
      for (const Trace::Kernel &each : trace.kernels())
        kernel(each);
    });
  });
}

void mlc::writeTrace(const BenchReport &report, const Trace &trace,
                     raw_ostream &os) {
  TraceWriter(report, trace, os).write();
  os << "\n";
}
