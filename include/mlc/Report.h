//===- Report.h - What a compilation found out ------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_REPORT_H
#define MLC_REPORT_H

#include "mlc/Diagnostics.h"
#include "mlc/runtime.h"

namespace mlc {

/// An input or output of the model: dense, in row-major order.
struct TensorSpec {
  std::string name;
  mlc_type type = MLC_TYPE_F32;
  std::vector<int64_t> shape;
  uint64_t bytes = 0;
};

/// A phase that a compilation went through.
struct PhaseCost {
  std::string name;
  double seconds = 0;
};

/// A function of the code, which one node or several, of equal shape, call.
struct KernelCost {
  std::string function, kind; ///< "k3_conv", "conv"
  std::string element;        ///< that it computes in: "f32", "" for a copy
  std::string detail;         ///< window and shapes, for people
  std::vector<NodeId> nodes;  ///< that it computes, in their order
  unsigned calls = 0;         ///< in the text of the model
  /// Of one call: bytes read and written, and arithmetic operations, two a
  /// multiply-accumulate, without and with what falls into padding.
  uint64_t inputBytes = 0, outputBytes = 0;
  uint64_t weightBytes = 0; ///< of the inputs, what is constant
  uint64_t operations = 0, nominalOperations = 0;
  uint64_t macs = 0; ///< multiply-accumulates among `operations`
};

/// A buffer of the arena's plan.
struct BufferCost {
  std::string name;
  uint64_t offset = 0, bytes = 0;
  uint64_t firstUse = 0, lastUse = 0; ///< points of the program, inclusive
};

struct Report {
  std::string prefix; ///< of the C names
  std::vector<TensorSpec> inputs, outputs;
  uint64_t macs = 0;       ///< multiply-accumulates of a run
  uint64_t parameters = 0; ///< numbers in constants
  /// Bytes. Of the code and the stack, 0 where no library was made.
  uint64_t weightsBytes = 0, codeBytes = 0, stackBytes = 0;
  uint64_t arenaBytes = 0;          ///< for one thread
  uint64_t arenaBytesPerThread = 0; ///< for each further one
  uint64_t arenaLowerBound = 0;     ///< no plan of the buffers needs less
  unsigned threads = 1;             ///< the most that the code can use
  std::vector<PhaseCost> phases;
  std::vector<KernelCost> kernels;
  std::vector<BufferCost> buffers;
  NarrowFloats narrowFloats;
  std::vector<FloatNode> floatNodes; ///< none where all is to be f32
  Diagnostics warnings;

  /// All of this but the memory map, as JSON.
  std::string json() const;
  /// Writes that to a file, whole or not at all.
  Result<void> write(const std::string &path) const;

  /// The plan of the arena, as `mlc compile --memory-map` writes it.
  std::string memoryMapText, memoryMapJson;
  /// Writes the latter, whole or not at all.
  Result<void> writeMemoryMap(const std::string &path) const;
};

} // namespace mlc

#endif // MLC_REPORT_H
