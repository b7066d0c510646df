//===- Table.h - decisions that were measured -------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decisions for one CPU, by problem. `mlc tune` measures them; what is not in
// the table is decided by the cost models. A file of one:
//
//   {
//     "version": 1,
//     "cpu": "znver4",
//     "vector_bits": 512,
//     "entries": [
//       {"problem": "conv 1x14x14x256 -> 1x14x14x256 3x3 f32 pad=1x1",
//        "algorithm": "F(2,3)", "tile": [12, 2], "ms": 0.41, "usual_ms": 0.52}
//     ]
//   }
//
// `algorithm` and `tile` may be missing (Decision.h). A direct convolution may
// also have "order": "rows", "divide": "pixels", "prefetch": "weights|outputs",
// "shared_inputs": false and "unroll": 8, as in #kernel.schedule. `usual_ms` is
// the time without the entry. Keys may come in any order, and no others are
// known.
//
//   Expected<ScheduleTable> table = ScheduleTable::read("table.json");
//   if (table && table->isFor(target)) ...
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SCHEDULE_TABLE_H
#define MLC_SCHEDULE_TABLE_H

#include "Schedule/Decision.h"
#include <map>

namespace mlc {

struct ScheduleEntry {
  Problem problem;
  Decision decision;
  /// Milliseconds of all kernels with the problem in one run of the model that
  /// was measured, with this decision and without.
  double ms = 0, usualMs = 0;
  /// Came with mlc: where it cannot be followed, nobody needs to know.
  bool isShipped = false;
};

class ScheduleTable {
public:
  ScheduleTable() = default;
  /// An empty one for `target`.
  explicit ScheduleTable(const TargetInfo &target);

  /// Reads a file's text. Errors are one line, "name:line:column: ..." for what
  /// is no JSON, "name: entries[3].tile: ..." for what is no table.
  static llvm::Expected<ScheduleTable> parse(llvm::StringRef text,
                                             llvm::StringRef name);
  static llvm::Expected<ScheduleTable> read(llvm::StringRef path);

  /// The CPU as tables name it: "znver4" for `native` on one, else as written.
  static std::string cpuOf(const TargetInfo &target);
  bool isFor(const TargetInfo &target) const;
  /// "znver4 (512-bit vectors)".
  std::string cpuText() const;

  /// Null where there is none.
  const ScheduleEntry *find(const Problem &problem) const;
  /// Replaces what was there for the same problem.
  void insert(ScheduleEntry entry);
  /// Takes all entries of `later`, over those of this table.
  void merge(const ScheduleTable &later);
  void markShipped();
  size_t size() const { return entries.size(); }
  /// By the problems' texts, sorted.
  const std::map<std::string, ScheduleEntry> &all() const { return entries; }

  /// Errors, naming the table and the problem, where `target` cannot compute a
  /// problem as an entry says.
  llvm::Error check(const TargetInfo &target) const;

  /// What `parse` reads; equal tables give equal bytes.
  void write(llvm::raw_ostream &os) const;
  /// Atomically.
  llvm::Error save(llvm::StringRef path) const;

private:
  std::string name; ///< of the file, for messages
  std::string cpu;
  int64_t vectorBits = 0;
  std::map<std::string, ScheduleEntry> entries;

  friend class TableReader;
};

/// The table that comes with mlc for `target`; null where none was measured.
const ScheduleTable *shippedTable(const TargetInfo &target);

/// Which tables a compilation uses.
struct ScheduleOptions {
  bool useShipped = true;
  /// Over the shipped one, later ones over earlier ones; each counts for the
  /// targets that it is for.
  std::vector<ScheduleTable> tables;

  /// All that is known for `target`.
  ScheduleTable tableFor(const TargetInfo &target) const;
  /// Errors where a table is for none of `targets`, or asks of one what it
  /// cannot do.
  llvm::Error check(llvm::ArrayRef<TargetInfo> targets) const;
};

} // namespace mlc

#endif // MLC_SCHEDULE_TABLE_H
