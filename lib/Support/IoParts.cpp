//===- IoParts.cpp - What --io says of an input or output -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/IoParts.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>
#include <limits>

using namespace mlc;
using llvm::StringRef;

/// What is wrong with a text, nothing where it is fine.
using Wrong = std::optional<std::string>;

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

template <typename Enum>
using Words = llvm::ArrayRef<std::pair<StringRef, Enum>>;

static Words<IoElement> wordsOf(IoElement) {
  static const std::pair<StringRef, IoElement> words[] = {
      {"u8", IoElement::U8},   {"i8", IoElement::I8},
      {"u16", IoElement::U16}, {"i16", IoElement::I16},
      {"u32", IoElement::U32}, {"i32", IoElement::I32},
      {"f16", IoElement::F16}, {"bf16", IoElement::BF16},
      {"f32", IoElement::F32}};
  return words;
}

static Words<ImageLayout> wordsOf(ImageLayout) {
  static const std::pair<StringRef, ImageLayout> words[] = {
      {"nchw", ImageLayout::NCHW}, {"nhwc", ImageLayout::NHWC}};
  return words;
}

static Words<ChannelOrder> wordsOf(ChannelOrder) {
  static const std::pair<StringRef, ChannelOrder> words[] = {
      {"rgb", ChannelOrder::RGB},
      {"bgr", ChannelOrder::BGR},
      {"grey", ChannelOrder::Grey}};
  return words;
}

static Words<Resampling> wordsOf(Resampling) {
  static const std::pair<StringRef, Resampling> words[] = {
      {"bilinear", Resampling::Bilinear}, {"nearest", Resampling::Nearest}};
  return words;
}

static Words<OutputFunction> wordsOf(OutputFunction) {
  static const std::pair<StringRef, OutputFunction> words[] = {
      {"softmax", OutputFunction::Softmax},
      {"sigmoid", OutputFunction::Sigmoid}};
  return words;
}

template <typename Enum>
static StringRef wordFor(Enum value) {
  for (const auto &[word, meaning] : wordsOf(value))
    if (meaning == value)
      return word;
  return "";
}

StringRef mlc::nameOf(IoElement value) { return wordFor(value); }
StringRef mlc::nameOf(ImageLayout value) { return wordFor(value); }
StringRef mlc::nameOf(ChannelOrder value) { return wordFor(value); }
StringRef mlc::nameOf(Resampling value) { return wordFor(value); }
StringRef mlc::nameOf(OutputFunction value) { return wordFor(value); }

/// Whether `text` is a word for it.
template <typename Enum>
static bool takeWord(StringRef text, std::optional<Enum> &value) {
  for (const auto &[word, meaning] : wordsOf(Enum()))
    if (word == text) {
      value = meaning;
      return true;
    }
  return false;
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

/// A number that f32 holds, not NaN.
static bool readNumber(StringRef text, double &value) {
  return !text.empty() && !text.getAsDouble(value) &&
         std::abs(value) <= std::numeric_limits<float>::max();
}

static std::string quote(StringRef text) { return "'" + text.str() + "'"; }

/// "0.5", or a quotient as "1/255".
static Wrong parseScale(StringRef text, IoType &type) {
  auto [above, below] = text.split('/');
  double scale = 0, divisor = 1;
  bool isNumber = readNumber(above, scale) &&
                  (above.size() == text.size() || readNumber(below, divisor));
  scale /= divisor;
  if (!isNumber || !(scale > 0) || scale > std::numeric_limits<float>::max())
    return quote(text) + " is not a scale; a positive number is one, or a "
                         "quotient as 1/255";
  type.scale = scale;
  return std::nullopt;
}

static Wrong parseZero(StringRef text, IoType &type) {
  int64_t zero;
  if (text.getAsInteger(10, zero))
    return quote(text) + " is not a zero point; an integer is one";
  type.zeroPoint = zero;
  return std::nullopt;
}

static Wrong parseList(StringRef text, StringRef what,
                       std::vector<double> &values) {
  llvm::SmallVector<StringRef> parts;
  text.split(parts, '/');
  values.resize(parts.size());
  for (auto [part, value] : llvm::zip(parts, values))
    if (!readNumber(part, value))
      return quote(part) + " is not a number for " + what.str();
  return std::nullopt;
}

static Wrong parseMean(StringRef text, IoType &type) {
  return parseList(text, "mean", type.mean);
}

static Wrong parseStd(StringRef text, IoType &type) {
  if (Wrong wrong = parseList(text, "std", type.std))
    return wrong;
  if (llvm::all_of(type.std, [](double value) { return value > 0; }))
    return std::nullopt;
  return "all of std must be positive, of " + quote(text) + " one is not";
}

static Wrong parseSize(StringRef text, IoType &type) {
  constexpr int64_t most = 1 << 15;
  auto [height, width] = text.split('x');
  type.size.resize(2);
  for (auto [part, size] :
       {std::pair<StringRef, int64_t *>(height, &type.size[0]),
        std::pair<StringRef, int64_t *>(width, &type.size[1])})
    if (part.getAsInteger(10, *size) || *size < 1 || *size > most)
      return quote(text) + " is not a height and width, of 1 to " +
             std::to_string(most) + ", as 480x640";
  return std::nullopt;
}

static Wrong parseResize(StringRef text, IoType &type) {
  if (takeWord(text, type.resize))
    return std::nullopt;
  return quote(text) + " is neither bilinear nor nearest";
}

static Wrong parseLetterbox(StringRef text, IoType &type) {
  double value;
  if (!readNumber(text, value))
    return quote(text) + " is not a number for letterbox";
  type.letterbox = value;
  return std::nullopt;
}

static Wrong parseModel(StringRef text, IoType &type) {
  if (takeWord(text, type.modelLayout))
    return std::nullopt;
  if (takeWord(text, type.modelChannels) &&
      type.modelChannels != ChannelOrder::Grey)
    return std::nullopt;
  return quote(text) + " is none of nchw, nhwc, rgb and bgr";
}

static Wrong parseRange(StringRef text, IoType &type) {
  auto [low, high] = text.split("..");
  std::pair<double, double> range;
  if (!readNumber(low, range.first) || !readNumber(high, range.second) ||
      range.first > range.second)
    return quote(text) + " is not a range, as 0..255";
  type.range = range;
  return std::nullopt;
}

static Wrong parseTopK(StringRef text, IoType &type) {
  int64_t count;
  if (text.getAsInteger(10, count) || count < 1)
    return quote(text) + " is not a number of classes, 1 or more";
  type.topK = count;
  return std::nullopt;
}

static Wrong parseLabels(StringRef text, IoType &type) {
  if (text.empty())
    return std::string("labels= needs a file");
  type.labelsFile = text.str();
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

namespace {
struct Part {
  StringRef key; ///< with its '='
  Wrong (*parse)(StringRef value, IoType &type);
};
} // namespace

static constexpr StringRef kLabels = "labels=";

static const Part parts[] = {
    {"scale=", parseScale},         {"zero=", parseZero},
    {"mean=", parseMean},           {"std=", parseStd},
    {"size=", parseSize},           {"resize=", parseResize},
    {"letterbox=", parseLetterbox}, {"model=", parseModel},
    {"range=", parseRange},         {"top_k=", parseTopK},
    {kLabels, parseLabels}};

static Wrong parsePart(StringRef text, IoType &type) {
  if (takeWord(text, type.element) || takeWord(text, type.layout) ||
      takeWord(text, type.channels) || takeWord(text, type.function))
    return std::nullopt;
  if (text == "letterbox") {
    type.letterbox = 0;
    return std::nullopt;
  }
  for (const Part &part : parts)
    if (text.consume_front(part.key))
      return part.parse(text, type);
  std::string known;
  auto add = [&](StringRef word) {
    known += (known.empty() ? "" : ", ") + word.str();
  };
  auto addWords = [&](auto words) {
    for (const auto &[word, meaning] : words)
      add(word);
  };
  addWords(wordsOf(IoElement()));
  addWords(wordsOf(ImageLayout()));
  addWords(wordsOf(ChannelOrder()));
  addWords(wordsOf(OutputFunction()));
  add("letterbox");
  for (const Part &part : parts)
    add(part.key);
  return quote(text) + " is none of " + known;
}

std::optional<std::string> mlc::parseIoType(StringRef text,
                                            IoTypesByName &types) {
  // Behind the name; what is behind a file's begin is its.
  size_t end = text.size();
  for (StringRef before : {",", ":"})
    end = std::min(end, text.find((before + kLabels).str()));
  size_t colon = text.rfind(':', end == text.size() ? end : end + 1);
  if (colon == StringRef::npos || colon == 0)
    return std::string("name:type or name:part,... is required");
  llvm::SmallVector<StringRef> given;
  text.drop_front(colon + 1).split(given, ',');
  IoType type;
  for (StringRef part : given)
    if (Wrong wrong = parsePart(part, type))
      return wrong;
  types[text.take_front(colon).str()] = type;
  return std::nullopt;
}
