//===- Problem.cpp - a kernel, as far as its schedule goes ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Problem.h"

#include "Kernel/IR/Kernel.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::kernel;

int64_t Problem::pixels() const {
  bool isPlain = window == Pair{1, 1} && stride == Pair{1, 1} &&
                 pad == Pair{0, 0} && !isChannelsFirst;
  return isPlain ? out[0] * out[1] * out[2] : out[2];
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static std::string sizesText(ArrayRef<int64_t> sizes) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(sizes, os, "x");
  return text;
}

std::string Problem::str() const {
  std::string text = isDepthwise ? "depthwise " : "conv ";
  text += sizesText(in) + " -> " + sizesText(out) + " " + sizesText(window) +
          " " + type;
  auto add = [&](StringRef key, Pair value, int64_t usual) {
    if (value != Pair{usual, usual})
      text += (" " + key + "=" + sizesText(value)).str();
  };
  add("stride", stride, 1);
  add("pad", pad, 0);
  add("dilation", dilation, 1);
  if (groups != 1)
    text += " groups=" + std::to_string(groups);
  if (isChannelsFirst)
    text += " layout=nchw";
  return text;
}

/// "3x3" into as many sizes as there are, each at least `least`.
static bool parseSizes(StringRef text, int64_t least,
                       MutableArrayRef<int64_t> sizes) {
  SmallVector<StringRef> parts;
  text.split(parts, 'x');
  // No product of four sizes leaves 64 bits.
  constexpr int64_t most = (1 << 15) * int64_t(1 << 9);
  if (parts.size() != sizes.size())
    return false;
  for (auto [part, size] : llvm::zip(parts, sizes))
    if (part.getAsInteger(10, size) || size < least || size > most)
      return false;
  return true;
}

/// One "key=value" behind the type.
static bool parseWord(StringRef word, Problem &problem) {
  auto [key, value] = word.split('=');
  if (key == "stride")
    return parseSizes(value, 1, problem.stride);
  if (key == "pad")
    return parseSizes(value, 0, problem.pad);
  if (key == "dilation")
    return parseSizes(value, 1, problem.dilation);
  if (key == "groups")
    return parseSizes(value, 1, problem.groups);
  problem.isChannelsFirst = word == "layout=nchw";
  return problem.isChannelsFirst;
}

static bool isType(StringRef text) {
  SmallVector<StringRef> names;
  text.split(names, '*');
  return names.size() <= 2 && llvm::all_of(names, [](StringRef name) {
           return !name.empty() && llvm::all_of(name, llvm::isAlnum);
         });
}

llvm::Expected<Problem> Problem::parse(StringRef text) {
  SmallVector<StringRef> words;
  text.split(words, ' ');
  Problem problem;
  problem.in.resize(4);
  problem.out.resize(4);
  bool isGood = words.size() >= 6 && words[2] == "->" &&
                parseSizes(words[1], 1, problem.in) &&
                parseSizes(words[3], 1, problem.out) &&
                parseSizes(words[4], 1, problem.window) && isType(words[5]);
  if (isGood) {
    problem.isDepthwise = words[0] == "depthwise";
    problem.type = words[5].str();
    isGood = llvm::all_of(llvm::drop_begin(words, 6), [&](StringRef word) {
      return parseWord(word, problem);
    });
  }
  // Whatever else can be wrong shows here.
  if (!isGood || problem.str() != text)
    return llvm::createStringError(
        "'" + text +
        "' is no problem; one is required as 'conv 1x8x8x16 -> "
        "1x8x8x32 3x3 f32 pad=1x1'");
  if (problem.in[problem.isChannelsFirst ? 1 : 3] % problem.groups ||
      problem.out[3] % problem.groups)
    return llvm::createStringError("'" + text +
                                   "': groups do not divide the channels");
  return problem;
}

//===----------------------------------------------------------------------===//
// Kernel ops
//===----------------------------------------------------------------------===//

static ShapedType shapedOf(Value value) {
  return cast<ShapedType>(value.getType());
}

/// What all of them have.
template <typename Op>
static Problem commonOf(Op op) {
  Problem problem;
  problem.in.assign(shapedOf(op.getInput()).getShape());
  problem.out.assign(shapedOf(op.getInit()).getShape());
  problem.pad = {op.getPads()[0], op.getPads()[1]};
  auto typeOf = [](Value value) {
    std::string text;
    llvm::raw_string_ostream(text) << shapedOf(value).getElementType();
    return text;
  };
  std::string weights = typeOf(op.getWeights());
  problem.type = typeOf(op.getInput());
  if (weights != problem.type)
    problem.type += "*" + weights;
  return problem;
}

/// Weights of 4 bits are a type of their own, which no memory has.
template <typename Op>
static void markNibbles(Op op, Problem &problem) {
  if (op.getNibbles())
    problem.type += "*i4";
}

template <typename Op>
static Problem windowedOf(Op op) {
  Problem problem = commonOf(op);
  problem.window = {op.getKernelHeight(), op.getKernelWidth()};
  problem.stride = {op.getStrides()[0], op.getStrides()[1]};
  problem.dilation = {op.getDilations()[0], op.getDilations()[1]};
  return problem;
}

/// Of bytes that are read by table the type is "i8*f32", which nothing else is.
std::optional<Problem> ConvOp::getProblem() {
  Problem problem = windowedOf(*this);
  problem.groups = getGroups();
  problem.isChannelsFirst = getInputChannelsFirst();
  markNibbles(*this, problem);
  return problem;
}

std::optional<Problem> WinogradOp::getProblem() {
  Problem problem = commonOf(*this);
  int64_t window = shapedOf(getWeights()).getDimSize(2);
  problem.window = {window, window};
  problem.groups = getGroups();
  markNibbles(*this, problem);
  return problem;
}

std::optional<Problem> DepthwiseOp::getProblem() {
  Problem problem = windowedOf(*this);
  problem.isDepthwise = true;
  return problem;
}
