//===- ModelCheck.cpp - A model's answers against stored ones -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check/ModelCheck.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace mlc {

Expected<std::vector<OutputReport>> checkOutputs(RunFunction run,
                                                 ArrayRef<Tensor> inputs,
                                                 ArrayRef<Tensor> expected,
                                                 ArrayRef<std::string> names,
                                                 const Tolerance &tolerance) {
  Expected<std::vector<Tensor>> outputs = run(inputs);
  if (!outputs)
    return outputs.takeError();
  if (outputs->size() != expected.size())
    return createStringError("the model has " + Twine(outputs->size()) +
                             " outputs, the expected ones are " +
                             Twine(expected.size()));
  std::vector<OutputReport> reports;
  for (auto [i, found, wanted] : llvm::enumerate(*outputs, expected))
    reports.push_back({i < names.size() ? names[i] : std::to_string(i),
                       compare(found, wanted, tolerance)});
  return reports;
}

Error dropConstants(std::vector<Tensor> &inputs,
                    ArrayRef<ConstantInput> constants) {
  for (const ConstantInput &constant : llvm::reverse(constants)) {
    if (constant.position >= inputs.size())
      continue;
    const Tensor &stored = inputs[constant.position];
    Tolerance exact;
    exact.rtol = exact.atol = 0;
    if (constant.value && !compare(stored, *constant.value, exact).matches()) {
      std::string found, wanted;
      raw_string_ostream(found) << stored;
      raw_string_ostream(wanted) << *constant.value;
      return createStringError("input '" + constant.name + "' is " + found +
                               " in the data, but bound to " + wanted);
    }
    inputs.erase(inputs.begin() + ptrdiff_t(constant.position));
  }
  return Error::success();
}

/// The first thing that is wrong with one data set, or nothing.
static std::string checkDataSet(RunFunction run, StringRef folder,
                                ArrayRef<std::string> names,
                                ArrayRef<ConstantInput> constants,
                                const Tolerance &tolerance) {
  Expected<DataSet> data = readDataSet(folder);
  if (!data)
    return toString(data.takeError());
  if (Error error = dropConstants(data->inputs, constants))
    return toString(std::move(error));
  auto reports =
      checkOutputs(run, data->inputs, data->outputs, names, tolerance);
  if (!reports)
    return toString(reports.takeError());
  for (const OutputReport &report : *reports)
    if (!report.comparison.matches())
      return "output '" + report.name + "': " + report.comparison.str();
  return "";
}

CaseOutcome checkDataSets(RunFunction run, ArrayRef<std::string> dataSets,
                          ArrayRef<std::string> names,
                          ArrayRef<ConstantInput> constants,
                          const Tolerance &tolerance) {
  for (const std::string &folder : dataSets) {
    std::string reason = checkDataSet(run, folder, names, constants, tolerance);
    if (!reason.empty())
      return {CaseStatus::Wrong, std::move(reason), ""};
  }
  return {};
}

} // namespace mlc
