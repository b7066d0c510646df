//===- LibOnnxMutationTest.cpp - libonnx survives broken models -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every model of test/models is broken in random, seeded ways and given to each
// function of LibOnnx.h: whatever they answer, they must return. Set
// MLC_MUTATIONS for more than the default number of variants of each model.
//
//===----------------------------------------------------------------------===//

#include "Onnx/CheckGraph.h"
#include "Onnx/FunctionSize.h"
#include "Onnx/LibOnnx.h"
#include "Onnx/Opsets.h"
#include "Onnx/SortNodes.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

using namespace mlc;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

using Random = std::mt19937;

size_t below(Random &random, size_t bound) {
  return std::uniform_int_distribution<size_t>(0, bound - 1)(random);
}

/// All messages inside `message`, itself included.
void collect(Message &message, std::vector<Message *> &found) {
  found.push_back(&message);
  const Reflection &reflection = *message.GetReflection();
  std::vector<const FieldDescriptor *> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor *field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
      continue;
    if (!field->is_repeated()) {
      collect(*reflection.MutableMessage(&message, field), found);
      continue;
    }
    for (int i = 0, e = reflection.FieldSize(message, field); i != e; ++i)
      collect(*reflection.MutableRepeatedMessage(&message, field, i), found);
  }
}

int64_t oddInteger(Random &random) {
  static const int64_t values[] = {-1, 0, 1, 2, 7, 100, 1 << 20, INT64_MIN};
  return values[below(random, std::size(values))];
}

/// Give a set, singular `field` an odd value, or clear it.
void mutateSingular(Message &message, const FieldDescriptor *field,
                    Random &random) {
  const Reflection &reflection = *message.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 && below(random, 2))
    reflection.SetInt64(&message, field, oddInteger(random));
  else if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32)
    reflection.SetInt32(&message, field, oddInteger(random));
  else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
           below(random, 2))
    reflection.SetString(&message, field, "X");
  else
    reflection.ClearField(&message, field);
}

/// Drop the last element of `field`, exchange two, or repeat nothing new.
void mutateRepeated(Message &message, const FieldDescriptor *field,
                    Random &random) {
  const Reflection &reflection = *message.GetReflection();
  int size = reflection.FieldSize(message, field);
  switch (below(random, 3)) {
  case 0:
    return reflection.RemoveLast(&message, field);
  case 1:
    return reflection.SwapElements(&message, field, 0, size - 1);
  default:
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64)
      return reflection.SetRepeatedInt64(&message, field, below(random, size),
                                         oddInteger(random));
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
      return reflection.SetRepeatedString(&message, field, below(random, size),
                                          below(random, 2) ? "" : "X");
    return reflection.ClearField(&message, field);
  }
}

void mutate(onnx::ModelProto &model, Random &random) {
  std::vector<Message *> messages;
  collect(model, messages);
  Message &message = *messages[below(random, messages.size())];
  std::vector<const FieldDescriptor *> fields;
  message.GetReflection()->ListFields(message, &fields);
  if (fields.empty())
    return;
  const FieldDescriptor *field = fields[below(random, fields.size())];
  if (field->is_repeated())
    mutateRepeated(message, field, random);
  else
    mutateSingular(message, field, random);
}

/// What a reader of models does. Returns whether all of it succeeded.
bool readModel(onnx::ModelProto &model) {
  auto succeeded = [](llvm::Error error) {
    return llvm::toString(std::move(error)).empty();
  };
  if (!succeeded(checkRecursion(model)))
    return false;
  bool isValid = sortNodes(*model.mutable_graph()).empty();
  isValid &= checkGraph(model.graph(), assumedOpset(model)).empty();
  auto converted = convertVersion(model, 18);
  if (!converted)
    llvm::consumeError(converted.takeError());
  bool all = isValid;
  all &= succeeded(checkExpansion(model));
  all &= succeeded(inferShapes(model));
  for (const onnx::NodeProto &node : model.graph().node()) {
    auto body = functionBody(node, 18);
    all &= bool(body);
    if (!body)
      llvm::consumeError(body.takeError());
  }
  return all;
}

std::vector<std::string> modelFiles() {
  std::string folder =
      std::string(std::getenv("MLC_SOURCE_DIR")) + "/test/models";
  std::vector<std::string> files;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(folder, error), end;
       it != end && !error; it.increment(error))
    if (llvm::sys::path::extension(it->path()) == ".onnx")
      files.push_back(it->path());
  std::sort(files.begin(), files.end());
  return files;
}

TEST(LibOnnxMutations, EveryCallReturns) {
  if (!std::getenv("MLC_SOURCE_DIR"))
    GTEST_SKIP() << "MLC_SOURCE_DIR must name the checkout";
  const char *wanted = std::getenv("MLC_MUTATIONS");
  int variants = wanted ? std::atoi(wanted) : 10;
  std::vector<std::string> files = modelFiles();
  ASSERT_FALSE(files.empty());
  Random random(1);
  int refused = 0;
  for (const std::string &file : files) {
    auto buffer = llvm::MemoryBuffer::getFile(file);
    ASSERT_TRUE(bool(buffer)) << file;
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString((*buffer)->getBuffer().str())) << file;
    for (int variant = 0; variant != variants; ++variant) {
      onnx::ModelProto broken = model;
      for (size_t i = 0, e = 1 + below(random, 3); i != e; ++i)
        mutate(broken, random);
      refused += !readModel(broken);
    }
  }
  EXPECT_GT(refused, variants) << "the mutations must break something";
}

} // namespace
