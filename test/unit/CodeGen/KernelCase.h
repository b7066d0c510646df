//===- KernelCase.h - one kernel op with its data ---------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Buffers of any element type, filled from a seed, and functions on them: what
// the numeric tests of the emitters are made of. A case has arguments, of which
// the last is the result, the text of its op, and the values that are right.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TEST_UNIT_CODEGEN_KERNELCASE_H
#define MLC_TEST_UNIT_CODEGEN_KERNELCASE_H

#include "KernelJit.h"
#include "llvm/ADT/ArrayRef.h"
#include <functional>
#include <string>
#include <vector>

namespace mlc {

using Shape = std::vector<int64_t>;
/// Of an element. Tests ask for millions: no memory is taken for one.
using Position = llvm::ArrayRef<int64_t>;
int64_t elements(const Shape &shape);

/// `type` is "f32", "f64", "f16", "bf16", "i8", "u8" or "i32"; values are
/// doubles here.
struct Buffer {
  std::string type;
  Shape shape;
  /// In elements; empty: contiguous.
  Shape strides;
  std::vector<char> bytes;

  Buffer(std::string type, Shape shape, Shape strides = {});

  double get(Position at) const { return at1(linear(at)); }
  void set(Position at, double value) { set1(linear(at), value); }
  double at1(int64_t i) const { return read(bytes.data() + i * width); }
  void set1(int64_t i, double value);

  /// Elements in [-1, 1], or the whole range of a byte.
  void fill(unsigned seed);
  /// "memref<...>".
  std::string memref() const;
  int64_t linear(Position at) const {
    int64_t result = 0;
    for (size_t i = 0; i < at.size(); ++i)
      result += at[i] * strides[i];
    return result;
  }

private:
  /// What `type` names: it is not read again for each element.
  double (*read)(const char *element);
  unsigned width;
};

/// Calls `body` for every position within `shape`.
void forEach(const Shape &shape,
             const std::function<void(const Shape &)> &body);

struct Case {
  std::string name;
  /// Op text; %a0, %a1, ... are the arguments.
  std::string op;
  std::vector<Buffer> arguments;
  /// What the last argument must hold, by position.
  std::function<double(const Shape &)> expected;
  /// Of the difference, relative to 1 + |expected|.
  double tolerance = 1e-4;
  /// If not 0, of the difference itself instead.
  double absolute = 0;
};

/// Compiles all cases for `target` and reports each that is wrong by name. Also
/// checks that nothing outside the result was written.
void runCases(std::vector<Case> &cases, const TargetInfo &target);

/// Runs the cases on the runnable targets: all of them on each when they are
/// few, else each on one, in turns.
void runOnTargets(size_t count, const std::function<Case(size_t)> &makeCase);

/// "array<i64: 1, 2>".
std::string array(const Shape &values);

} // namespace mlc

#endif // MLC_TEST_UNIT_CODEGEN_KERNELCASE_H
