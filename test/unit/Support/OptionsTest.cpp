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

TEST(Options, PartsOfImagesAndScores) {
  Options options;
  EXPECT_EQ(
      set(options, "io",
          "image:u8,nhwc,bgr,model=bgr,model=nchw,scale=1/4,mean=1/-2.5/3,"
          "std=2,size=480x640,resize=nearest,letterbox=114,range=-1..2.5"),
      "");
  const IoType &image = options.ioTypes["image"];
  EXPECT_EQ(image.element, IoElement::U8);
  EXPECT_EQ(image.layout, ImageLayout::NHWC);
  EXPECT_EQ(image.modelLayout, ImageLayout::NCHW);
  EXPECT_EQ(image.channels, ChannelOrder::BGR);
  EXPECT_EQ(image.modelChannels, ChannelOrder::BGR);
  EXPECT_EQ(image.scale, 0.25);
  EXPECT_EQ(image.mean, (std::vector<double>{1, -2.5, 3}));
  EXPECT_EQ(image.std, std::vector<double>{2});
  EXPECT_EQ(image.size, (std::vector<int64_t>{480, 640}));
  EXPECT_EQ(image.resize, Resampling::Nearest);
  EXPECT_EQ(image.letterbox, 114);
  EXPECT_EQ(image.range, std::make_pair(-1.0, 2.5));
  // Names and files may hold what parts them.
  EXPECT_EQ(set(options, "io", "a:0,b:labels=c:d.txt,softmax,top_k=5"), "");
  const IoType &scores = options.ioTypes["a:0,b"];
  EXPECT_EQ(scores.labelsFile, "c:d.txt");
  EXPECT_EQ(scores.function, OutputFunction::Softmax);
  EXPECT_EQ(scores.topK, 5);
  EXPECT_FALSE(scores.element);
  EXPECT_EQ(set(options, "io", "y:letterbox"), "");
  EXPECT_EQ(options.ioTypes["y"].letterbox, 0);
}

TEST(Options, PartsThatAreNone) {
  Options options;
  auto wrong = [&](const std::string &part) {
    std::string text = set(options, "io", ("x:" + part).c_str());
    return text.substr(std::min(text.size(), part.size() + 9));
  };
  EXPECT_EQ(wrong("mean=1/b"), "'b' is not a number for mean");
  EXPECT_EQ(wrong("mean=1/"), "'' is not a number for mean");
  EXPECT_EQ(wrong("std=1/0"),
            "all of std must be positive, of '1/0' one is not");
  EXPECT_EQ(wrong("scale=1/0"),
            "'1/0' is not a scale; a positive number is one, "
            "or a quotient as 1/255");
  EXPECT_EQ(wrong("size=480"),
            "'480' is not a height and width, of 1 to 32768, "
            "as 480x640");
  EXPECT_EQ(wrong("size=0x4"),
            "'0x4' is not a height and width, of 1 to 32768, "
            "as 480x640");
  EXPECT_EQ(wrong("resize=cubic"), "'cubic' is neither bilinear nor nearest");
  EXPECT_EQ(wrong("letterbox=x"), "'x' is not a number for letterbox");
  EXPECT_EQ(wrong("model=grey"), "'grey' is none of nchw, nhwc, rgb and bgr");
  EXPECT_EQ(wrong("range=2..1"), "'2..1' is not a range, as 0..255");
  EXPECT_EQ(wrong("range=1"), "'1' is not a range, as 0..255");
  EXPECT_EQ(wrong("top_k=0"), "'0' is not a number of classes, 1 or more");
  EXPECT_EQ(wrong("labels="), "labels= needs a file");
  EXPECT_EQ(wrong("s9"),
            "'s9' is none of u8, i8, u16, i16, u32, i32, f16, bf16, f32, nchw, "
            "nhwc, rgb, bgr, grey, softmax, sigmoid, letterbox, scale=, zero=, "
            "mean=, std=, size=, resize=, letterbox=, model=, range=, top_k=, "
            "labels=");
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
            "--arithmetic=float: onnx or integer or tflite is required");
  EXPECT_EQ(set(options, "stream", "yes"),
            "--stream=yes: true or false is required");
  EXPECT_EQ(set(options, "margin", "1", Command::Tune),
            "--margin=1: 0 to less than 1 is required");
  EXPECT_EQ(set(options, "seconds", "3601", Command::Bench),
            "--seconds=3601: 0 to 3600 is required");
  EXPECT_EQ(set(options, "io", "u8"),
            "--io=u8: name:type or name:part,... is required");
  EXPECT_EQ(set(options, "io", "x:u8,scale=0"),
            "--io=x:u8,scale=0: '0' is not a scale; a positive number is one, "
            "or a quotient as 1/255");
  EXPECT_EQ(set(options, "io", "x:u8,scale=nan"),
            "--io=x:u8,scale=nan: 'nan' is not a scale; a positive number is "
            "one, or a quotient as 1/255");
  EXPECT_EQ(set(options, "io", "x:u8,zero=a"),
            "--io=x:u8,zero=a: 'a' is not a zero point; an integer is one");
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
            "--max-size=0: 1 or more is required, as 500000, 500K or 2M");
  EXPECT_EQ(setOption(options, "max-size", "500K"), std::nullopt);
  EXPECT_EQ(options.maxSize, 500u << 10);
  EXPECT_EQ(setOption(options, "max-size", "2M"), std::nullopt);
  EXPECT_EQ(options.maxSize, 2u << 20);
  for (const char *wrong : {"K", "1KK", "1k", "99999999999G", "1.5M"})
    EXPECT_TRUE(setOption(options, "max-size", wrong)) << wrong;
  EXPECT_EQ(setOption(options, "observers", "mse").value_or(""),
            "--observers: no such option; did you mean --observer?");
  for (const char *name : {"o", "report", "q", "margin", "target"})
    EXPECT_NE(setOption(options, name, "x").value_or(""), "") << name;
}

} // namespace
