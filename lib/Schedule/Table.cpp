//===- Table.cpp - decisions that were measured ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Table.h"

#include "Support/AtomicFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace mlc;

ScheduleTable::ScheduleTable(const TargetInfo &target)
    : cpu(cpuOf(target)), vectorBits(target.vectorBits) {}

std::string ScheduleTable::cpuOf(const TargetInfo &target) {
  StringRef extensions = target.name;
  if (extensions.consume_front("native"))
    return target.cpu + extensions.str();
  return target.name;
}

bool ScheduleTable::isFor(const TargetInfo &target) const {
  return cpu == cpuOf(target) && vectorBits == target.vectorBits;
}

std::string ScheduleTable::cpuText() const {
  return cpu + " (" + std::to_string(vectorBits) + "-bit vectors)";
}

const ScheduleEntry *ScheduleTable::find(const Problem &problem) const {
  auto found = entries.find(problem.str());
  return found == entries.end() ? nullptr : &found->second;
}

void ScheduleTable::markShipped() {
  for (auto &[key, entry] : entries)
    entry.isShipped = true;
}

void ScheduleTable::insert(ScheduleEntry entry) {
  std::string key = entry.problem.str();
  entries.insert_or_assign(std::move(key), std::move(entry));
}

void ScheduleTable::merge(const ScheduleTable &later) {
  for (const auto &[key, entry] : later.entries)
    entries.insert_or_assign(key, entry);
}

Error ScheduleTable::check(const TargetInfo &target) const {
  for (const auto &[key, entry] : entries)
    if (Error error = entry.decision.check(entry.problem, target))
      return createStringError(name + ": '" + key +
                               "': " + toString(std::move(error)));
  return Error::success();
}

void ScheduleTable::write(raw_ostream &os) const {
  // One line an entry, so that differences of tables can be read.
  os << "{\n  \"version\": 1,\n";
  os << "  \"cpu\": " << json::Value(cpu) << ",\n";
  os << "  \"vector_bits\": " << vectorBits << ",\n  \"entries\": [";
  const char *separator = "\n";
  for (const auto &[key, entry] : entries) {
    os << separator << "    {\"problem\": " << json::Value(key);
    const Decision &decision = entry.decision;
    if (decision.winograd)
      os << ", \"algorithm\": "
         << json::Value(decision.algorithmText(entry.problem));
    if (decision.tile)
      os << formatv(", \"tile\": [{0}, {1}]", (*decision.tile)[0],
                    (*decision.tile)[1]);
    if (decision.order)
      os << formatv(", \"order\": \"{0}\"",
                    stringifyLoopOrder(*decision.order));
    if (decision.divide)
      os << formatv(", \"divide\": \"{0}\"",
                    stringifyDivision(*decision.divide));
    if (decision.prefetch)
      os << formatv(", \"prefetch\": \"{0}\"",
                    stringifyPrefetch(*decision.prefetch));
    if (decision.sharesInputs)
      os << ", \"shared_inputs\": "
         << (*decision.sharesInputs ? "true" : "false");
    if (decision.unroll)
      os << formatv(", \"unroll\": {0}", *decision.unroll);
    if (decision.unit)
      os << formatv(", \"unit\": \"{0}\"", stringifyUnit(*decision.unit));
    os << formatv(", \"ms\": {0:f6}, \"usual_ms\": {1:f6}", entry.ms,
                  entry.usualMs)
       << "}";
    separator = ",\n";
  }
  os << (entries.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

Error ScheduleTable::save(StringRef path) const {
  return writeFileAtomically(path, [&](raw_pwrite_stream &os) {
    write(os);
    return Error::success();
  });
}

ScheduleTable ScheduleOptions::tableFor(const TargetInfo &target) const {
  ScheduleTable result(target);
  if (const ScheduleTable *shipped =
          useShipped ? shippedTable(target) : nullptr)
    result.merge(*shipped);
  for (const ScheduleTable &table : tables)
    if (table.isFor(target))
      result.merge(table);
  return result;
}

Error ScheduleOptions::check(ArrayRef<TargetInfo> targets) const {
  for (const ScheduleTable &table : tables) {
    bool isUsed = false;
    for (const TargetInfo &target : targets) {
      if (!table.isFor(target))
        continue;
      isUsed = true;
      if (Error error = table.check(target))
        return error;
    }
    if (isUsed)
      continue;
    std::string names;
    for (const TargetInfo &target : targets)
      names += (names.empty() ? "" : ", ") + ScheduleTable(target).cpuText();
    return createStringError("a schedule for " + table.cpuText() +
                             " was given, code is made for " + names);
  }
  return Error::success();
}
