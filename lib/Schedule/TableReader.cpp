//===- TableReader.cpp - tables from files --------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Table.h"

#include "Support/InputFile.h"
#include "Support/Json.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace llvm;
using namespace mlc;

namespace mlc {

/// Reads one value after the other; the first that is wrong ends it.
class TableReader {
public:
  TableReader(ScheduleTable &table) : table(table) {}
  Error read(const json::Value &root);

private:
  using Reader = std::function<Error(const json::Value &)>;
  struct Key {
    StringRef name;
    bool isRequired;
    Reader read;
  };

  Error fail(const Twine &message) const {
    return createStringError(table.name + ": " +
                             (place.empty() ? "" : place + ": ") + message);
  }
  Error readObject(const json::Value &value, ArrayRef<Key> keys);
  Error readEntries(const json::Value &value);
  Error readEntry(const json::Value &value);
  Error readInteger(const json::Value &value, int64_t &result);
  Error readTime(const json::Value &value, double &result);
  Error readText(const json::Value &value, std::string &result);
  Error readTile(const json::Value &value, Decision &decision);
  Error readShared(const json::Value &value, Decision &decision);
  Error readUnroll(const json::Value &value, Decision &decision);
  /// One of the words of an enum: `parse` gives its value.
  template <typename Enum>
  Error readWord(const json::Value &value, std::optional<Enum> &result,
                 std::optional<Enum> (*parse)(StringRef), StringRef known);

  ScheduleTable &table;
  std::string place; ///< "entries[3].tile"
};

} // namespace mlc

Error TableReader::readObject(const json::Value &value, ArrayRef<Key> keys) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return fail("an object is required");
  for (const auto &[name, member] : *object)
    if (none_of(keys, [&, name = StringRef(name)](const Key &key) {
          return key.name == name;
        })) {
      std::string known = join(
          map_range(keys, [](const Key &key) { return key.name.str(); }), ", ");
      return fail("unknown key '" + StringRef(name) + "', known are " + known);
    }
  std::string outer = place;
  for (const Key &key : keys) {
    const json::Value *member = object->get(key.name);
    if (!member && key.isRequired)
      return fail("no '" + key.name + "', which is required");
    place = outer + (outer.empty() ? "" : ".") + key.name.str();
    if (member)
      if (Error error = key.read(*member))
        return error;
    place = outer;
  }
  return Error::success();
}

Error TableReader::readInteger(const json::Value &value, int64_t &result) {
  auto number = value.getAsInteger();
  if (!number || *number < 0)
    return fail("a whole number of at least 0 is required");
  result = *number;
  return Error::success();
}

Error TableReader::readTime(const json::Value &value, double &result) {
  auto number = value.getAsNumber();
  if (!number || !std::isfinite(*number) || *number < 0)
    return fail("a time of at least 0 is required");
  result = *number;
  return Error::success();
}

Error TableReader::readText(const json::Value &value, std::string &result) {
  auto text = value.getAsString();
  if (!text || text->empty())
    return fail("a text is required");
  result = text->str();
  return Error::success();
}

Error TableReader::readTile(const json::Value &value, Decision &decision) {
  const json::Array *array = value.getAsArray();
  if (!array || array->size() != 2)
    return fail("two numbers are required");
  std::array<int64_t, 2> tile;
  for (unsigned i : {0, 1})
    if (Error error = readInteger((*array)[i], tile[i]))
      return error;
  if (tile[0] < 1 || tile[1] < 1)
    return fail("two numbers of at least 1 are required");
  decision.tile = tile;
  return Error::success();
}

Error TableReader::readShared(const json::Value &value, Decision &decision) {
  std::optional<bool> shares = value.getAsBoolean();
  if (!shares)
    return fail("true or false is required");
  decision.sharesInputs = *shares;
  return Error::success();
}

Error TableReader::readUnroll(const json::Value &value, Decision &decision) {
  int64_t steps = 0;
  if (Error error = readInteger(value, steps))
    return error;
  decision.unroll = steps;
  return Error::success();
}

template <typename Enum>
Error TableReader::readWord(const json::Value &value,
                            std::optional<Enum> &result,
                            std::optional<Enum> (*parse)(StringRef),
                            StringRef known) {
  std::string text;
  if (Error error = readText(value, text))
    return error;
  result = parse(text);
  if (!result)
    return fail("'" + text + "' found, " + known + " is required");
  return Error::success();
}

Error TableReader::readEntry(const json::Value &value) {
  ScheduleEntry entry;
  auto readProblem = [&](const json::Value &member) -> Error {
    std::string text;
    if (Error error = readText(member, text))
      return error;
    Expected<Problem> problem = Problem::parse(text);
    if (!problem)
      return fail(toString(problem.takeError()));
    if (table.find(*problem))
      return fail("'" + text + "' is there twice");
    entry.problem = std::move(*problem);
    return Error::success();
  };
  auto readAlgorithm = [&](const json::Value &member) -> Error {
    std::string text;
    if (Error error = readText(member, text))
      return error;
    Expected<int64_t> tile = parseAlgorithm(text, entry.problem);
    if (!tile)
      return fail(toString(tile.takeError()));
    entry.decision.winograd = *tile;
    return Error::success();
  };
  Decision &decision = entry.decision;
  auto readOrder = [&](const json::Value &v) {
    return readWord(v, decision.order, mlir::kernel::symbolizeLoopOrder,
                    "'channels' or 'rows'");
  };
  auto readDivide = [&](const json::Value &v) {
    return readWord(v, decision.divide, mlir::kernel::symbolizeDivision,
                    "'channels' or 'pixels'");
  };
  auto readPrefetch = [&](const json::Value &v) {
    return readWord(v, decision.prefetch, mlir::kernel::symbolizePrefetch,
                    "'none' or some of weights|inputs|rows|outputs");
  };
  auto readUnit = [&](const json::Value &v) {
    return readWord(v, decision.unit, mlir::kernel::symbolizeUnit,
                    "'vectors' or 'matrices'");
  };
  // In this order: the algorithm is one for the problem.
  const Key keys[] = {
      {"problem", true, readProblem},
      {"algorithm", false, readAlgorithm},
      {"tile", false,
       [&](const json::Value &v) { return readTile(v, decision); }},
      {"order", false, readOrder},
      {"divide", false, readDivide},
      {"prefetch", false, readPrefetch},
      {"shared_inputs", false,
       [&](const json::Value &v) { return readShared(v, decision); }},
      {"unroll", false,
       [&](const json::Value &v) { return readUnroll(v, decision); }},
      {"unit", false, readUnit},
      {"ms", true, [&](const json::Value &v) { return readTime(v, entry.ms); }},
      {"usual_ms", true,
       [&](const json::Value &v) { return readTime(v, entry.usualMs); }},
  };
  if (Error error = readObject(value, keys))
    return error;
  table.insert(std::move(entry));
  return Error::success();
}

Error TableReader::readEntries(const json::Value &value) {
  const json::Array *array = value.getAsArray();
  if (!array)
    return fail("an array is required");
  for (auto [i, member] : enumerate(*array)) {
    place = "entries[" + utostr(i) + "]";
    if (Error error = readEntry(member))
      return error;
  }
  return Error::success();
}

Error TableReader::read(const json::Value &root) {
  constexpr int64_t newest = 1;
  auto readVersion = [&](const json::Value &value) -> Error {
    int64_t version = 0;
    if (Error error = readInteger(value, version))
      return error;
    if (version != newest)
      return fail("version " + Twine(version) + ", required is " +
                  Twine(newest));
    return Error::success();
  };
  const Key keys[] = {
      {"version", true, readVersion},
      {"cpu", true,
       [&](const json::Value &v) { return readText(v, table.cpu); }},
      {"vector_bits", true,
       [&](const json::Value &v) { return readInteger(v, table.vectorBits); }},
      {"entries", true, [&](const json::Value &v) { return readEntries(v); }},
  };
  return readObject(root, keys);
}

Expected<ScheduleTable> ScheduleTable::parse(StringRef text, StringRef name) {
  Expected<json::Value> root = parseJson(text, name);
  if (!root)
    return root.takeError();
  ScheduleTable table;
  table.name = name.str();
  if (Error error = TableReader(table).read(*root))
    return std::move(error);
  return table;
}

Expected<ScheduleTable> ScheduleTable::read(StringRef path) {
  Expected<std::string> text = readTextFile(path);
  if (!text)
    return text.takeError();
  return parse(*text, path);
}
