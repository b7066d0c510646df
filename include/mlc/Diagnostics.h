//===- Diagnostics.h - What is wrong, and where -----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   mlc::Result<mlc::Graph> graph = compiler.import("model.onnx");
//   if (!graph)
//     for (const mlc::Diagnostic &diagnostic : graph.errors())
//       std::cerr << diagnostic.text() << '\n';
//
//===----------------------------------------------------------------------===//

#ifndef MLC_DIAGNOSTICS_H
#define MLC_DIAGNOSTICS_H

#include "mlc/NodeId.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mlc {

enum class Severity { Error, Warning };

struct Diagnostic {
  Severity severity = Severity::Error;
  std::string file;  ///< "" where it is about no file
  std::string place; ///< in the file, for people: "input 'x'", or of the node
  NodeId node;       ///< known where it is about one
  std::string message;

  /// "model.onnx: node 'conv1' (Conv, opset 17): message", on one line.
  std::string text() const;
};

using Diagnostics = std::vector<Diagnostic>;

/// A line for each.
std::string textOf(const Diagnostics &diagnostics);

/// A value, or why there is none: at least one error.
template <typename T>
class [[nodiscard]] Result {
public:
  Result(T value) : value(std::move(value)) {}
  Result(Diagnostics errors) : problems(std::move(errors)) {}

  explicit operator bool() const { return value.has_value(); }
  T &operator*() { return *value; }
  const T &operator*() const { return *value; }
  T *operator->() { return &*value; }
  const T *operator->() const { return &*value; }
  const Diagnostics &errors() const { return problems; }

private:
  std::optional<T> value;
  Diagnostics problems;
};

template <>
class [[nodiscard]] Result<void> {
public:
  Result() = default;
  Result(Diagnostics errors) : problems(std::move(errors)) {}

  explicit operator bool() const { return problems.empty(); }
  const Diagnostics &errors() const { return problems; }

private:
  Diagnostics problems;
};

} // namespace mlc

#endif // MLC_DIAGNOSTICS_H
