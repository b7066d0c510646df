//===- ElementTypeInfo.cpp - names and sizes of element types -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Contract.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlc;

static constexpr ElementTypeInfo rows[] = {
    {MLC_TYPE_F32, 32, "f32", "float", ""},
    {MLC_TYPE_F64, 64, "f64", "double", ""},
    {MLC_TYPE_F16, 16, "f16", "uint16_t", "IEEE 754 binary16"},
    {MLC_TYPE_BF16, 16, "bf16", "uint16_t", "upper half of a binary32"},
    {MLC_TYPE_U8, 8, "u8", "uint8_t", ""},
    {MLC_TYPE_I8, 8, "i8", "int8_t", ""},
    {MLC_TYPE_U16, 16, "u16", "uint16_t", ""},
    {MLC_TYPE_I16, 16, "i16", "int16_t", ""},
    {MLC_TYPE_U32, 32, "u32", "uint32_t", ""},
    {MLC_TYPE_I32, 32, "i32", "int32_t", ""},
    {MLC_TYPE_U64, 64, "u64", "uint64_t", ""},
    {MLC_TYPE_I64, 64, "i64", "int64_t", ""},
    {MLC_TYPE_BOOL, 8, "bool", "uint8_t", "0 or 1"},
    {MLC_TYPE_F8E4M3FN, 8, "f8e4m3fn", "uint8_t", "8-bit float"},
    {MLC_TYPE_F8E4M3FNUZ, 8, "f8e4m3fnuz", "uint8_t", "8-bit float"},
    {MLC_TYPE_F8E5M2, 8, "f8e5m2", "uint8_t", "8-bit float"},
    {MLC_TYPE_F8E5M2FNUZ, 8, "f8e5m2fnuz", "uint8_t", "8-bit float"},
    {MLC_TYPE_U4, 4, "u4", "uint8_t", "two a byte, the first in the low half"},
    {MLC_TYPE_I4, 4, "i4", "uint8_t", "two a byte, the first in the low half"},
};

const ElementTypeInfo *mlc::findElementType(mlc_type type) {
  const ElementTypeInfo *row = find_if(
      rows, [&](const ElementTypeInfo &row) { return row.type == type; });
  return row == std::end(rows) ? nullptr : row;
}

uint64_t TensorContract::elements() const {
  uint64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

uint64_t TensorContract::bytes() const {
  const ElementTypeInfo *row = findElementType(type);
  return divideCeil(elements() * (row ? row->bits : 0), 8);
}
