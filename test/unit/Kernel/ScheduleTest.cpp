//===- ScheduleTest.cpp - Schedules as attributes -------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Kernel.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Diagnostics.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::kernel;

namespace {

struct Schedules : ::testing::Test {
  Schedules() { context.loadDialect<KernelDialect>(); }

  /// The attribute, or what is wrong with it.
  ScheduleAttr parse(StringRef text) {
    message.clear();
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      message += diagnostic.str();
      return success();
    });
    return dyn_cast_or_null<ScheduleAttr>(
        parseAttribute(("#kernel.schedule<" + text + ">").str(), &context));
  }

  MLIRContext context;
  std::string message;
};

TEST_F(Schedules, ComeBackAsTheyWereWritten) {
  for (const char *text :
       {"lanes = 16, tile = [6, 4], rest = [14, 2], "
        "merge = images, order = rows, divide = pixels, "
        "prefetch = weights|inputs|rows|outputs, window_registers = 29, "
        "least_sums = 4, unroll = 2, steps = [4, 2], "
        "epilogue = [4, 8]",
        "lanes = 8", "tile = [1, 1]"}) {
    ScheduleAttr schedule = parse(text);
    ASSERT_TRUE(schedule) << text << ": " << message;
    std::string printed;
    llvm::raw_string_ostream(printed) << schedule;
    EXPECT_EQ(printed, ("#kernel.schedule<" + StringRef(text) + ">").str());
  }
}

TEST_F(Schedules, DefaultsAreLeftOut) {
  ScheduleAttr schedule = parse("lanes = 8, merge = none, unroll = 4");
  ASSERT_TRUE(schedule) << message;
  std::string printed;
  llvm::raw_string_ostream(printed) << schedule;
  EXPECT_EQ(printed, "#kernel.schedule<lanes = 8>");
}

TEST_F(Schedules, WhatNoEmitterCanDoIsRefused) {
  const std::pair<const char *, const char *> cases[] = {
      {"lanes = 3", "lanes are 3, a power of two up to 64 is required"},
      {"lanes = 128", "lanes are 128, a power of two up to 64 is required"},
      {"tile = [4]", "tile has 1 numbers, a multiple of 2"},
      {"tile = [4, 0]", "tile has a 0, 1 to 1024 is required"},
      {"rest = [4, 2, 1]", "rest has 3 numbers, a multiple of 2"},
      {"steps = [2000]", "steps has a 2000, 1 to 1024"},
      {"window_registers = -1", "window_registers, least_sums, band and terms "
                                "of at least 0 are required"},
      {"band = -1", "window_registers, least_sums, band and terms of at least "
                    "0 are required"},
      {"terms = -1", "window_registers, least_sums, band and terms of at least "
                     "0 are required"},
      {"unit = tensors", "unit"},
      {"unroll = 0", "unroll is 0, 1 to 64 is required"},
      {"order = diagonal", "order"},
  };
  for (auto [text, expected] : cases) {
    EXPECT_FALSE(parse(text)) << text;
    EXPECT_NE(message.find(expected), std::string::npos)
        << text << ": " << message;
  }
}

} // namespace
