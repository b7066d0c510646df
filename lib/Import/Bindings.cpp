//===- Bindings.cpp - What --dim and --shape may bind ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Bindings.h"

#include "mlir/IR/Diagnostics.h"
#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringExtras.h"

#include <set>

using namespace mlc;
using namespace mlir;

/// "'a', 'b'", or "none".
static std::string listed(const std::set<std::string> &names) {
  if (names.empty())
    return "none";
  return "'" + llvm::join(names, "', '") + "'";
}

/// Names in the order of the alphabet: a map's order is not one.
template <typename Map>
static std::set<std::string> keys(const Map &map) {
  std::set<std::string> names;
  for (const auto &entry : map)
    names.insert(entry.first().str());
  return names;
}

static LogicalResult checkShape(const onnx::ValueInfoProto &input,
                                llvm::ArrayRef<int64_t> shape, Location loc) {
  const onnx::TypeProto::Tensor &type = input.type().tensor_type();
  if (!type.has_shape())
    return success();
  const onnx::TensorShapeProto &declared = type.shape();
  if (declared.dim_size() != static_cast<int>(shape.size()))
    return emitError(loc) << "--shape=" << input.name() << "=... has rank "
                          << shape.size() << ", the input has "
                          << declared.dim_size();
  for (auto [i, size] : llvm::enumerate(shape))
    if (declared.dim(i).has_dim_value() && declared.dim(i).dim_value() != size)
      return emitError(loc)
             << "--shape=" << input.name() << "=... has " << size
             << " as dimension " << i << ", the model fixes it as "
             << declared.dim(i).dim_value();
  return success();
}

LogicalResult mlc::checkBindings(const onnx::GraphProto &graph,
                                 const ImportOptions &options, Location loc) {
  std::set<std::string> dims, inputs;
  bool isValid = true;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    inputs.insert(input.name());
    for (const auto &dim : input.type().tensor_type().shape().dim())
      if (!dim.dim_param().empty())
        dims.insert(dim.dim_param());
    auto bound = options.shapes.find(input.name());
    if (bound != options.shapes.end())
      isValid &= succeeded(checkShape(input, bound->second, loc));
  }
  auto report = [&](const char *option, const std::string &name,
                    const char *what, const std::set<std::string> &known) {
    emitError(loc) << option << name << "=...: no such " << what
                   << "; the model has " << listed(known);
    isValid = false;
  };
  for (const std::string &name : keys(options.dims))
    if (!dims.count(name))
      report("--dim=", name, "dimension of an input", dims);
  for (const std::string &name : keys(options.shapes))
    if (!inputs.count(name))
      report("--shape=", name, "input", inputs);
  return success(isValid);
}
