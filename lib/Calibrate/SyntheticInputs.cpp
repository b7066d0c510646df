//===- SyntheticInputs.cpp - What a model without samples is fed ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/SyntheticInputs.h"

#include "Calibrate/GraphIndex.h"
#include "Support/Printable.h"

#include "llvm/ADT/StringSet.h"

#include <cmath>
#include <limits>

using namespace mlc;
using namespace mlc::calibrate;
using Look = SyntheticInput::Look;
using Source = AssumedInput::Source;

llvm::StringRef calibrate::name(Source source) {
  switch (source) {
  case Source::Given:
    return "given";
  case Source::Model:
    return "model";
  case Source::Nothing:
    return "nothing";
  }
  llvm_unreachable("no such source");
}

//===----------------------------------------------------------------------===//
// Looks
//===----------------------------------------------------------------------===//

/// Where one or three channels stand, and at least 8 by 8 pixels.
static std::optional<Look> lookOf(const Samples::Wanted &wanted,
                                  bool &channelsLast) {
  if (wanted.type == ElementType::Bool)
    return Look::Integers;
  auto isColor = [](int64_t size) { return size == 1 || size == 3; };
  constexpr int64_t least = 8;
  llvm::ArrayRef<int64_t> shape = wanted.shape;
  if (shape.size() == 4) {
    if (isColor(shape[1]) && shape[2] >= least && shape[3] >= least)
      return Look::Images;
    channelsLast = isColor(shape[3]) && shape[1] >= least && shape[2] >= least;
    if (channelsLast)
      return Look::Images;
  }
  if (isFloat(wanted.type))
    return Look::Noise;
  return std::nullopt;
}

/// The size that the indices of a Gather from a constant choose from.
static std::optional<int64_t> entriesOfGather(const GraphIndex &index,
                                              const onnx::NodeProto &node) {
  if (node.op_type() != "Gather")
    return std::nullopt;
  const onnx::TensorProto *table = index.constant(node.input(0));
  int64_t axis = intOf(node, "axis", 0);
  if (!table)
    return std::nullopt;
  axis += axis < 0 ? table->dims_size() : 0;
  if (axis < 0 || axis >= table->dims_size() ||
      table->dims(static_cast<int>(axis)) < 1)
    return std::nullopt;
  return table->dims(static_cast<int>(axis));
}

/// How many entries the table has that integers choose from; nullopt where they
/// do something else as well.
static std::optional<int64_t> entriesOf(const GraphIndex &index,
                                        const std::string &input) {
  static const llvm::StringSet<> moves = {"Cast",     "Identity", "Reshape",
                                          "Squeeze",  "Flatten",  "Transpose",
                                          "Unsqueeze"};
  std::optional<int64_t> entries;
  std::vector<std::string> values = {input};
  while (!values.empty()) {
    std::string value = std::move(values.back());
    values.pop_back();
    for (Reader reader : index.readers(value)) {
      if (reader.operand < 0)
        return std::nullopt;
      const onnx::NodeProto &node = index.node(reader.node);
      if (moves.contains(node.op_type()) && reader.operand == 0) {
        values.push_back(node.output(0));
        continue;
      }
      std::optional<int64_t> found = entriesOfGather(index, node);
      if (!found || reader.operand != 1)
        return std::nullopt;
      entries = std::min(*found, entries.value_or(*found));
    }
  }
  return entries;
}

//===----------------------------------------------------------------------===//
// Ranges that are given
//===----------------------------------------------------------------------===//

static llvm::Error setRange(const std::string &name, llvm::StringRef text,
                            SyntheticInput &input) {
  auto [low, high] = text.split(',');
  if (low.trim().getAsDouble(input.low) ||
      high.trim().getAsDouble(input.high) || !std::isfinite(input.low) ||
      !std::isfinite(input.high) || !(input.low < input.high))
    return llvm::createStringError("--input-range=" + printable(name) + "=" +
                                   printable(text) +
                                   ": two numbers are required, the least and "
                                   "the largest, as 0,255");
  // Wide enough for loud samples, and no wider.
  input.deviation = (input.high - input.low) / 16;
  return llvm::Error::success();
}

static llvm::Error checkNames(const TextsByName &ranges,
                              llvm::ArrayRef<Samples::Wanted> wanted) {
  for (const auto &range : ranges) {
    if (llvm::any_of(wanted, [&](const Samples::Wanted &info) {
          return info.name == range.first;
        }))
      continue;
    std::vector<std::string> names;
    for (const Samples::Wanted &info : wanted)
      names.push_back("'" + printable(info.name) + "'");
    return llvm::createStringError("--input-range: the model has no input '" +
                                   printable(range.first) + "'; it has " +
                                   llvm::join(names, ", "));
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Ranges that the model betrays
//===----------------------------------------------------------------------===//

namespace {

/// How the layers of a model take samples of its inputs.
class Responses {
public:
  /// Compiles the model for the results of layers with biases.
  static llvm::Expected<Responses> create(const onnx::ModelProto &model,
                                          const Plan &plan,
                                          const RunOptions &options);

  /// Whether there are layers to ask.
  bool canTell() const { return !layers.empty(); }

  struct Response {
    /// Deviation of a layer's results over the size of its biases, the median
    /// of all layers.
    double spread = 0;
    /// Mean of the first layer's results over their deviation.
    double offset = 0;
  };
  llvm::Expected<Response> operator()(llvm::ArrayRef<Samples::Wanted> wanted,
                                      llvm::ArrayRef<SyntheticInput> inputs);

private:
  /// Sums over positions, for each channel.
  struct Moments {
    std::vector<double> sums, squares;
    double count = 0;

    void add(const Layer &layer, const Tensor &values);
    double variance(size_t channel) const;
    /// Of all channels.
    double deviation() const;
    double offset() const;
  };

  RunOptions options;
  std::vector<Layer> layers;
  std::vector<double> biases; ///< root mean squares, by layers
  std::unique_ptr<ModelRunner> runner;
};

} // namespace

llvm::Expected<Responses> Responses::create(const onnx::ModelProto &model,
                                            const Plan &plan,
                                            const RunOptions &options) {
  constexpr size_t most = 32;
  Responses result;
  result.options = options;
  GraphIndex index(model.graph());
  std::vector<std::string> values;
  for (const Layer &layer : plan.layers) {
    auto bias = layer.bias.empty() ? std::nullopt
                                   : floatsOf(index.constant(layer.bias));
    double squares = 0;
    for (float value : bias.value_or(std::vector<float>()))
      squares += static_cast<double>(value) * value;
    if (squares == 0 || result.layers.size() == most)
      continue;
    result.layers.push_back(layer);
    result.biases.push_back(
        std::sqrt(squares / static_cast<double>(bias->size())));
    values.push_back(layer.output);
  }
  if (values.empty())
    return std::move(result);
  auto runner = ModelRunner::create(model, values, options, 1);
  if (!runner)
    return runner.takeError();
  result.runner = std::move(*runner);
  return std::move(result);
}

void Responses::Moments::add(const Layer &layer, const Tensor &values) {
  sums.resize(layer.rows);
  squares.resize(layer.rows);
  llvm::ArrayRef<float> results = values.values<float>();
  int64_t positions =
      layer.op == "Conv"
          ? values.size() / std::max<int64_t>(values.shape()[0] * layer.rows, 1)
          : 1;
  for (size_t i = 0; i < results.size(); ++i) {
    double value = results[i];
    size_t channel = i / positions % layer.rows;
    sums[channel] += value;
    squares[channel] += value * value;
  }
  count += static_cast<double>(results.size()) / layer.rows;
}

double Responses::Moments::variance(size_t channel) const {
  double mean = sums[channel] / count;
  return std::max(squares[channel] / count - mean * mean, 1e-30);
}

double Responses::Moments::deviation() const {
  double all = 0;
  for (size_t c = 0; c < sums.size(); ++c)
    all += variance(c);
  return std::sqrt(all / static_cast<double>(sums.size()));
}

double Responses::Moments::offset() const {
  double all = 0;
  for (size_t c = 0; c < sums.size(); ++c) {
    double mean = sums[c] / count;
    // A channel that is nearly constant says nothing.
    all += std::min(mean * mean / variance(c), 100.0);
  }
  return std::sqrt(all / static_cast<double>(sums.size()));
}

llvm::Expected<Responses::Response>
Responses::operator()(llvm::ArrayRef<Samples::Wanted> wanted,
                      llvm::ArrayRef<SyntheticInput> inputs) {
  constexpr int64_t few = 16;
  Session session(options, Samples::synthetic(wanted, inputs, few), {});
  auto fed = Session::makeInputs(runner->inputs());
  if (!fed)
    return fed.takeError();
  std::vector<Moments> moments(layers.size());
  for (int64_t i = 0; i < few; ++i) {
    if (llvm::Error error = session.read(session.spread(few), i, 1, *fed))
      return std::move(error);
    if (llvm::Error error = runner->run(*fed))
      return std::move(error);
    for (auto [layer, values, sum] :
         llvm::zip(layers, runner->values(), moments))
      sum.add(layer, values);
  }
  std::vector<double> spreads;
  for (auto [sum, bias] : llvm::zip(moments, biases))
    spreads.push_back(sum.count ? sum.deviation() / bias : 0);
  auto middle = spreads.begin() + spreads.size() / 2;
  std::nth_element(spreads.begin(), middle, spreads.end());
  return Response{*middle, moments[0].count ? moments[0].offset() : 0};
}

/// The spread of layers whose biases come from BatchNormalization: 0.9 to 1.6
/// in ten trained networks.
static constexpr double usualSpread = 1.3;

/// In octaves; 0 where it is what is usual.
static double octavesOff(const Responses::Response &response) {
  return std::log2(std::max(response.spread, 1e-9) / usualSpread);
}

/// In which images are fed: as they are, or with ImageNet's mean and deviation.
static constexpr std::pair<double, double> customary[] = {
    {0, 1}, {-1, 1}, {-2.1, 2.6}, {0, 255}, {-128, 127}};

/// Whether layers are as near to what is usual as tells anything.
static bool isTelling(double octaves) { return std::fabs(octaves) < 1.5; }

/// Sets the range of images to the customary one that the layers expect.
/// Whether they tell it.
static llvm::Expected<bool>
chooseRange(Responses &responses, llvm::ArrayRef<Samples::Wanted> wanted,
            llvm::MutableArrayRef<SyntheticInput> inputs, size_t i) {
  double least = std::numeric_limits<double>::infinity(), octaves = least;
  SyntheticInput best = inputs[i];
  for (auto [low, high] : customary) {
    inputs[i].low = low;
    inputs[i].high = high;
    auto response = responses(wanted, inputs);
    if (!response)
      return response.takeError();
    // Half an octave is the models' own. Ranges of one width differ in the
    // means of results only.
    double off = std::max(std::fabs(octavesOff(*response)) - 0.5, 0.0);
    double cost = off * off + 0.01 * response->offset;
    if (cost < least) {
      least = cost;
      best = inputs[i];
      octaves = octavesOff(*response);
    }
  }
  inputs[i] = best;
  return isTelling(octaves);
}

/// Scales the range of noise to what the layers expect, by halving octaves.
/// Whether there is such a scale; else the range stays.
static llvm::Expected<bool>
scaleRange(Responses &responses, llvm::ArrayRef<Samples::Wanted> wanted,
           llvm::MutableArrayRef<SyntheticInput> inputs, size_t i) {
  SyntheticInput unit = inputs[i];
  double low = -10, high = 14, octaves = 0;
  while (high - low > 0.25) {
    double middle = 0.5 * (low + high);
    double scale = std::exp2(middle);
    inputs[i].low = unit.low * scale;
    inputs[i].high = unit.high * scale;
    inputs[i].deviation = unit.deviation * scale;
    auto response = responses(wanted, inputs);
    if (!response)
      return response.takeError();
    octaves = octavesOff(*response);
    (octaves < 0 ? low : high) = middle;
  }
  if (!isTelling(octaves))
    inputs[i] = unit;
  return isTelling(octaves);
}

//===----------------------------------------------------------------------===//
// All together
//===----------------------------------------------------------------------===//

static llvm::Expected<AssumedInput> assumeInput(const GraphIndex &index,
                                                const Samples::Wanted &wanted,
                                                const TextsByName &ranges) {
  AssumedInput assumed;
  SyntheticInput &input = assumed.input;
  std::optional<Look> look = lookOf(wanted, input.channelsLast);
  input.look = look.value_or(Look::Integers);
  auto given = ranges.find(wanted.name);
  if (given != ranges.end()) {
    assumed.source = Source::Given;
    if (llvm::Error error = setRange(wanted.name, given->second, input))
      return std::move(error);
  } else if (wanted.type == ElementType::Bool) {
    input.low = 0;
    input.high = 1;
    assumed.source = Source::Model;
  } else if (!isFloat(wanted.type)) {
    bool isByteImage = look && wanted.type == ElementType::U8;
    std::optional<int64_t> entries =
        isByteImage ? 256 : entriesOf(index, wanted.name);
    if (!entries)
      return llvm::createStringError(
          "--calibration=none: input '" + printable(wanted.name) +
          "' has integers, and nothing says which: --input-range=" +
          printable(wanted.name) + "=least,largest is required, or samples");
    input.low = 0;
    input.high = static_cast<double>(*entries - 1);
    assumed.source = Source::Model;
  } else if (input.look == Look::Images) {
    input.low = -1;
    input.high = 1;
  }
  return assumed;
}

llvm::Expected<std::vector<AssumedInput>> calibrate::assumeInputs(
    const onnx::ModelProto &model, const Plan &plan, const RunOptions &options,
    llvm::ArrayRef<Samples::Wanted> wanted, const TextsByName &ranges) {
  if (llvm::Error error = checkNames(ranges, wanted))
    return std::move(error);
  GraphIndex index(model.graph());
  std::vector<AssumedInput> assumed;
  std::vector<SyntheticInput> inputs;
  for (const Samples::Wanted &info : wanted) {
    auto one = assumeInput(index, info, ranges);
    if (!one)
      return one.takeError();
    assumed.push_back(*one);
    inputs.push_back(one->input);
  }
  auto isOpen = [](const AssumedInput &one) {
    return one.source == Source::Nothing;
  };
  if (llvm::none_of(assumed, isOpen))
    return std::move(assumed);
  auto responses = Responses::create(model, plan, options);
  if (!responses)
    return responses.takeError();
  for (size_t i = 0; i < wanted.size() && responses->canTell(); ++i) {
    if (!isOpen(assumed[i]))
      continue;
    auto find = inputs[i].look == Look::Images ? chooseRange : scaleRange;
    llvm::Expected<bool> isTold = find(*responses, wanted, inputs, i);
    if (!isTold)
      return isTold.takeError();
    assumed[i].input = inputs[i];
    assumed[i].source = *isTold ? Source::Model : Source::Nothing;
  }
  return std::move(assumed);
}
