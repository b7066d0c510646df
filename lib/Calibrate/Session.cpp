//===- Session.cpp - Samples through models -------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Session.h"

#include <cstring>

using namespace mlc;
using namespace mlc::calibrate;

SampleRange Session::spread(int64_t most) const {
  int64_t stride = std::max<int64_t>(1, count() / std::max<int64_t>(most, 1));
  return {0, std::min(most, (count() + stride - 1) / stride), stride};
}

llvm::Error Session::read(const SampleRange &range, int64_t begin,
                          int64_t count, llvm::MutableArrayRef<Tensor> inputs) {
  int64_t each = range.stride == 1 ? count : 1;
  for (int64_t i = 0; i < count; i += each) {
    if (llvm::Error error = samples.read(
            range.first + (begin + i) * range.stride, each, scratch))
      return error;
    for (auto [from, to] : llvm::zip(scratch, inputs))
      std::memcpy(static_cast<char *>(to.data()) +
                      i * (from.sizeInBytes() / each),
                  from.data(), from.sizeInBytes());
  }
  return llvm::Error::success();
}

llvm::Expected<std::vector<Tensor>>
Session::makeInputs(llvm::ArrayRef<HostTensor> infos) {
  std::vector<Tensor> inputs;
  for (const HostTensor &info : infos) {
    llvm::Expected<Tensor> tensor = Tensor::create(info.type, info.shape);
    if (!tensor)
      return tensor.takeError();
    inputs.push_back(std::move(*tensor));
  }
  return std::move(inputs);
}

llvm::Error Session::run(const onnx::ModelProto &model,
                         llvm::ArrayRef<std::string> values, SampleRange range,
                         const std::string &what, Visit visit) {
  tell(what, 0);
  auto runner = ModelRunner::create(model, values, options, range.count);
  if (!runner)
    return runner.takeError();
  int64_t step = (*runner)->samples();
  auto inputs = makeInputs((*runner)->inputs());
  if (!inputs)
    return inputs.takeError();
  for (int64_t begin = 0; begin < range.count; begin += step) {
    int64_t count = std::min(step, range.count - begin);
    if (llvm::Error error = read(range, begin, count, *inputs))
      return error;
    if (llvm::Error error = (*runner)->run(*inputs))
      return error;
    if (llvm::Error error = visit((*runner)->values(), {count, step}))
      return error;
    tell(what, static_cast<double>(begin + count) / range.count);
  }
  return llvm::Error::success();
}

llvm::Error Session::runPair(const onnx::ModelProto &first,
                             llvm::ArrayRef<std::string> firstValues,
                             const onnx::ModelProto &second,
                             llvm::ArrayRef<std::string> secondValues,
                             SampleRange range, const std::string &what,
                             VisitPair visit) {
  tell(what, 0);
  std::unique_ptr<ModelRunner> runners[2];
  for (int64_t most = range.count;;) {
    auto one = ModelRunner::create(first, firstValues, options, most);
    if (!one)
      return one.takeError();
    auto other =
        ModelRunner::create(second, secondValues, options, (*one)->samples());
    if (!other)
      return other.takeError();
    most = (*other)->samples();
    runners[0] = std::move(*one);
    runners[1] = std::move(*other);
    if (runners[0]->samples() == most)
      break;
  }
  auto inputs = makeInputs(runners[0]->inputs());
  if (!inputs)
    return inputs.takeError();
  int64_t step = runners[0]->samples();
  for (int64_t begin = 0; begin < range.count; begin += step) {
    int64_t count = std::min(step, range.count - begin);
    if (llvm::Error error = read(range, begin, count, *inputs))
      return error;
    for (const std::unique_ptr<ModelRunner> &runner : runners)
      if (llvm::Error error = runner->run(*inputs))
        return error;
    if (llvm::Error error =
            visit(runners[0]->values(), runners[1]->values(), {count, step}))
      return error;
    tell(what, static_cast<double>(begin + count) / range.count);
  }
  return llvm::Error::success();
}
