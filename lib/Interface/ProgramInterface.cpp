//===- ProgramInterface.cpp - A model as a program wants it ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interface/ProgramInterface.h"

#include "NN/IR/ShapeInference.h"
#include "Quantize/IoTypes.h"
#include "Quantize/Parameters.h"
#include "Support/InputFile.h"
#include "Support/IoParts.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlc;

LogicalResult ProgramInterface::rewrite() {
  IoTypesByName rest = types;
  FailureOr<PreprocessingByName> inputs = preprocessInputs(function, rest);
  FailureOr<PostprocessingByName> outputs = postprocessOutputs(function, rest);
  // Names and types are reported whatever else is wrong.
  LogicalResult typed = setIoTypes(function, rest);
  if (failed(inputs) || failed(outputs) || failed(typed))
    return failure();
  images = std::move(*inputs);
  scores = std::move(*outputs);
  return success();
}

/// A line for each class, without blanks at its ends; the last may end with the
/// file.
static std::vector<std::string> labelsOf(StringRef text) {
  SmallVector<StringRef> lines;
  text.split(lines, '\n');
  if (lines.back().empty())
    lines.pop_back();
  std::vector<std::string> labels;
  for (StringRef line : lines)
    labels.push_back(line.trim().str());
  return labels;
}

llvm::Error ProgramInterface::describeOutput(TensorContract &output,
                                             const IoType &type) const {
  auto found = scores.find(output.name);
  if (found == scores.end())
    return llvm::Error::success();
  output.indices = found->second.indices;
  output.classes = found->second.classes;
  if (type.function) {
    output.function = mlc::nameOf(*type.function).str();
    if (!output.range)
      output.range = {0, 1};
  }
  if (type.labelsFile.empty())
    return llvm::Error::success();
  llvm::Expected<std::string> text = readTextFile(type.labelsFile);
  if (!text)
    return text.takeError();
  output.labels = labelsOf(*text);
  int64_t classes = found->second.classes, lines = output.labels.size();
  if (lines == classes)
    return llvm::Error::success();
  return llvm::createStringError(
      type.labelsFile + ": " + std::to_string(lines) + " labels for the " +
      std::to_string(classes) + " classes of '" + output.name + "'");
}

/// What the model keeps of an input of floats that it quantises, in one way: it
/// takes what is beyond for the nearest end.
static std::optional<std::pair<double, double>> keptRange(Value input) {
  std::optional<Parameters> common;
  for (Operation *user : input.getUsers()) {
    auto quantize = dyn_cast<nn::QuantizeOp>(user);
    std::optional<Parameters> p =
        quantize ? parametersOf(quantize) : std::nullopt;
    if (!p || !p->isPerTensor() || (common && !(*common == *p)))
      return std::nullopt;
    common = p;
  }
  if (!common || !isa<FloatType>(nn::elementOf(input)))
    return std::nullopt;
  StoredRange stored = common->range();
  double scale = common->scale(), zero = common->zeroPoint();
  return std::pair(scale * (double(stored.low) - zero),
                   scale * (double(stored.high) - zero));
}

llvm::Error ProgramInterface::describe(ModelContract &contract) const {
  func::FuncOp main = function;
  for (auto [argument, input] :
       llvm::zip(main.front().getArguments(), contract.inputs))
    input.range = keptRange(argument);
  for (TensorContract &input : contract.inputs) {
    auto type = types.find(input.name);
    if (type == types.end())
      continue;
    const IoType &given = type->second;
    if (given.range)
      input.range = given.range;
    auto image = images.find(input.name);
    if (image == images.end())
      continue;
    input.preprocessing = image->second;
    input.layout = image->second.layout;
    if (given.scale || given.zeroPoint)
      input.quantization = {given.scale.value_or(1),
                            given.zeroPoint.value_or(0)};
  }
  for (TensorContract &output : contract.outputs) {
    auto type = types.find(output.name);
    if (type == types.end())
      continue;
    if (type->second.range)
      output.range = type->second.range;
    if (llvm::Error error = describeOutput(output, type->second))
      return error;
  }
  return llvm::Error::success();
}
