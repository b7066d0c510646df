//===- Bindings.cpp - What --dim and --shape bind -------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Bindings.h"

#include "Import/DimExpression.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlc;
using namespace mlir;

using Dimension = onnx::TensorShapeProto::Dimension;

/// "'a', 'b'", or "none".
static std::string listed(const std::set<std::string> &names) {
  if (names.empty())
    return "none";
  return "'" + llvm::join(names, "', '") + "'";
}

static const onnx::TensorShapeProto &
declaredShape(const onnx::ValueInfoProto &input) {
  return input.type().tensor_type().shape();
}

/// Whether the file says the size. 0 is one, unless something else is bound.
static bool isFixed(const Dimension &dim) {
  return dim.has_dim_value() && dim.dim_value() > 0;
}

/// The name that --dim binds; empty where the size is fixed.
static std::string nameOf(const onnx::ValueInfoProto &input, int i) {
  const Dimension &dim = declaredShape(input).dim(i);
  if (isFixed(dim))
    return "";
  if (!dim.dim_param().empty())
    return dim.dim_param();
  return input.name() + "[" + std::to_string(i) + "]";
}

/// The names in an expression; none in what is a name itself, or cannot be
/// read.
static std::set<std::string> partsOf(const std::string &name) {
  llvm::Expected<std::set<std::string>> parts = dimensionNames(name);
  if (!parts) {
    consumeError(parts.takeError());
    return {};
  }
  parts->erase(name);
  return std::move(*parts);
}

Bindings::Bindings(const onnx::GraphProto &graph, const ModelOptions &options)
    : graph(graph), options(options) {
  for (const auto &[name, size] : options.dims)
    sizes[name] = size;
  // Where shapes disagree on a name, it has no size: exporters call unlike
  // dimensions alike ("None").
  llvm::StringSet<> ambiguous;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    auto bound = options.shapes.find(input.name());
    if (bound == options.shapes.end())
      continue;
    for (auto [i, dim] : llvm::enumerate(declaredShape(input).dim())) {
      if (i >= bound->second.size() || dim.dim_param().empty() ||
          options.dims.count(dim.dim_param()))
        continue;
      int64_t size = bound->second[i];
      auto [known, isNew] = sizes.try_emplace(dim.dim_param(), size);
      if (!isNew && known->second != size)
        ambiguous.insert(dim.dim_param());
    }
  }
  for (const auto &entry : ambiguous)
    sizes.erase(entry.first());
  if (options.batch)
    bindBatch(*options.batch);
}

void Bindings::bindBatch(int64_t size) {
  // Exporters that call all open dimensions alike mean no batch by it.
  std::set<std::string> inner;
  for (const onnx::ValueInfoProto &input : graph.input())
    for (int i = 1; i < declaredShape(input).dim_size(); ++i)
      inner.insert(nameOf(input, i));
  for (const onnx::ValueInfoProto &input : graph.input()) {
    if (declaredShape(input).dim_size() == 0 ||
        options.shapes.count(input.name()))
      continue;
    std::string name = nameOf(input, 0);
    // What follows from other names is not open.
    if (!name.empty() && !inner.count(name) && partsOf(name).empty())
      sizes.try_emplace(name, size);
  }
}

//===----------------------------------------------------------------------===//
// Do bindings mean something?
//===----------------------------------------------------------------------===//

LogicalResult Bindings::checkNames(Location loc) const {
  std::set<std::string> dims, inputs;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    inputs.insert(input.name());
    for (int i = 0; i < declaredShape(input).dim_size(); ++i)
      if (std::string name = nameOf(input, i); !name.empty()) {
        dims.merge(partsOf(name));
        dims.insert(name);
      }
  }
  bool isValid = true;
  auto report = [&](const char *option, const std::string &name,
                    const char *what, const std::set<std::string> &known) {
    emitError(loc) << option << name << "=...: no such " << what
                   << "; the model has " << listed(known);
    isValid = false;
  };
  for (const auto &[name, size] : options.dims)
    if (!dims.count(name))
      report("--dim=", name, "dimension of an input", dims);
  for (const auto &[name, shape] : options.shapes)
    if (!inputs.count(name))
      report("--shape=", name, "input", inputs);
  return success(isValid);
}

LogicalResult Bindings::checkShape(const onnx::ValueInfoProto &input,
                                   Location loc) const {
  auto bound = options.shapes.find(input.name());
  if (bound == options.shapes.end() || !input.type().tensor_type().has_shape())
    return success();
  llvm::ArrayRef<int64_t> shape = bound->second;
  const onnx::TensorShapeProto &declared = declaredShape(input);
  if (declared.dim_size() != static_cast<int>(shape.size()))
    return emitError(loc) << "--shape=" << input.name() << "=... has rank "
                          << shape.size() << ", the input has "
                          << declared.dim_size();
  for (auto [i, size] : llvm::enumerate(shape)) {
    auto contradiction = [&, size = size, i = i]() {
      return emitError(loc) << "--shape=" << input.name() << "=... has " << size
                            << " as dimension " << i << ", ";
    };
    const Dimension &dim = declared.dim(i);
    if (isFixed(dim) && dim.dim_value() != size)
      return contradiction() << "the model fixes it as " << dim.dim_value();
    std::string name = nameOf(input, i);
    auto dimension = options.dims.find(name);
    if (dimension != options.dims.end() && dimension->second != size)
      return contradiction()
             << "--dim=" << name << "=" << dimension->second << " has another";
  }
  return success();
}

LogicalResult Bindings::checkExpressions(Location loc) const {
  bool isValid = true;
  for (const auto &[name, bound] : options.dims) {
    std::set<std::string> parts = partsOf(name);
    bool isBound = !parts.empty() && llvm::all_of(parts, [&](const auto &part) {
      return sizes.count(part);
    });
    if (!isBound)
      continue;
    llvm::Expected<int64_t> size = evaluateDimension(name, sizes);
    if (!size) {
      emitError(loc) << "--dim=" << name
                     << "=...: " << llvm::toString(size.takeError());
      isValid = false;
    } else if (*size != bound) {
      emitError(loc) << "--dim=" << name << "=" << bound << ": " << *size
                     << " follows from the sizes of " << listed(parts);
      isValid = false;
    }
  }
  return success(isValid);
}

LogicalResult Bindings::check(Location loc) const {
  bool isValid = succeeded(checkNames(loc));
  for (const onnx::ValueInfoProto &input : graph.input())
    isValid &= succeeded(checkShape(input, loc));
  isValid &= succeeded(checkExpressions(loc));
  return success(isValid);
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

FailureOr<int64_t> Bindings::sizeOf(const onnx::ValueInfoProto &input, int i,
                                    Location loc) const {
  const Dimension &dim = declaredShape(input).dim(i);
  if (isFixed(dim))
    return dim.dim_value();
  std::string name = nameOf(input, i);
  if (auto it = sizes.find(name); it != sizes.end())
    return it->second;
  if (dim.has_dim_value() && dim.dim_value() == 0) {
    emitWarning(loc) << "has size 0 as dimension " << i
                     << " and so no elements; where any size is meant, bind it "
                        "with --dim="
                     << name << "=<size>";
    return 0;
  }
  if (dim.dim_param().empty())
    return FailureOr<int64_t>(
        emitError(loc) << "has an unnamed dynamic dimension " << i
                       << "; bind it with --dim=" << name
                       << "=<size>, or give the whole shape with --shape="
                       << input.name() << "=...");
  std::set<std::string> unbound;
  for (const std::string &part : partsOf(name))
    if (!sizes.count(part))
      unbound.insert(part);
  std::string isDynamic = "has the dynamic dimension '" + name + "'";
  if (!unbound.empty())
    return FailureOr<int64_t>(
        emitError(loc) << isDynamic << "; bind " << listed(unbound)
                       << " with --dim=" << *unbound.begin() << "=<size>");
  llvm::Expected<int64_t> size = evaluateDimension(name, sizes);
  if (size)
    return *size;
  std::string reason = llvm::toString(size.takeError());
  // What is but a name has nothing wrong with it.
  bool isName = reason == "'" + name + "' has no size at character 1" ||
                llvm::none_of(name, llvm::isAlnum);
  return FailureOr<int64_t>(emitError(loc)
                            << isDynamic << (isName ? "" : ", " + reason)
                            << "; bind it with --dim=" << name << "=<size>");
}

FailureOr<llvm::SmallVector<int64_t>>
Bindings::shapeOf(const onnx::ValueInfoProto &input, Location loc) const {
  if (auto it = options.shapes.find(input.name()); it != options.shapes.end())
    return llvm::to_vector(it->second);
  if (!input.type().tensor_type().has_shape()) {
    emitError(loc) << "has no shape; give one with --shape=" << input.name()
                   << "=...";
    return failure();
  }
  llvm::SmallVector<int64_t> shape;
  bool isComplete = true;
  for (int i = 0; i < declaredShape(input).dim_size(); ++i) {
    FailureOr<int64_t> size = sizeOf(input, i, loc);
    isComplete &= succeeded(size);
    shape.push_back(size.value_or(0));
  }
  if (!isComplete)
    return failure();
  return shape;
}
