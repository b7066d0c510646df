//===- OptionsTest.cpp - the table of options and its reader --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/Options.h"
#include "mlc/Quantize.h"

#include "gtest/gtest.h"

#include <set>

using namespace mlc;

namespace {

constexpr Command commands[] = {
    Command::Compile, Command::Run,  Command::Check,
    Command::Bench,   Command::Tune, Command::Quantize,
    Command::Prune,   Command::Eval, Command::Report};

/// What is wrong, "" where nothing is.
std::string set(Options &options, const char *name, const char *text,
                Command command = Command::Compile) {
  return options.set(name, text, command).value_or("");
}

const OptionInfo &find(const std::string &name, Command command) {
  for (const OptionInfo &info : optionTable())
    if (info.name == name && info.isOf(command))
      return info;
  ADD_FAILURE() << "no option " << name;
  return optionTable().front();
}

TEST(Options, ANameIsOneRowOfACommand) {
  for (Command command : commands) {
    std::set<std::string> names;
    for (const OptionInfo &info : optionTable()) {
      EXPECT_NE(info.commands, 0u) << info.name;
      EXPECT_TRUE(info.isFlag || !info.value.empty()) << info.name;
      if (info.isOf(command)) {
        EXPECT_TRUE(names.insert(info.name).second) << info.name;
      }
    }
  }
}

TEST(Options, WhatDecidesTheCodeIsOfAllCommands) {
  for (const char *name :
       {"dim", "shape", "batch", "value", "io", "max-boxes", "max-found",
        "arithmetic", "max-ulp", "fc-weights", "schedule", "stream"})
    for (Command command : commands)
      EXPECT_TRUE(find(name, command).isOf(command));
}

TEST(Options, HelpTellsTheDefaultThatMembersHave) {
  EXPECT_EQ(find("max-ulp", Command::Tune).defaultText, "64");
  EXPECT_NE(find("max-ulp", Command::Tune).help.find("(default: 64)"),
            std::string::npos);
  EXPECT_EQ(find("arithmetic", Command::Run).defaultText, "onnx");
  EXPECT_EQ(find("stream", Command::Run).defaultText, "true");
  EXPECT_EQ(find("margin", Command::Tune).defaultText, "0.03");
  EXPECT_EQ(find("weights", Command::Quantize).defaultText, "uint8");
  EXPECT_EQ(find("prefix", Command::Compile).defaultText, "");
  EXPECT_EQ(find("threads", Command::Compile).defaultText,
            std::to_string(ModelOptions().threads));
  EXPECT_EQ(find("threads", Command::Run).defaultText, "1");
}

TEST(Options, TextsBecomeValues) {
  Options options;
  EXPECT_EQ(set(options, "dim", "N=1"), "");
  EXPECT_EQ(set(options, "dim", "a=b=2"), "");
  EXPECT_EQ(options.dims, (SizesByName{{"N", 1}, {"a=b", 2}}));
  EXPECT_EQ(set(options, "shape", "x=1x3x0"), "");
  EXPECT_EQ(options.shapes, (ShapesByName{{"x", {1, 3, 0}}}));
  EXPECT_EQ(set(options, "value", "rate=@a.npy"), "");
  EXPECT_EQ(options.values, (TextsByName{{"rate", "@a.npy"}}));
  EXPECT_EQ(set(options, "max-ulp", "0.5"), "");
  EXPECT_EQ(options.maxUlp, 0.5);
  EXPECT_EQ(set(options, "fc-weights", "f16"), "");
  EXPECT_EQ(options.fcWeights, WeightStorage::F16);
  EXPECT_EQ(set(options, "max-boxes", "7"), "");
  EXPECT_EQ(options.maxBoxes, 7);
  EXPECT_EQ(set(options, "io", "serving:0:u8"), "");
  EXPECT_EQ(options.ioTypes["serving:0"].element, IoElement::U8);
  EXPECT_FALSE(options.ioTypes["serving:0"].scale);
  EXPECT_EQ(set(options, "io", "y:i16,zero=-3,scale=0.25"), "");
  EXPECT_EQ(options.ioTypes["y"].element, IoElement::I16);
  EXPECT_EQ(options.ioTypes["y"].scale, 0.25);
  EXPECT_EQ(options.ioTypes["y"].zeroPoint, -3);
  EXPECT_EQ(set(options, "schedule", "a"), "");
  EXPECT_EQ(set(options, "schedule", "b"), "");
  EXPECT_EQ(options.scheduleFiles, (std::vector<std::string>{"a", "b"}));
}

TEST(Options, OneNameIsWhatItsCommandMeans) {
  Options options;
  EXPECT_EQ(set(options, "threads", "2", Command::Run), "");
  EXPECT_EQ(options.runThreads, 2u);
  EXPECT_EQ(options.threads, 4u);
  EXPECT_EQ(set(options, "o", "table.json", Command::Tune), "");
  EXPECT_EQ(options.tableFile, "table.json");
  EXPECT_EQ(options.folder, ".");
}

TEST(Options, WrongTextsSayWhatIsRequiredAndChangeNothing) {
  Options options;
  EXPECT_EQ(set(options, "dim", "N=x"), "--dim=N=x: 'x' is not a size");
  EXPECT_EQ(set(options, "dim", "N=-1"), "--dim=N=-1: '-1' is not a size");
  EXPECT_EQ(set(options, "dim", "N"), "--dim=N: name=value is required");
  EXPECT_EQ(set(options, "dim", "=1"), "--dim==1: name=value is required");
  EXPECT_EQ(set(options, "shape", "x=1xx2"),
            "--shape=x=1xx2: '' is not a size");
  EXPECT_EQ(set(options, "threads", "0"), "--threads=0: 1 to 256 are required");
  EXPECT_EQ(set(options, "threads", "-1"),
            "--threads=-1: 1 to 256 are required");
  EXPECT_EQ(set(options, "threads", "257"),
            "--threads=257: 1 to 256 are required");
  EXPECT_EQ(set(options, "max-ulp", "nan"),
            "--max-ulp=nan: 0 or more is required");
  EXPECT_EQ(set(options, "max-boxes", "0"),
            "--max-boxes=0: 1 or more is required");
  EXPECT_EQ(set(options, "arithmetic", "float"),
            "--arithmetic=float: onnx or integer is required");
  EXPECT_EQ(set(options, "stream", "yes"),
            "--stream=yes: true or false is required");
  EXPECT_EQ(set(options, "margin", "1", Command::Tune),
            "--margin=1: 0 to less than 1 is required");
  EXPECT_EQ(set(options, "seconds", "3601", Command::Bench),
            "--seconds=3601: 0 to 3600 is required");
  EXPECT_EQ(set(options, "io", "u8"), "--io=u8: name:type is required");
  EXPECT_EQ(set(options, "io", "x:s9"),
            "--io=x:s9: u8 or i8 or u16 or i16 or u32 or i32 or f16 or bf16 or "
            "f32 is required");
  EXPECT_EQ(set(options, "io", "x:u8,scale=0"),
            "--io=x:u8,scale=0: '0' is not a scale; a positive number is one");
  EXPECT_EQ(set(options, "io", "x:u8,scale=nan"),
            "--io=x:u8,scale=nan: 'nan' is not a scale; a positive number is "
            "one");
  EXPECT_EQ(set(options, "io", "x:u8,zero=a"),
            "--io=x:u8,zero=a: 'a' is not a zero point; an integer is one");
  EXPECT_EQ(set(options, "io", "x:u8,mean=1"),
            "--io=x:u8,mean=1: 'mean=1' is neither scale=number nor "
            "zero=number");
  Options untouched;
  EXPECT_EQ(options.dims, untouched.dims);
  EXPECT_EQ(options.shapes, untouched.shapes);
  EXPECT_EQ(options.threads, untouched.threads);
  EXPECT_EQ(options.maxUlp, untouched.maxUlp);
  EXPECT_EQ(options.maxBoxes, untouched.maxBoxes);
}

TEST(Options, UnknownNamesAreOfNoCommand) {
  Options options;
  EXPECT_EQ(set(options, "max-ulps", "1"),
            "--max-ulps: no such option; did you mean --max-ulp?");
  EXPECT_EQ(set(options, "x", "1"), "-x: no such option");
  EXPECT_EQ(set(options, "margin", "0.5"), "--margin: no such option");
  ModelOptions model;
  EXPECT_EQ(setOption(model, "max-ulp", "2").value_or(""), "");
  EXPECT_EQ(model.maxUlp, 2);
  EXPECT_EQ(setOption(model, "timing", "true").value_or(""),
            "--timing: no such option");
}

TEST(Options, OfTheQuantiserAreThoseThatItReads) {
  QuantizeOptions options;
  EXPECT_EQ(setOption(options, "dim", "N=2").value_or(""), "");
  EXPECT_EQ(options.dims["N"], 2);
  EXPECT_EQ(setOption(options, "observer", "mse").value_or(""), "");
  EXPECT_EQ(options.observer, RangeObserver::Mse);
  EXPECT_EQ(setOption(options, "threads", "3").value_or(""), "");
  EXPECT_EQ(options.runThreads, 3u);
  EXPECT_EQ(setOption(options, "max-size", "0").value_or(""),
            "--max-size=0: 1 or more is required");
  EXPECT_EQ(setOption(options, "observers", "mse").value_or(""),
            "--observers: no such option; did you mean --observer?");
  for (const char *name : {"o", "report", "q", "margin", "target"})
    EXPECT_NE(setOption(options, name, "x").value_or(""), "") << name;
}

} // namespace
