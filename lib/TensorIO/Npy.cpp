//===- Npy.cpp - NumPy's .npy files ---------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorIO/Npy.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace llvm;

namespace mlc {

static constexpr StringLiteral kMagic = "\x93NUMPY";
/// NumPy's own readers stop at 10,000 characters of header.
static constexpr size_t kMaxHeader = NpyHeader::mostBytes - 12;
static constexpr size_t kMaxRank = 64;

namespace {
/// One row per type that NumPy has; `code` follows the byte order mark.
struct DescrRow {
  StringLiteral code;
  ElementType type;
};

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`: the
/// part of Python's literals that NumPy writes, keys in any order.
class HeaderParser {
public:
  explicit HeaderParser(StringRef text) : rest(text) {}

  Expected<NpyHeader> parse();

private:
  bool consume(StringRef token);
  Error fail(const Twine &required) const;
  Expected<StringRef> parseString();
  Error parseEntry(StringRef key);
  Error parseDescr();
  Error parseOrder();
  Error parseShape();

  StringRef rest;
  NpyHeader header;
  bool sawDescr = false, sawOrder = false, sawShape = false;
};
} // namespace

static constexpr DescrRow kDescrs[] = {
    {"f2", ElementType::F16}, {"f4", ElementType::F32},
    {"f8", ElementType::F64}, {"i1", ElementType::I8},
    {"i2", ElementType::I16}, {"i4", ElementType::I32},
    {"i8", ElementType::I64}, {"u1", ElementType::U8},
    {"u2", ElementType::U16}, {"u4", ElementType::U32},
    {"u8", ElementType::U64}, {"b1", ElementType::Bool},
};

bool HeaderParser::consume(StringRef token) {
  rest = rest.ltrim();
  return rest.consume_front(token);
}

Error HeaderParser::fail(const Twine &required) const {
  std::string found;
  raw_string_ostream os(found);
  printEscapedString(rest.take_front(20), os);
  return createStringError(".npy header: found '" + Twine(found) +
                           "', required: " + required);
}

Expected<StringRef> HeaderParser::parseString() {
  for (StringRef quote : {"'", "\""}) {
    if (!consume(quote))
      continue;
    size_t end = rest.find(quote);
    if (end == StringRef::npos)
      return fail("a closing quote");
    StringRef value = rest.take_front(end);
    rest = rest.drop_front(end + 1);
    return value;
  }
  return fail("a quoted string");
}

Error HeaderParser::parseDescr() {
  sawDescr = true;
  StringRef before = rest.ltrim();
  Expected<StringRef> descr = parseString();
  if (!descr) {
    consumeError(descr.takeError());
    return fail("an element type such as '<f4'; records are not tensors");
  }
  StringRef code = *descr;
  bool big = code.consume_front(">");
  if (!big && !code.consume_front("<") && !code.consume_front("="))
    code.consume_front("|");
  const DescrRow *row = find_if(kDescrs, [&](const DescrRow &candidate) {
    return candidate.code == code;
  });
  if (row == std::end(kDescrs)) {
    rest = before;
    return fail("an integer, float or bool type");
  }
  header.type = row->type;
  header.swapped = big != sys::IsBigEndianHost;
  return Error::success();
}

Error HeaderParser::parseOrder() {
  sawOrder = true;
  header.fortranOrder = consume("True");
  if (!header.fortranOrder && !consume("False"))
    return fail("True or False");
  return Error::success();
}

Error HeaderParser::parseShape() {
  sawShape = true;
  if (!consume("("))
    return fail("the shape, a tuple");
  while (!consume(")")) {
    int64_t dim = 0;
    rest = rest.ltrim();
    if (rest.consumeInteger(10, dim))
      return fail("a dimension");
    consume("L"); // Python 2 wrote its longs so.
    header.shape.push_back(dim);
    if (header.shape.size() > kMaxRank)
      return fail("at most " + Twine(kMaxRank) + " dimensions");
    if (consume(","))
      continue;
    if (!consume(")"))
      return fail("',' or ')'");
    break;
  }
  return Error::success();
}

Error HeaderParser::parseEntry(StringRef key) {
  if (key == "descr" && !sawDescr)
    return parseDescr();
  if (key == "fortran_order" && !sawOrder)
    return parseOrder();
  if (key == "shape" && !sawShape)
    return parseShape();
  return fail("one each of descr, fortran_order and shape, not '" + key + "'");
}

Expected<NpyHeader> HeaderParser::parse() {
  if (!consume("{"))
    return fail("'{'");
  while (!consume("}")) {
    Expected<StringRef> key = parseString();
    if (!key)
      return key.takeError();
    if (!consume(":"))
      return fail("':'");
    if (Error error = parseEntry(*key))
      return std::move(error);
    if (consume(","))
      continue;
    if (!consume("}"))
      return fail("',' or '}'");
    break;
  }
  if (!sawDescr || !sawOrder || !sawShape)
    return fail("descr, fortran_order and shape before the end");
  return header;
}

/// Where the header's text begins and how long it is.
static Expected<std::pair<size_t, size_t>> findHeader(StringRef bytes) {
  if (!bytes.starts_with(kMagic))
    return createStringError(
        "not a .npy file: it does not begin with \\x93NUMPY");
  if (bytes.size() < 12)
    return createStringError(".npy file ends inside its header");
  unsigned version = uint8_t(bytes[6]);
  if (version < 1 || version > 3)
    return createStringError(".npy version is " + Twine(version) +
                             ", required: 1, 2 or 3");
  size_t start = version == 1 ? 10 : 12;
  size_t length = version == 1 ? support::endian::read16le(bytes.data() + 8)
                               : support::endian::read32le(bytes.data() + 8);
  if (length > kMaxHeader)
    return createStringError(".npy header has " + Twine(length) +
                             " bytes, required: at most " + Twine(kMaxHeader));
  if (bytes.size() - start < length)
    return createStringError(".npy file ends inside its header");
  return std::make_pair(start, length);
}

void normaliseNpyElements(const NpyHeader &header, char *bytes, int64_t count) {
  unsigned width = byteSize(header.type);
  if (header.swapped)
    for (int64_t i = 0; i != count; ++i)
      std::reverse(bytes + i * width, bytes + (i + 1) * width);
  if (header.type == ElementType::Bool)
    for (int64_t i = 0; i != count; ++i)
      bytes[i] = bytes[i] != 0;
}

/// Copies elements stored with the first index fastest into C order.
static void copyFromFortranOrder(Tensor &tensor, StringRef payload) {
  unsigned width = byteSize(tensor.type());
  ArrayRef<int64_t> shape = tensor.shape();
  SmallVector<int64_t> stride(shape.size(), 1), index(shape.size(), 0);
  for (size_t axis = 1; axis < shape.size(); ++axis)
    stride[axis] = stride[axis - 1] * shape[axis - 1];
  auto *out = static_cast<char *>(tensor.data());
  int64_t source = 0;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    std::memcpy(out + i * width, payload.data() + source * width, width);
    for (size_t axis = shape.size(); axis-- > 0;) {
      source += stride[axis];
      if (++index[axis] < shape[axis])
        break;
      source -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

/// An error where `header` describes other than `available` bytes, checked
/// before memory is taken.
static Error checkSize(const NpyHeader &header, uint64_t available) {
  Expected<int64_t> count = elementCount(header.shape);
  if (!count)
    return createStringError(".npy header: " + toString(count.takeError()));
  uint64_t needed = *count * byteSize(header.type);
  if (needed == available)
    return Error::success();
  return createStringError(".npy file has " + Twine(available) +
                           " bytes of data, required: " + Twine(needed) +
                           " for " + typeToString(header.type, header.shape));
}

Expected<NpyHeader> parseNpyHeader(StringRef start, uint64_t fileBytes) {
  auto found = findHeader(start);
  if (!found)
    return found.takeError();
  auto [at, length] = *found;
  Expected<NpyHeader> header = HeaderParser(start.substr(at, length)).parse();
  if (!header)
    return header;
  header->dataOffset = at + length;
  if (Error error = checkSize(*header, fileBytes - header->dataOffset))
    return std::move(error);
  return header;
}

Expected<Tensor> parseNpy(StringRef bytes) {
  Expected<NpyHeader> header = parseNpyHeader(bytes, bytes.size());
  if (!header)
    return header.takeError();
  StringRef payload = bytes.drop_front(header->dataOffset);
  Expected<Tensor> tensor = Tensor::create(header->type, header->shape);
  if (!tensor)
    return tensor;
  if (header->fortranOrder)
    copyFromFortranOrder(*tensor, payload);
  else if (!payload.empty())
    std::memcpy(tensor->data(), payload.data(), payload.size());
  normaliseNpyElements(*header, static_cast<char *>(tensor->data()),
                       tensor->size());
  return tensor;
}

/// The type that stands for `type` in a .npy file.
static ElementType writtenType(ElementType type) {
  switch (type) {
  case ElementType::BF16:
    return ElementType::F32;
  case ElementType::I4:
    return ElementType::I8;
  case ElementType::U4:
    return ElementType::U8;
  default:
    return type;
  }
}

static std::string headerText(ElementType type, ArrayRef<int64_t> shape) {
  const DescrRow *row =
      find_if(kDescrs, [&](const DescrRow &r) { return r.type == type; });
  std::string text;
  raw_string_ostream os(text);
  os << "{'descr': '" << (byteSize(type) == 1 ? '|' : '<') << row->code
     << "', 'fortran_order': False, 'shape': (";
  llvm::interleaveComma(shape, os);
  os << (shape.size() == 1 ? ",), }" : "), }");
  // Data starts at a multiple of 64 bytes, so that readers may map it.
  size_t used = 10 + text.size() + 1;
  os.indent(alignTo(used, 64) - used) << '\n';
  return text;
}

void printNpy(raw_ostream &os, const Tensor &tensor) {
  ElementType type = writtenType(tensor.type());
  std::string header = headerText(type, tensor.shape());
  os << kMagic << '\1' << '\0' << char(header.size() & 0xff)
     << char(header.size() >> 8) << header;
  if (tensor.type() == ElementType::BF16) {
    for (BFloat16 value : tensor.values<BFloat16>()) {
      float wide = value;
      os.write(reinterpret_cast<const char *>(&wide), sizeof wide);
    }
    return;
  }
  os.write(static_cast<const char *>(tensor.data()), tensor.sizeInBytes());
}

} // namespace mlc
