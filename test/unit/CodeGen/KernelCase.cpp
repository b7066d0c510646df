//===- KernelCase.cpp - one kernel op with its data -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelCase.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <functional>
#include <random>

using namespace mlc;

int64_t mlc::elements(const Shape &shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

static unsigned widthOf(const std::string &type) {
  return std::stoi(type.substr(type.find_first_of("0123456789"))) / 8;
}

/// Of the types of 16 bits.
static const llvm::fltSemantics &semanticsOf(const std::string &type) {
  return type == "bf16" ? llvm::APFloat::BFloat() : llvm::APFloat::IEEEhalf();
}

template <typename T>
static double readNumber(const char *element) {
  T value;
  std::memcpy(&value, element, sizeof(T));
  return value;
}

static double readHalf(const llvm::fltSemantics &semantics,
                       const char *element) {
  uint16_t bits;
  std::memcpy(&bits, element, sizeof(bits));
  return llvm::APFloat(semantics, llvm::APInt(16, bits)).convertToDouble();
}

static double readF16(const char *element) {
  return readHalf(llvm::APFloat::IEEEhalf(), element);
}
static double readBF16(const char *element) {
  return readHalf(llvm::APFloat::BFloat(), element);
}

static double (*readerOf(llvm::StringRef type))(const char *) {
  return llvm::StringSwitch<double (*)(const char *)>(type)
      .Case("f32", readNumber<float>)
      .Case("f64", readNumber<double>)
      .Case("i8", readNumber<int8_t>)
      .Case("u8", readNumber<uint8_t>)
      .Case("i32", readNumber<int32_t>)
      .Case("bf16", readBF16)
      .Case("f16", readF16);
}

Buffer::Buffer(std::string t, Shape s, Shape st)
    : type(std::move(t)), shape(std::move(s)), strides(std::move(st)),
      read(readerOf(type)), width(widthOf(type)) {
  if (strides.empty()) {
    strides.assign(shape.size(), 1);
    for (size_t i = shape.size(); i-- > 1;)
      strides[i - 1] = strides[i] * shape[i];
  }
  int64_t span = 1;
  for (size_t i = 0; i < shape.size(); ++i)
    span += (shape[i] - 1) * strides[i];
  bytes.assign(span * width, 0);
}

template <typename T>
static void write(std::vector<char> &bytes, int64_t i, double value) {
  T typed = T(value);
  std::memcpy(bytes.data() + i * sizeof(T), &typed, sizeof(T));
}

void Buffer::set1(int64_t i, double value) {
  if (type == "f32")
    return write<float>(bytes, i, value);
  if (type == "f64")
    return write<double>(bytes, i, value);
  if (type == "i8")
    return write<int8_t>(bytes, i, value);
  if (type == "u8")
    return write<uint8_t>(bytes, i, value);
  if (type == "i32")
    return write<int32_t>(bytes, i, value);
  llvm::APFloat half(value);
  bool lost;
  half.convert(semanticsOf(type), llvm::APFloat::rmNearestTiesToEven, &lost);
  write<uint16_t>(bytes, i, half.bitcastToAPInt().getZExtValue());
}

void Buffer::fill(unsigned seed) {
  std::minstd_rand random(seed + 1);
  int64_t count = bytes.size() / width;
  for (int64_t i = 0; i < count; ++i) {
    double unit = double(random() % 65536) / 32768 - 1;
    if (type[0] == 'f' || type == "bf16")
      set1(i, unit);
    else
      set1(i, std::floor(unit * 128) + (type == "u8" ? 128 : 0));
  }
}

std::string Buffer::memref() const {
  std::string result = "memref<";
  for (int64_t size : shape)
    result += std::to_string(size) + "x";
  result += type[0] == 'u' ? "i" + type.substr(1) : type;
  Buffer contiguous(type, shape);
  if (contiguous.strides != strides) {
    result += ", strided<[";
    for (size_t i = 0; i < strides.size(); ++i)
      result += (i ? ", " : "") + std::to_string(strides[i]);
    result += "]>";
  }
  return result + ">";
}

void mlc::forEach(const Shape &shape,
                  const std::function<void(const Shape &)> &body) {
  Shape at(shape.size(), 0);
  for (int64_t i = 0, n = elements(shape); i < n; ++i) {
    body(at);
    for (size_t d = shape.size(); d-- > 0;) {
      if (++at[d] < shape[d])
        break;
      at[d] = 0;
    }
  }
}

std::string mlc::array(const Shape &values) {
  std::string result = "array<i64: ";
  for (size_t i = 0; i < values.size(); ++i)
    result += (i ? ", " : "") + std::to_string(values[i]);
  return result + ">";
}

static std::string function(const Case &c, size_t index) {
  std::string text = "func.func @f" + std::to_string(index) + "(";
  for (size_t i = 0; i < c.arguments.size(); ++i)
    text += (i ? ", %a" : "%a") + std::to_string(i) + ": " +
            c.arguments[i].memref();
  return text + ") {\n  " + c.op + "\n  return\n}\n";
}

/// Elements of the memref that the result does not have stay as they were.
static void checkUntouched(const Case &c, const Buffer &out,
                           const std::vector<char> &before) {
  size_t size = widthOf(out.type);
  std::vector<bool> written(out.bytes.size() / size);
  forEach(out.shape, [&](const Shape &at) { written[out.linear(at)] = true; });
  for (size_t i = 0; i < written.size(); ++i)
    if (!written[i])
      ASSERT_EQ(std::memcmp(&out.bytes[i * size], &before[i * size], size), 0)
          << c.name << ": wrote between the rows, at element " << i;
}

namespace {
/// A copy of an argument, with memory around it that must not change.
class Guarded {
public:
  explicit Guarded(const std::vector<char> &bytes)
      : memory(bytes.size() + 2 * guard, 0x5a) {
    std::memcpy(data(), bytes.data(), bytes.size());
  }
  char *data() { return memory.data() + guard; }
  bool isIntact() const {
    for (size_t i = 0; i < guard; ++i)
      if (memory[i] != 0x5a || memory[memory.size() - 1 - i] != 0x5a)
        return false;
    return true;
  }

private:
  static constexpr size_t guard = 128;
  std::vector<char> memory;
};
} // namespace

static void check(Case &c, KernelJit::Function call) {
  Buffer &out = c.arguments.back();
  out.fill(99);
  std::vector<char> before = out.bytes;
  std::vector<Guarded> arguments;
  for (const Buffer &argument : c.arguments)
    arguments.emplace_back(argument.bytes);
  void *pointers[8] = {};
  for (size_t i = 0; i < arguments.size(); ++i)
    pointers[i] = arguments[i].data();
  call(pointers[0], pointers[1], pointers[2], pointers[3], pointers[4],
       pointers[5], pointers[6], pointers[7]);
  std::memcpy(out.bytes.data(), arguments.back().data(), out.bytes.size());
  for (size_t i = 0; i < arguments.size(); ++i)
    ASSERT_TRUE(arguments[i].isIntact())
        << c.name << ": wrote outside argument " << i << "\n"
        << function(c, 0);
  checkUntouched(c, out, before);
  unsigned wrong = 0;
  forEach(out.shape, [&](const Shape &at) {
    double found = out.get(at), expected = c.expected(at);
    double allowed =
        c.absolute ? c.absolute : c.tolerance * (1 + std::fabs(expected));
    bool close = std::isnan(expected) ? std::isnan(found)
                 : std::isinf(expected)
                     ? found == expected
                     : std::fabs(found - expected) <= allowed;
    if (!close && ++wrong == 1)
      ADD_FAILURE() << c.name << ": at " << array(at) << " found " << found
                    << ", expected " << expected << "\n"
                    << function(c, 0);
  });
}

void mlc::runCases(std::vector<Case> &cases, const TargetInfo &target) {
  constexpr size_t batch = 16;
  for (size_t first = 0; first < cases.size(); first += batch) {
    size_t last = std::min(first + batch, cases.size());
    std::string text;
    for (size_t i = first; i < last; ++i)
      text += function(cases[i], i);
    auto jit = KernelJit::create(text, target);
    ASSERT_TRUE(bool(jit)) << target.name << ": "
                           << llvm::toString(jit.takeError()) << text;
    for (size_t i = first; i < last; ++i) {
      SCOPED_TRACE(target.triple.str() + " " + target.name);
      check(cases[i], llvm::cantFail((*jit)->find("f" + std::to_string(i))));
    }
  }
}

/// The case with its expected values computed, once for all targets.
static Case evaluated(Case c) {
  Buffer positions("i8", c.arguments.back().shape);
  std::vector<double> values;
  forEach(positions.shape,
          [&](const Shape &at) { values.push_back(c.expected(at)); });
  c.expected = [positions, values](const Shape &at) {
    return values[positions.linear(at)];
  };
  return c;
}

void mlc::runOnTargets(size_t count,
                       const std::function<Case(size_t)> &makeCase) {
  constexpr size_t few = 12;
  std::vector<TargetInfo> targets = testedTargets();
  std::vector<std::vector<Case>> cases(targets.size());
  for (size_t i = 0; i < count; ++i)
    if (count <= few) {
      Case c = evaluated(makeCase(i));
      for (std::vector<Case> &onTarget : cases)
        onTarget.push_back(c);
    } else {
      // Not i % size: shapes vary with periods that it may divide.
      cases[(i + i / 12) % targets.size()].push_back(makeCase(i));
    }
  for (size_t t = 0; t < targets.size(); ++t)
    runCases(cases[t], targets[t]);
}
