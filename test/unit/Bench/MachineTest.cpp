//===- MachineTest.cpp - what this machine can do at best -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench/Machine.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;

namespace {

// No figure can be expected of a machine that does other things as well; that
// code is generated and runs can.
TEST(Machine, IsMeasured) {
  TargetInfo host = cantFail(hostTarget());
  Expected<Machine> machine = measureMachine(host, {0.0, 1 << 20});
  ASSERT_TRUE(bool(machine)) << toString(machine.takeError());
  EXPECT_FALSE(machine->cpu.empty());
  EXPECT_GT(machine->peakGflops, 0);
  EXPECT_GT(machine->readGBs, 0);
  EXPECT_LE(machine->peakVectorBits, host.vectorBits);
}

TEST(Machine, RunsOtherCodeThanItsOwn) {
  auto least = cantFail(resolveTargets("", "")).back();
  EXPECT_GT(cantFail(measurePeak(least, 0)), 0);
}

TEST(Machine, RefusesForeignTargets) {
  StringRef foreign = cantFail(hostTarget()).triple.isX86()
                          ? "aarch64-linux-gnu"
                          : "x86_64-linux-gnu";
  TargetInfo target = cantFail(resolveTargets(foreign, "")).front();
  Expected<double> peak = measurePeak(target, 0);
  ASSERT_FALSE(bool(peak));
  EXPECT_NE(toString(peak.takeError()).find("is not what this process runs on"),
            std::string::npos);
}

} // namespace
