//===- Options.h - What a compilation is asked for --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Options.def is the table: members, flags and help come from it.
//
//   mlc::Options options;
//   options.maxUlp = 0;
//   if (std::optional<std::string> wrong = options.set("dim", "N=1"))
//     std::cerr << *wrong << '\n'; // "--dim=N=x: 'x' is not a size"
//
//===----------------------------------------------------------------------===//

#ifndef MLC_OPTIONS_H
#define MLC_OPTIONS_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlc {

/// The modes of integer arithmetic that code is made of.
enum class QuantizeMode { Onnx, Integer, Tflite };

/// How a float weight is kept in the library.
enum class WeightStorage { F32, F16 };

/// In which order the code for several CPUs reads weights: in one that all of
/// them can, stored once, or each in its own.
enum class WeightOrder { Shared, Own };

/// The elements of activations and weights of f32 models; Auto: BF16 where all
/// CPUs add two of its products in one instruction, F16 where all compute in
/// it, else F32.
enum class Precision { F32, BF16, F16, Auto };

/// What mlc eval measures. Auto: top1 where there are labels, else agreement.
enum class ScoreMetric { Auto, Top1, Top5, Mse, Rmse, Agreement };
/// What mlc quantize makes of weights and of activations.
enum class WeightType { Int8, UInt8, Int7, Int4 };
enum class ActivationType { U8, S8 };
/// How it finds the range of an activation; Auto: by the error at the outputs.
enum class RangeObserver { Auto, MinMax, Percentile, Mse, Entropy };
/// How it rounds weights; Auto: as is better for the layer's result.
enum class WeightRounding { Auto, Nearest, Hessian };
enum class ScaleKind { Any, PowerOfTwo };

/// Commands of the tool; values are bits of OptionInfo::commands.
enum class Command : unsigned {
  Compile = 1,
  Run = 2,
  Check = 4,
  Bench = 8,
  Tune = 16,
  Quantize = 32,
  Eval = 64,
  Prune = 128,
  Report = 256,
  Package = 512,
  Compress = 1024,
  Factorize = 2048
};

/// An element type that a program can hold a tensor in.
enum class IoElement { U8, I8, U16, I16, U32, I32, F16, BF16, F32 };

/// How the channels of an image follow each other.
enum class ImageLayout { NCHW, NHWC };
enum class ChannelOrder { RGB, BGR, Grey };
/// How pixels become those of an image of another size: at half-pixel centres,
/// between the four nearest, or the nearest.
enum class Resampling { Bilinear, Nearest };
/// What a compressed model is to be best in: flash times time, or one of them.
enum class CompressGoal { Balance, Size, Time, Memory, Energy };
/// What mlc factorize makes less.
enum class FactorCost { Ms, Macs, Weights };
/// What an output goes through.
enum class OutputFunction { Softmax, Sigmoid };

/// How a program hands over an input or takes an output; what is not said is as
/// the model has it. Numbers of an input go through, in this order: resize,
/// letterbox, scale * (integer - zeroPoint), (number - mean) / std; those of an
/// output through its function and the choice of the largest.
struct IoType {
  std::optional<IoElement> element;
  std::optional<double> scale;
  std::optional<int64_t> zeroPoint;
  /// Normal values, which the library does not need but a program may check.
  std::optional<std::pair<double, double>> range;

  // Of an input that is an image.
  std::optional<ImageLayout> layout;
  std::optional<ChannelOrder> channels;
  std::vector<double> mean, std; ///< of all channels, or of each of the model's
  std::vector<int64_t> size;     ///< height and width, if not the model's
  std::optional<Resampling> resize;
  /// Keep the ratio of height and width, and fill the rest with this.
  std::optional<double> letterbox;
  // What the model takes, where that is not usual.
  std::optional<ImageLayout> modelLayout;
  std::optional<ChannelOrder> modelChannels;

  // Of an output, along its last dimension.
  std::optional<OutputFunction> function;
  std::optional<int64_t> topK;
  std::string labelsFile; ///< a line for each class
};

using IoTypesByName = std::map<std::string, IoType, std::less<>>;
using SizesByName = std::map<std::string, int64_t, std::less<>>;
using ShapesByName = std::map<std::string, std::vector<int64_t>, std::less<>>;
using TextsByName = std::map<std::string, std::string, std::less<>>;

/// What decides the code that is made of a model, whoever asks for it.
struct ModelOptions {
#define MLC_MODEL_OPTION(TYPE, MEMBER, NAME, DEFAULT, ...)                     \
  TYPE MEMBER = DEFAULT;
#include "mlc/Options.def"
};

/// How a model is read, and by what samples another one is made of it.
struct SampleOptions : ModelOptions {
  unsigned runThreads = 1; ///< to run the model on
#define MLC_SAMPLES_OPTION(TYPE, MEMBER, NAME, DEFAULT, ...)                   \
  TYPE MEMBER = DEFAULT;
#include "mlc/Options.def"
};

/// All options of all commands.
struct Options : ModelOptions {
#define MLC_COMMAND_OPTION(TYPE, MEMBER, NAME, DEFAULT, ...)                   \
  TYPE MEMBER = DEFAULT;
#include "mlc/Options.def"

  /// Sets the option that `command` calls `name`, without dashes, from a text.
  /// Options that may be repeated take one more. Returns what is wrong, nothing
  /// where all is well: one line that names the option.
  [[nodiscard]] std::optional<std::string>
  set(std::string_view name, std::string_view text,
      Command command = Command::Compile);
};

/// Sets an option of the model by its name in `mlc compile`.
[[nodiscard]] std::optional<std::string>
setOption(ModelOptions &options, std::string_view name, std::string_view text);

/// A row of the table.
struct OptionInfo {
  std::string name, value, help;
  std::string defaultText; ///< "" where there is none to be told
  unsigned commands;       ///< of Command
  bool isFlag;             ///< may stand without a value, which is "true" then

  bool isOf(Command command) const {
    return commands & static_cast<unsigned>(command);
  }
};

/// All rows, in the table's order.
const std::vector<OptionInfo> &optionTable();

} // namespace mlc

#endif // MLC_OPTIONS_H
