//===- ProfileTest.cpp - the time of each operator ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench/Profile.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;

namespace {

TEST(Profile, CountsVisits) {
  Profile profile;
  for (int run = 0; run < 2; ++run)
    ASSERT_EQ(toString(profile.record([&] {
                profile.mark(-1);
                profile.mark(0);
                profile.mark(2);
                profile.mark(0);
                return Error::success();
              })),
              "");
  EXPECT_THAT(profile.visits(), ElementsAre(2, 0, 1));
  EXPECT_EQ(profile.runs(), 2u);
  EXPECT_EQ(profile.best().size(), 3u);
  EXPECT_THAT(profile.best(), Each(Ge(0.0)));
  EXPECT_EQ(profile.best()[1], 0.0);
}

TEST(Profile, PassesErrorsOn) {
  Profile profile;
  EXPECT_EQ(
      toString(profile.record([] { return createStringError("no run"); })),
      "no run");
  EXPECT_EQ(profile.runs(), 0u);
}

TEST(Profile, HearsGeneratedCode) {
  LLVMContext context;
  SMDiagnostic diagnostic;
  auto module = parseAssemblyString(R"(
    declare void @mlc_profile_mark(i64)
    define void @f() {
      call void @mlc_profile_mark(i64 -1)
      call void @mlc_profile_mark(i64 1)
      call void @mlc_profile_mark(i64 0)
      ret void
    })",
                                    diagnostic, context);
  ASSERT_TRUE(module) << diagnostic.getMessage().str();
  auto code = JitCode::create(*module, cantFail(hostTarget()),
                              {OptLevel::Full, Profile::symbols()});
  ASSERT_TRUE(bool(code)) << toString(code.takeError());
  void (*f)() = nullptr;
  ASSERT_EQ(toString((*code)->find("f", f)), "");
  f(); // nobody listens
  Profile profile;
  ASSERT_EQ(toString(profile.record([&] {
              f();
              return Error::success();
            })),
            "");
  EXPECT_THAT(profile.visits(), ElementsAre(1, 1));
}

TEST(Profile, IsMissedWithoutItsSymbols) {
  LLVMContext context;
  SMDiagnostic diagnostic;
  auto module = parseAssemblyString(R"(
    declare void @mlc_profile_mark(i64)
    define void @f() {
      call void @mlc_profile_mark(i64 0)
      ret void
    })",
                                    diagnostic, context);
  auto code = JitCode::create(*module, cantFail(hostTarget()));
  ASSERT_TRUE(bool(code)) << toString(code.takeError());
  void (*f)() = nullptr;
  EXPECT_NE(toString((*code)->find("f", f)).find("mlc_profile_mark"),
            std::string::npos);
}

} // namespace
