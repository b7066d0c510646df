//===- ScaleModel.h - a hand-written model for tests of emission *- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// scale: y[i] = x[i] * weight[i], 256 floats, weight[i] = i / 2. One body for
// each variant, as the compiler would hand it over.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TEST_UNIT_EMIT_SCALEMODEL_H
#define MLC_TEST_UNIT_EMIT_SCALEMODEL_H

#include "Emit/Entry.h"
#include "Emit/Object.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"

namespace mlc::test {

constexpr int64_t kScaleCount = 256;

/// A module with its context, entry points and targets (best first).
struct ScaleModel {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  std::vector<TargetInfo> targets;
  EntrySpec spec;
};

std::vector<TargetInfo> targetsFor(llvm::StringRef triple,
                                   llvm::StringRef cpus = "");

/// The model for `triple` and `cpus`, not yet optimised. Reports failures to
/// GoogleTest.
ScaleModel makeScale(llvm::StringRef triple, llvm::StringRef cpus = "",
                     llvm::StringRef prefix = "scale");

/// The object of `module`; null where there is none, which is reported.
std::unique_ptr<llvm::MemoryBuffer> emit(llvm::Module &module,
                                         const TargetInfo &target,
                                         FrameSizes *frames = nullptr);

/// Optimises and emits `model`.
std::unique_ptr<llvm::MemoryBuffer> compile(ScaleModel &model);

/// A folder that is removed with the object.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string path(llvm::StringRef name) const;
  /// Writes `text` to a file of the folder and returns its path.
  std::string write(llvm::StringRef name, llvm::StringRef text) const;

private:
  std::string folder;
};

/// What a shell command printed, both streams; fails the test unless it exits
/// with 0.
std::string run(const std::string &command);

/// Is `tool` on the path?
bool found(llvm::StringRef tool);

} // namespace mlc::test

#endif // MLC_TEST_UNIT_EMIT_SCALEMODEL_H
