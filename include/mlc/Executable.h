//===- Executable.h - A model that runs in this process ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EXECUTABLE_H
#define MLC_EXECUTABLE_H

#include "mlc/Report.h"

#include <memory>

namespace mlc {

/// A model compiled by the pipeline that ships, for this machine, in memory,
/// with its arena. One run at a time; different objects may run at once.
class Executable {
public:
  Executable(Executable &&other);
  Executable &operator=(Executable &&other);
  ~Executable();

  const std::vector<TensorSpec> &inputs() const;
  const std::vector<TensorSpec> &outputs() const;
  const Report &report() const;
  /// What `mlc compile` would write as PREFIX.json, of this code.
  std::string contract() const;

  /// Makes later runs use `threads`, the caller's among them, which stays on
  /// one core until the object goes or is told of others. The code may be made
  /// for less (the option `threads`). Results do not depend on it. Errors: they
  /// cannot be had.
  Result<void> useThreads(unsigned threads);

  /// Runs once, without allocating: a pointer for each of inputs() and
  /// outputs(), to as many bytes as they say, aligned as their elements.
  /// Errors: a null pointer, a value that the model does not take.
  Result<void> run(const std::vector<const void *> &inputs,
                   const std::vector<void *> &outputs);

private:
  friend class Compiler;
  struct State;
  explicit Executable(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

} // namespace mlc

#endif // MLC_EXECUTABLE_H
