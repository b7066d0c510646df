//===- RangeChecks.cpp - whether inputs are what the model knows ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/HeaderParts.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace llvm;
using namespace mlc;

namespace {
/// What a stored element is within: C texts.
struct Bounds {
  std::string least, most;
};
} // namespace

static bool isInteger(mlc_type type) {
  switch (type) {
  case MLC_TYPE_I8:
  case MLC_TYPE_I16:
  case MLC_TYPE_I32:
  case MLC_TYPE_I64:
  case MLC_TYPE_U8:
  case MLC_TYPE_U16:
  case MLC_TYPE_U32:
  case MLC_TYPE_U64:
    return true;
  default:
    return false;
  }
}

static bool isUnsigned(mlc_type type) {
  return type == MLC_TYPE_U8 || type == MLC_TYPE_U16 || type == MLC_TYPE_U32 ||
         type == MLC_TYPE_U64;
}

/// Integers stand for scale * (stored - zero). None where all that the type has
/// are within, or the type has more than doubles tell apart.
static std::optional<Bounds> integerBounds(const TensorContract &tensor,
                                           unsigned bits) {
  if (bits > 32)
    return std::nullopt;
  Quantization q = tensor.quantization.value_or(Quantization());
  // The ends of a range in decimals are not quite multiples of a scale.
  constexpr double slack = 1e-6;
  double zero = double(q.zeroPoint);
  double least = std::ceil(tensor.range->first / q.scale + zero - slack);
  double most = std::floor(tensor.range->second / q.scale + zero + slack);
  bool hasSign = !isUnsigned(tensor.type);
  double low = hasSign ? -std::ldexp(1.0, bits - 1) : 0;
  double high = std::ldexp(1.0, hasSign ? bits - 1 : bits) - 1;
  if (least <= low && most >= high)
    return std::nullopt;
  return Bounds{itostr(int64_t(std::clamp(least, low, high + 1))),
                itostr(int64_t(std::clamp(most, low - 1, high)))};
}

/// A 16-bit float as writeLoop orders them, rounded outwards.
static std::string narrowBound(mlc_type type, double value, bool isLeast) {
  const fltSemantics &semantics =
      type == MLC_TYPE_F16 ? APFloat::IEEEhalf() : APFloat::BFloat();
  APFloat number(value);
  bool ignored;
  number.convert(semantics,
                 isLeast ? APFloat::rmTowardNegative
                         : APFloat::rmTowardPositive,
                 &ignored);
  int64_t bits = number.bitcastToAPInt().getZExtValue();
  int64_t magnitude = bits & 0x7fff;
  return itostr(bits & 0x8000 ? -magnitude : magnitude);
}

static bool isNarrowFloat(mlc_type type) {
  return type == MLC_TYPE_F16 || type == MLC_TYPE_BF16;
}

static std::optional<Bounds> boundsOf(const TensorContract &tensor,
                                      const std::string &macro) {
  const ElementTypeInfo *type = findElementType(tensor.type);
  if (!tensor.range || !type)
    return std::nullopt;
  if (isInteger(tensor.type))
    return integerBounds(tensor, type->bits);
  if (isNarrowFloat(tensor.type))
    return Bounds{narrowBound(tensor.type, tensor.range->first, true),
                  narrowBound(tensor.type, tensor.range->second, false)};
  if (tensor.type != MLC_TYPE_F32 && tensor.type != MLC_TYPE_F64)
    return std::nullopt;
  return Bounds{macro + "_RANGE_MIN", macro + "_RANGE_MAX"};
}

static void writeLoop(const ModelContract &contract,
                      const TensorContract &tensor, raw_ostream &os) {
  std::string macro =
      StringRef(contract.prefix + "_" + tensor.identifier).upper();
  std::optional<Bounds> bounds = boundsOf(tensor, macro);
  if (!bounds)
    return;
  std::string element = "inputs->" + tensor.identifier + "[i]";
  std::string value = element;
  std::string type = findElementType(tensor.type)->cType;
  if (isNarrowFloat(tensor.type)) {
    // Without a sign, floats are ordered as integers are.
    type = "int32_t";
    value = "(" + element + " & 0x8000) ? -(int32_t)(" + element +
            " & 0x7fff) : (int32_t)(" + element + " & 0x7fff)";
  } else if (isInteger(tensor.type)) {
    type = "int64_t";
  }
  os << "  for (i = 0; i < " << macro << "_SIZE; ++i) {\n    const " << type
     << " value = " << value << ";\n    if (!(value >= " << bounds->least
     << " && value <= " << bounds->most << "))\n      return \""
     << tensor.identifier << "\";\n  }\n";
}

void mlc::writeRangeChecks(const ModelContract &contract, raw_ostream &os) {
  os << "\n/* The first input that has a value which is out of its normal "
        "range, "
        "or no\n * number: its name in "
     << contract.prefix
     << "_inputs. A null pointer if there is none, or no range\n * is known. "
        "The "
        "model computes something of any value. */\nstatic inline const char *"
     << contract.prefix << "_check_inputs(const " << contract.prefix
     << "_inputs *inputs) {\n  size_t i;\n";
  for (const TensorContract &tensor : contract.inputs)
    writeLoop(contract, tensor, os);
  os << "  (void)inputs;\n  (void)i;\n  return 0;\n}\n";
}
