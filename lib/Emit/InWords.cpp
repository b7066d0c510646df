//===- InWords.cpp - what inputs and outputs are, for people --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/HeaderParts.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mlc;

static std::string sizeText(ArrayRef<int64_t> size) {
  return formatv("{0}x{1}", size[0], size[1]);
}

static std::string resizeText(const ImageResize &resize) {
  std::string text = "height x width " + sizeText(resize.from);
  text +=
      resize.method.empty() ? " is put" : " is resized (" + resize.method + ")";
  if (!resize.letterbox)
    return text + " to " + sizeText(resize.to);
  const ImageResize::Letterbox &box = *resize.letterbox;
  return text +
         formatv(" to {0}, {1} rows below the top and {2} columns right of the "
                 "left of {3} that are {4} elsewhere",
                 sizeText(box.size), box.before[0], box.before[1],
                 sizeText(resize.to), format("%g", box.value))
             .str();
}

/// "the library: " or "the program: ", what it does.
static std::string stepsText(const Preprocessing &steps) {
  std::string text = steps.description;
  auto add = [&](const std::string &step) {
    text += (text.empty() ? "" : "; ") + step;
  };
  if (steps.resize)
    add(resizeText(*steps.resize));
  if (!steps.mean.empty() || !steps.std.empty())
    add("(value - mean) / std");
  if (!steps.isCompiledIn && !steps.channelOrder.empty())
    add(steps.channelOrder);
  return text;
}

std::vector<std::string> mlc::inWords(const TensorContract &tensor) {
  std::vector<std::string> lines;
  const Preprocessing &steps = tensor.preprocessing;
  if (steps.layout == "NHWC")
    lines.push_back("rows of pixels, a pixel's channels side by side");
  else if (steps.layout == "NCHW")
    lines.push_back("a plane of rows for each channel");
  if (steps.isCompiledIn && !steps.channelOrder.empty())
    lines.push_back("channels: " + steps.channelOrder);
  if (std::string text = stepsText(steps); !text.empty())
    lines.push_back(
        (steps.isCompiledIn ? "done by the library: " : "preprocessing: ") +
        text);
  if (!tensor.function.empty())
    lines.push_back("done by the library: " + tensor.function);
  if (!tensor.indices.empty())
    lines.push_back("the largest first; " + tensor.indices +
                    " has their classes");
  return lines;
}
