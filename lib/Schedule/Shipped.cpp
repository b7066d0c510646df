//===- Shipped.cpp - the tables that come with mlc ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Table.h"

#include "llvm/Support/ErrorHandling.h"

using namespace llvm;
using namespace mlc;

#include "ScheduleTables.inc"

/// Of all files of tables/, as the build found them.
static std::vector<ScheduleTable> parseTables() {
  std::vector<ScheduleTable> tables;
  for (StringRef text : embeddedTables()) {
    Expected<ScheduleTable> table = ScheduleTable::parse(text, "shipped table");
    if (!table)
      report_fatal_error(table.takeError());
    table->markShipped();
    tables.push_back(std::move(*table));
  }
  return tables;
}

const ScheduleTable *mlc::shippedTable(const TargetInfo &target) {
  static const std::vector<ScheduleTable> tables = parseTables();
  for (const ScheduleTable &table : tables)
    if (table.isFor(target))
      return &table;
  return nullptr;
}
