//===- Options.cpp - the table of options and its reader ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/IoParts.h"
#include "Support/OptionNames.h"

#include "mlc/Quantize.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include "mlc/threads.h"

#include <limits>

using namespace mlc;
using llvm::StringRef;

/// What is wrong with a text, nothing where it is fine.
using Wrong = std::optional<std::string>;

//===----------------------------------------------------------------------===//
// The names that the table uses
//===----------------------------------------------------------------------===//

namespace {

struct Limits {
  double least, most;
  const char *required;
  bool hasUnits = false; ///< K, M and G may follow, of 1024 each

  /// NaN is never within.
  bool hold(double value) const { return value >= least && value <= most; }
};

} // namespace

static constexpr double infinity = std::numeric_limits<double>::infinity();

static constexpr Limits ANY = {-infinity, infinity, "a number is required"};
static constexpr Limits NOT_NEGATIVE = {0, infinity, "0 or more is required"};
static constexpr Limits POSITIVE = {1, infinity, "1 or more is required"};
static constexpr Limits BYTES = {
    1, infinity, "1 or more is required, as 500000, 500K or 2M", true};
static constexpr Limits SECONDS = {0, 3600, "0 to 3600 is required"};
static constexpr Limits SHARE = {0, 1 - 1e-9, "0 to less than 1 is required"};
static constexpr Limits THREADS = {1, MLC_POOL_MAX_THREADS,
                                   "1 to 256 are required"};
static_assert(MLC_POOL_MAX_THREADS == 256, "what THREADS says");
static constexpr Limits JOBS = {0, 256, "0 to 256 are required"};

static constexpr unsigned COMPILE = static_cast<unsigned>(Command::Compile);
static constexpr unsigned RUN = static_cast<unsigned>(Command::Run);
static constexpr unsigned CHECK = static_cast<unsigned>(Command::Check);
static constexpr unsigned BENCH = static_cast<unsigned>(Command::Bench);
static constexpr unsigned TUNE = static_cast<unsigned>(Command::Tune);
static constexpr unsigned QUANTIZE = static_cast<unsigned>(Command::Quantize);
static constexpr unsigned EVAL = static_cast<unsigned>(Command::Eval);
static constexpr unsigned PRUNE = static_cast<unsigned>(Command::Prune);
static constexpr unsigned REPORT = static_cast<unsigned>(Command::Report);
static constexpr unsigned PACKAGE = static_cast<unsigned>(Command::Package);
static constexpr unsigned COMPRESS = static_cast<unsigned>(Command::Compress);
static constexpr unsigned FACTORIZE = static_cast<unsigned>(Command::Factorize);
/// Commands that read a model.
static constexpr unsigned ALL = COMPILE | RUN | CHECK | BENCH | TUNE |
                                QUANTIZE | EVAL | PRUNE | REPORT | COMPRESS |
                                FACTORIZE;

template <typename Enum>
using Names = std::vector<std::pair<StringRef, Enum>>;

static const Names<QuantizeMode> &namesOf(QuantizeMode) {
  static const Names<QuantizeMode> names = {{"onnx", QuantizeMode::Onnx},
                                            {"integer", QuantizeMode::Integer},
                                            {"tflite", QuantizeMode::Tflite}};
  return names;
}

static const Names<Precision> &namesOf(Precision) {
  static const Names<Precision> names = {{"f32", Precision::F32},
                                         {"bf16", Precision::BF16},
                                         {"f16", Precision::F16},
                                         {"auto", Precision::Auto}};
  return names;
}

static const Names<WeightStorage> &namesOf(WeightStorage) {
  static const Names<WeightStorage> names = {{"f32", WeightStorage::F32},
                                             {"f16", WeightStorage::F16}};
  return names;
}

static const Names<WeightOrder> &namesOf(WeightOrder) {
  static const Names<WeightOrder> names = {{"shared", WeightOrder::Shared},
                                           {"own", WeightOrder::Own}};
  return names;
}

static const Names<ScoreMetric> &namesOf(ScoreMetric) {
  static const Names<ScoreMetric> names = {
      {"auto", ScoreMetric::Auto}, {"top1", ScoreMetric::Top1},
      {"top5", ScoreMetric::Top5}, {"mse", ScoreMetric::Mse},
      {"rmse", ScoreMetric::Rmse}, {"agreement", ScoreMetric::Agreement}};
  return names;
}

static const Names<WeightType> &namesOf(WeightType) {
  static const Names<WeightType> names = {{"int8", WeightType::Int8},
                                          {"uint8", WeightType::UInt8},
                                          {"int7", WeightType::Int7},
                                          {"int4", WeightType::Int4}};
  return names;
}

static const Names<ActivationType> &namesOf(ActivationType) {
  static const Names<ActivationType> names = {{"u8", ActivationType::U8},
                                              {"s8", ActivationType::S8}};
  return names;
}

static const Names<RangeObserver> &namesOf(RangeObserver) {
  static const Names<RangeObserver> names = {
      {"auto", RangeObserver::Auto},
      {"minmax", RangeObserver::MinMax},
      {"percentile", RangeObserver::Percentile},
      {"mse", RangeObserver::Mse},
      {"entropy", RangeObserver::Entropy}};
  return names;
}

static const Names<WeightRounding> &namesOf(WeightRounding) {
  static const Names<WeightRounding> names = {
      {"auto", WeightRounding::Auto},
      {"nearest", WeightRounding::Nearest},
      {"hessian", WeightRounding::Hessian}};
  return names;
}

static const Names<FactorCost> &namesOf(FactorCost) {
  static const Names<FactorCost> names = {{"ms", FactorCost::Ms},
                                          {"macs", FactorCost::Macs},
                                          {"weights", FactorCost::Weights}};
  return names;
}

static const Names<CompressGoal> &namesOf(CompressGoal) {
  static const Names<CompressGoal> names = {{"balance", CompressGoal::Balance},
                                            {"size", CompressGoal::Size},
                                            {"time", CompressGoal::Time},
                                            {"memory", CompressGoal::Memory},
                                            {"energy", CompressGoal::Energy}};
  return names;
}

static const Names<ScaleKind> &namesOf(ScaleKind) {
  static const Names<ScaleKind> names = {{"any", ScaleKind::Any},
                                         {"pow2", ScaleKind::PowerOfTwo}};
  return names;
}

template <typename Enum>
static StringRef nameAmong(const Names<Enum> &names, Enum value) {
  for (const auto &[name, meaning] : names)
    if (meaning == value)
      return name;
  return "";
}

StringRef mlc::nameOf(ScoreMetric value) {
  return nameAmong(namesOf(value), value);
}

StringRef mlc::nameOf(WeightType value) {
  return nameAmong(namesOf(value), value);
}

StringRef mlc::nameOf(RangeObserver value) {
  return nameAmong(namesOf(value), value);
}

//===----------------------------------------------------------------------===//
// Texts to values
//===----------------------------------------------------------------------===//

/// What the letter at the end of a number stands for, which is taken away.
template <typename T>
static T takeUnit(StringRef &text) {
  if (text.consume_back("K"))
    return T(1) << 10;
  if (text.consume_back("M"))
    return T(1) << 20;
  if (text.consume_back("G"))
    return T(1) << 30;
  return 1;
}

/// Numbers, and enumerations by their names.
template <typename T>
static Wrong parse(StringRef text, const Limits &limits, T &value) {
  if constexpr (std::is_enum_v<T>) {
    std::string known;
    for (const auto &[name, meaning] : namesOf(T())) {
      if (name == text) {
        value = meaning;
        return std::nullopt;
      }
      known += (known.empty() ? "" : " or ") + name.str();
    }
    return known + " is required";
  } else if constexpr (std::is_floating_point_v<T>) {
    T number;
    if (text.getAsDouble(number) || !limits.hold(number))
      return limits.required;
    value = number;
    return std::nullopt;
  } else {
    T number;
    T unit = limits.hasUnits ? takeUnit<T>(text) : 1;
    if (text.getAsInteger(10, number) || !limits.hold(number) ||
        number > std::numeric_limits<T>::max() / unit)
      return limits.required;
    value = number * unit;
    return std::nullopt;
  }
}

template <typename T>
static Wrong parse(StringRef text, const Limits &limits,
                   std::optional<T> &value) {
  T number;
  if (Wrong wrong = parse(text, limits, number))
    return wrong;
  value = number;
  return std::nullopt;
}

static Wrong parse(StringRef text, const Limits &, bool &value) {
  if (text != "true" && text != "false")
    return "true or false is required";
  value = text == "true";
  return std::nullopt;
}

static Wrong parse(StringRef text, const Limits &, std::string &value) {
  value = text.str();
  return std::nullopt;
}

static Wrong parse(StringRef text, const Limits &,
                   std::vector<std::string> &values) {
  values.push_back(text.str());
  return std::nullopt;
}

/// "name=value" split at the last part that cannot be a name: names may hold
/// '='.
static Wrong split(StringRef text, StringRef &name, StringRef &value) {
  std::tie(name, value) = text.rsplit('=');
  if (name.empty() || value.empty() || name.size() == text.size())
    return "name=value is required";
  return std::nullopt;
}

static Wrong parseSize(StringRef text, int64_t &size) {
  if (text.getAsInteger(10, size) || size < 0 || size > (int64_t(1) << 40))
    return "'" + text.str() + "' is not a size";
  return std::nullopt;
}

static Wrong parse(StringRef text, const Limits &, SizesByName &sizes) {
  StringRef name, value;
  int64_t size = 0;
  if (Wrong wrong = split(text, name, value))
    return wrong;
  if (Wrong wrong = parseSize(value, size))
    return wrong;
  sizes[name.str()] = size;
  return std::nullopt;
}

static Wrong parse(StringRef text, const Limits &, ShapesByName &shapes) {
  StringRef name, value;
  if (Wrong wrong = split(text, name, value))
    return wrong;
  llvm::SmallVector<StringRef> parts;
  value.split(parts, 'x');
  std::vector<int64_t> shape(parts.size());
  for (auto [part, size] : llvm::zip(parts, shape))
    if (Wrong wrong = parseSize(part, size))
      return wrong;
  shapes[name.str()] = std::move(shape);
  return std::nullopt;
}

static Wrong parse(StringRef text, const Limits &, TextsByName &texts) {
  StringRef name, value;
  if (Wrong wrong = split(text, name, value))
    return wrong;
  texts[name.str()] = value.str();
  return std::nullopt;
}

static Wrong parse(StringRef text, const Limits &, IoTypesByName &types) {
  return parseIoType(text, types);
}

//===----------------------------------------------------------------------===//
// Defaults to texts
//===----------------------------------------------------------------------===//

template <typename T>
static std::string print(const T &value) {
  if constexpr (std::is_enum_v<T>) {
    return nameAmong(namesOf(value), value).str();
  } else if constexpr (std::is_floating_point_v<T>) {
    std::string text;
    llvm::raw_string_ostream(text) << llvm::format("%g", value);
    return text;
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "";
  } else if constexpr (std::is_arithmetic_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return value;
  } else {
    return ""; // Collections and optional values begin empty.
  }
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

namespace {

template <typename Values>
struct Row {
  OptionInfo info;
  Wrong (*set)(Values &values, StringRef text);
};

} // namespace

static OptionInfo describe(const char *name, const char *value,
                           const char *help, std::string defaultText,
                           unsigned commands, bool isFlag) {
  // Of "0: as many as fit" there is no more to say.
  std::string text = help;
  if (!defaultText.empty() && text.find("(default") == std::string::npos)
    text += " (default: " + defaultText + ")";
  return {name, value, text, std::move(defaultText), commands, isFlag};
}

#define MLC_ROW(VALUES, TYPE, MEMBER, NAME, LIMITS, COMMANDS, VALUE, HELP)     \
  {describe(NAME, VALUE, HELP, print(VALUES().MEMBER), COMMANDS,               \
            std::is_same_v<TYPE, bool>),                                       \
   [](VALUES &values, StringRef text) {                                        \
     return parse(text, LIMITS, values.MEMBER);                                \
   }},

static const std::vector<Row<ModelOptions>> &modelRows() {
  static const std::vector<Row<ModelOptions>> rows = {
#define MLC_MODEL_OPTION(TYPE, MEMBER, NAME, DEFAULT, LIMITS, ...)             \
  MLC_ROW(ModelOptions, TYPE, MEMBER, NAME, LIMITS, __VA_ARGS__)
#include "mlc/Options.def"
  };
  return rows;
}

static const std::vector<Row<Options>> &commandRows() {
  static const std::vector<Row<Options>> rows = {
#define MLC_COMMAND_OPTION(TYPE, MEMBER, NAME, DEFAULT, LIMITS, ...)           \
  MLC_ROW(Options, TYPE, MEMBER, NAME, LIMITS, __VA_ARGS__)
#include "mlc/Options.def"
  };
  return rows;
}

static const std::vector<Row<QuantizeOptions>> &quantizeRows() {
  static const std::vector<Row<QuantizeOptions>> rows = {
#define MLC_QUANTIZE_OPTION(TYPE, MEMBER, NAME, DEFAULT, LIMITS, ...)          \
  MLC_ROW(QuantizeOptions, TYPE, MEMBER, NAME, LIMITS, __VA_ARGS__)
#define MLC_SAMPLES_OPTION MLC_QUANTIZE_OPTION
#include "mlc/Options.def"
  };
  return rows;
}

const std::vector<OptionInfo> &mlc::optionTable() {
  static const std::vector<OptionInfo> table = [] {
    std::vector<OptionInfo> table;
    for (const auto &row : modelRows())
      table.push_back(row.info);
    for (const auto &row : commandRows())
      table.push_back(row.info);
    return table;
  }();
  return table;
}

//===----------------------------------------------------------------------===//
// The reader
//===----------------------------------------------------------------------===//

/// "-o" and "--threads", as people write them.
static std::string flagOf(StringRef name) {
  return (name.size() == 1 ? "-" : "--") + name.str();
}

/// The row that is meant by an option that no command has, if any.
static Wrong unknownOption(StringRef name, Command command) {
  std::string text = flagOf(name) + ": no such option";
  constexpr unsigned near = 3;
  unsigned best = near;
  StringRef meant;
  for (const OptionInfo &info : optionTable()) {
    if (!info.isOf(command))
      continue;
    unsigned distance = name.edit_distance(info.name, true, near);
    if (distance > 0 && distance < best && distance < info.name.size())
      meant = info.name, best = distance;
  }
  return meant.empty() ? text : text + "; did you mean " + flagOf(meant) + "?";
}

/// Whether a row was found; `wrong` is then what it says.
template <typename Values>
static bool setIn(const std::vector<Row<Values>> &rows, Values &values,
                  StringRef name, StringRef text, Command command,
                  Wrong &wrong) {
  for (const Row<Values> &row : rows) {
    if (row.info.name != name || !row.info.isOf(command))
      continue;
    wrong = row.set(values, text);
    if (wrong)
      wrong = flagOf(name) + "=" + text.str() + ": " + *wrong;
    return true;
  }
  return false;
}

std::optional<std::string> mlc::setOption(ModelOptions &options,
                                          std::string_view name,
                                          std::string_view text) {
  Wrong wrong;
  if (setIn<ModelOptions>(modelRows(), options, name, text, Command::Compile,
                          wrong))
    return wrong;
  return unknownOption(name, Command::Compile);
}

std::optional<std::string>
Options::set(std::string_view name, std::string_view text, Command command) {
  Wrong wrong;
  if (setIn<ModelOptions>(modelRows(), *this, name, text, command, wrong) ||
      setIn<Options>(commandRows(), *this, name, text, command, wrong))
    return wrong;
  return unknownOption(name, command);
}

std::optional<std::string> mlc::setOption(QuantizeOptions &options,
                                          std::string_view name,
                                          std::string_view text) {
  Wrong wrong;
  if (setIn<ModelOptions>(modelRows(), options, name, text, Command::Quantize,
                          wrong) ||
      setIn<QuantizeOptions>(quantizeRows(), options, name, text,
                             Command::Quantize, wrong))
    return wrong;
  if (name != "threads")
    return unknownOption(name, Command::Quantize);
  Options all;
  wrong = all.set(name, text, Command::Quantize);
  options.runThreads = all.runThreads;
  return wrong;
}
