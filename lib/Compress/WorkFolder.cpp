//===- WorkFolder.cpp - Candidates that are kept -------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/WorkFolder.h"

#include "Support/AtomicFile.h"
#include "Support/InputFile.h"
#include "Support/Json.h"
#include "Support/OptionNames.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

#include <cmath>

using namespace llvm;
using namespace mlc;
using namespace mlc::compress;

static constexpr const char *kCandidates = "candidates";

Expected<WorkFolder> WorkFolder::open(StringRef path, std::string key) {
  WorkFolder result;
  result.folder = path.str();
  result.key = std::move(key);
  SmallString<256> inner(path);
  sys::path::append(inner, kCandidates);
  if (std::error_code error = makeFolder(inner))
    return createFileError(inner, error);
  return result;
}

std::string WorkFolder::fileOf(StringRef name) const {
  SmallString<256> path(folder);
  sys::path::append(path, name);
  return path.str().str();
}

std::string WorkFolder::modelOf(const Recipe &recipe) const {
  SmallString<256> path(folder);
  sys::path::append(path, kCandidates, recipe.name() + ".onnx");
  return path.str().str();
}

std::string WorkFolder::recordOf(const Recipe &recipe) const {
  SmallString<256> path(folder);
  sys::path::append(path, kCandidates, recipe.name() + ".json");
  return path.str().str();
}

/// Of mse, rmse, top1 and top5, which reports know.
static std::optional<ModelScore> scoreOf(const json::Object &object) {
  std::optional<StringRef> metric = object.getString("metric");
  std::optional<double> value = object.getNumber("value");
  std::optional<int64_t> samples = object.getInteger("samples");
  if (!metric || !value || !samples)
    return std::nullopt;
  for (ScoreMetric known : {ScoreMetric::Top1, ScoreMetric::Top5,
                            ScoreMetric::Mse, ScoreMetric::Rmse})
    if (*metric == nameOf(known))
      return ModelScore{known, *value, *samples};
  return std::nullopt;
}

static std::optional<Record> parse(StringRef text, StringRef path,
                                   StringRef key) {
  Expected<json::Value> value = parseJson(text, path);
  if (!value) {
    consumeError(value.takeError());
    return std::nullopt;
  }
  const json::Object *object = value->getAsObject();
  if (!object || object->getString("key") != key)
    return std::nullopt;
  Record record;
  if (std::optional<StringRef> failure = object->getString("failure")) {
    record.failure = failure->str();
    return record;
  }
  std::optional<double> drop = object->getNumber("drop");
  if (!drop)
    return std::nullopt;
  record.drop = *drop;
  if (const json::Object *score = object->getObject("score"))
    record.score = scoreOf(*score);
  return record;
}

std::optional<Record> WorkFolder::find(const Recipe &recipe) const {
  std::string path = recordOf(recipe);
  if (!sys::fs::exists(path))
    return std::nullopt;
  Expected<std::string> text = readTextFile(path);
  if (!text) {
    consumeError(text.takeError());
    return std::nullopt;
  }
  return parse(*text, path, key);
}

Error WorkFolder::keep(const Recipe &recipe, const Record &record) const {
  json::Object object{{"key", key}, {"recipe", recipe.name()}};
  if (!record.failure.empty()) {
    object["failure"] = json::fixUTF8(record.failure);
  } else {
    // JSON has no infinity: it is measured again.
    if (std::isfinite(record.drop))
      object["drop"] = record.drop;
    if (record.score && std::isfinite(record.score->value))
      object["score"] = json::Object{{"metric", nameOf(record.score->metric)},
                                     {"value", record.score->value},
                                     {"samples", record.score->samples}};
  }
  return writeFileAtomically(recordOf(recipe), [&](raw_pwrite_stream &os) {
    os << formatv("{0:2}\n", json::Value(std::move(object)));
    return Error::success();
  });
}
