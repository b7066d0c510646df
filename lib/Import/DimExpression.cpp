//===- DimExpression.cpp - Sizes that follow from others ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/DimExpression.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>
#include <optional>

using namespace mlc;

//===----------------------------------------------------------------------===//
// Exact fractions
//===----------------------------------------------------------------------===//

namespace {
/// numerator / denominator in lowest terms, denominator > 0.
struct Fraction {
  int64_t numerator = 0, denominator = 1;
};
/// None where a number does not fit into 64 bits, or the divisor is 0.
using Result = std::optional<Fraction>;
} // namespace

static Result fraction(int64_t numerator, int64_t denominator) {
  // What has no negative is left out, so that nothing below overflows.
  if (denominator == 0 || numerator == INT64_MIN || denominator == INT64_MIN)
    return std::nullopt;
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  int64_t common = std::max<int64_t>(1, std::gcd(numerator, denominator));
  return Fraction{numerator / common, denominator / common};
}

static Result multiply(Fraction x, Fraction y) {
  int64_t numerator, denominator;
  if (llvm::MulOverflow(x.numerator, y.numerator, numerator) ||
      llvm::MulOverflow(x.denominator, y.denominator, denominator))
    return std::nullopt;
  return fraction(numerator, denominator);
}

static Result add(Fraction x, Fraction y) {
  int64_t left, right, numerator, denominator;
  if (llvm::MulOverflow(x.numerator, y.denominator, left) ||
      llvm::MulOverflow(y.numerator, x.denominator, right) ||
      llvm::AddOverflow(left, right, numerator) ||
      llvm::MulOverflow(x.denominator, y.denominator, denominator))
    return std::nullopt;
  return fraction(numerator, denominator);
}

static Fraction negate(Fraction x) { return {-x.numerator, x.denominator}; }

static Result subtract(Fraction x, Fraction y) { return add(x, negate(y)); }

static Result divide(Fraction x, Fraction y) {
  if (y.numerator == 0)
    return std::nullopt;
  std::optional<Fraction> inverse = fraction(y.denominator, y.numerator);
  return inverse ? multiply(x, *inverse) : std::nullopt;
}

static Fraction floorOf(Fraction x) {
  int64_t whole = x.numerator / x.denominator;
  bool isBelow = x.numerator < 0 && x.numerator % x.denominator != 0;
  return {whole - isBelow, 1};
}

static Fraction ceilingOf(Fraction x) { return negate(floorOf(negate(x))); }

static Result floorDivide(Fraction x, Fraction y) {
  Result quotient = divide(x, y);
  return quotient ? Result(floorOf(*quotient)) : std::nullopt;
}

static Result ceilDivide(Fraction x, Fraction y) {
  Result quotient = divide(x, y);
  return quotient ? Result(ceilingOf(*quotient)) : std::nullopt;
}

/// With the divisor's sign, as Python has it.
static Result modulo(Fraction x, Fraction y) {
  Result quotient = floorDivide(x, y);
  Result whole = quotient ? multiply(*quotient, y) : std::nullopt;
  return whole ? subtract(x, *whole) : std::nullopt;
}

static Result power(Fraction base, Fraction exponent) {
  if (exponent.denominator != 1 || exponent.numerator < 0 ||
      exponent.numerator > 62)
    return std::nullopt;
  Result result = Fraction{1, 1};
  for (int64_t i = 0; i < exponent.numerator && result; ++i)
    result = multiply(*result, base);
  return result;
}

static Result larger(Fraction x, Fraction y) {
  Result difference = subtract(x, y);
  return difference ? Result(difference->numerator < 0 ? y : x) : std::nullopt;
}

static Result smaller(Fraction x, Fraction y) {
  Result difference = subtract(x, y);
  return difference ? Result(difference->numerator < 0 ? x : y) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

namespace {
struct UnaryRow {
  llvm::StringLiteral name;
  Fraction (*apply)(Fraction);
};
struct BinaryRow {
  llvm::StringLiteral name;
  Result (*apply)(Fraction, Fraction);
  bool takesMore; ///< any number of arguments, from the left
};
} // namespace

static Fraction absolute(Fraction x) { return x.numerator < 0 ? negate(x) : x; }
static Fraction truncate(Fraction x) {
  return x.numerator < 0 ? ceilingOf(x) : floorOf(x);
}
static Fraction itself(Fraction x) { return x; }

/// As sympy, PyTorch's own functions and Python name them.
static constexpr UnaryRow kUnary[] = {
    {"floor", floorOf},      {"ceiling", ceilingOf},   {"ceil", ceilingOf},
    {"FloorToInt", floorOf}, {"CeilToInt", ceilingOf}, {"TruncToInt", truncate},
    {"trunc", truncate},     {"int", truncate},        {"Abs", absolute},
    {"abs", absolute},       {"Identity", itself},     {"ToFloat", itself},
};
static constexpr BinaryRow kBinary[] = {
    {"Max", larger, true},
    {"max", larger, true},
    {"Min", smaller, true},
    {"min", smaller, true},
    {"FloorDiv", floorDivide, false},
    {"CeilDiv", ceilDivide, false},
    {"CleanDiv", divide, false},
    {"IntTrueDiv", divide, false},
    {"Mod", modulo, false},
    {"PythonMod", modulo, false},
    {"mod", modulo, false},
    {"PowByNatural", power, false},
};

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// Recursive descent. The first problem is kept; from then on every function
/// gives 1.
class Reader {
public:
  using Lookup = llvm::function_ref<std::optional<int64_t>(llvm::StringRef)>;

  /// `isSyntaxOnly`: sizes are made up, so what cannot be computed is no
  /// problem.
  Reader(llvm::StringRef text, Lookup lookup, bool isSyntaxOnly = false)
      : text(text), lookup(lookup), isSyntaxOnly(isSyntaxOnly) {}

  Fraction read() {
    Fraction value = sum();
    skipSpace();
    if (problem.empty() && at < text.size())
      refuse("cannot read '" + text.substr(at, 1) + "'");
    return value;
  }

  llvm::Error takeError() {
    if (problem.empty())
      return llvm::Error::success();
    return llvm::createStringError(problem);
  }

private:
  static constexpr Fraction kNothing = {1, 1};
  static constexpr unsigned kMaxDepth = 64;

  Fraction refuse(const llvm::Twine &what) {
    if (problem.empty())
      problem = (what + " at character " + llvm::Twine(at + 1)).str();
    return kNothing;
  }

  /// The problem is where the second operand begins.
  Fraction checked(Result result, size_t start) {
    if (result || isSyntaxOnly)
      return result.value_or(kNothing);
    at = start;
    return refuse("a division by zero or an overflow");
  }

  void skipSpace() {
    while (at < text.size() && llvm::isSpace(text[at]))
      ++at;
  }

  bool take(llvm::StringRef token) {
    skipSpace();
    if (!text.substr(at).starts_with(token))
      return false;
    at += token.size();
    return true;
  }

  Fraction combine(Result (*apply)(Fraction, Fraction), Fraction value,
                   Fraction (Reader::*operand)()) {
    skipSpace();
    size_t start = at;
    Fraction other = (this->*operand)();
    return problem.empty() ? checked(apply(value, other), start) : kNothing;
  }

  Fraction sum() {
    Fraction value = product();
    while (problem.empty()) {
      if (take("+"))
        value = combine(add, value, &Reader::product);
      else if (take("-"))
        value = combine(subtract, value, &Reader::product);
      else
        break;
    }
    return value;
  }

  Fraction product() {
    Fraction value = factor();
    while (problem.empty()) {
      if (take("//"))
        value = combine(floorDivide, value, &Reader::factor);
      else if (take("/"))
        value = combine(divide, value, &Reader::factor);
      else if (take("%"))
        value = combine(modulo, value, &Reader::factor);
      else if (take("*"))
        value = combine(multiply, value, &Reader::factor);
      else
        break;
    }
    return value;
  }

  /// A power binds more than the sign before it.
  Fraction factor() {
    if (++depth > kMaxDepth) {
      refuse("more than 64 levels");
      return kNothing;
    }
    Fraction value = take("-")   ? negate(factor())
                     : take("+") ? factor()
                                 : atom();
    if (problem.empty() && take("**"))
      value = combine(power, value, &Reader::factor);
    --depth;
    return value;
  }

  Fraction atom() {
    if (!problem.empty())
      return kNothing;
    if (take("("))
      return closed(sum());
    skipSpace();
    if (at == text.size())
      return refuse("an operand is missing");
    if (llvm::isDigit(text[at]))
      return number();
    llvm::StringRef name = text.substr(at).take_while(isNamePart);
    if (name.empty())
      return refuse("cannot read '" + text.substr(at, 1) + "'");
    size_t start = at;
    at += name.size();
    if (take("("))
      return call(name, start);
    at = start;
    std::optional<int64_t> size = lookup(name);
    if (!size)
      return refuse("'" + name + "' has no size");
    at += name.size();
    return {*size, 1};
  }

  static bool isNamePart(char c) {
    return llvm::isAlnum(c) || c == '_' || c == '.' || c == ':' ||
           static_cast<unsigned char>(c) >= 0x80;
  }

  Fraction closed(Fraction value) {
    if (problem.empty() && !take(")"))
      return refuse("')' is missing");
    return value;
  }

  /// Digits, and perhaps a point and more of them.
  Fraction number() {
    llvm::StringRef whole = text.substr(at).take_while(llvm::isDigit);
    llvm::StringRef part;
    if (text.substr(at + whole.size()).starts_with("."))
      part = text.substr(at + whole.size() + 1).take_while(llvm::isDigit);
    int64_t value = 0, unit = 1;
    for (char digit : (whole + part).str())
      if (llvm::MulOverflow<int64_t>(value, 10, value) ||
          llvm::AddOverflow<int64_t>(value, digit - '0', value))
        return refuse("a number is too large");
    for (size_t i = 0; i < part.size(); ++i)
      if (llvm::MulOverflow<int64_t>(unit, 10, unit))
        return refuse("a number is too long");
    at += whole.size();
    if (text.substr(at).starts_with("."))
      at += 1 + part.size();
    return checked(fraction(value, unit), at);
  }

  Fraction call(llvm::StringRef name, size_t start) {
    llvm::SmallVector<Fraction> arguments;
    do
      arguments.push_back(sum());
    while (problem.empty() && take(","));
    closed(kNothing);
    if (!problem.empty())
      return kNothing;
    for (const UnaryRow &row : kUnary)
      if (row.name == name && arguments.size() == 1)
        return row.apply(arguments[0]);
    for (const BinaryRow &row : kBinary)
      if (row.name == name &&
          (arguments.size() == 2 || (row.takesMore && !arguments.empty()))) {
        Fraction value = arguments[0];
        for (Fraction argument : llvm::drop_begin(arguments))
          value = checked(row.apply(value, argument), start);
        return value;
      }
    at = start;
    return refuse("no function '" + name + "' of " +
                  llvm::Twine(arguments.size()) + " arguments");
  }

  llvm::StringRef text;
  Lookup lookup;
  bool isSyntaxOnly;
  size_t at = 0;
  unsigned depth = 0;
  std::string problem;
};
} // namespace

llvm::Expected<int64_t>
mlc::evaluateDimension(llvm::StringRef text,
                       const llvm::StringMap<int64_t> &sizes) {
  auto find = [&](llvm::StringRef name) -> std::optional<int64_t> {
    auto it = sizes.find(name);
    return it == sizes.end() ? std::nullopt : std::optional(it->second);
  };
  Reader reader(text, find);
  Fraction value = reader.read();
  if (llvm::Error error = reader.takeError())
    return std::move(error);
  constexpr int64_t kMaxSize = int64_t(1) << 40;
  if (value.denominator != 1)
    return llvm::createStringError("it is " + llvm::Twine(value.numerator) +
                                   "/" + llvm::Twine(value.denominator) +
                                   ", no whole number");
  if (value.numerator < 0 || value.numerator > kMaxSize)
    return llvm::createStringError("it is " + llvm::Twine(value.numerator) +
                                   ", no size");
  return value.numerator;
}

llvm::Expected<std::set<std::string>>
mlc::dimensionNames(llvm::StringRef text) {
  std::set<std::string> names;
  auto collect = [&](llvm::StringRef name) {
    names.insert(name.str());
    return std::optional<int64_t>(1);
  };
  Reader reader(text, collect, /*isSyntaxOnly=*/true);
  (void)reader.read();
  if (llvm::Error error = reader.takeError())
    return std::move(error);
  return names;
}
