//===- Harness.h - compile and run IR in this process -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The whole backend on a string of IR, for this CPU:
//
//   Model model(R"(func.func @main(...) ...)");
//   auto y = model.run<float>({bytes(x)}, {4 * sizeof(float)});
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TEST_BACKEND_HARNESS_H
#define MLC_TEST_BACKEND_HARNESS_H

#include "Backend/Backend.h"
#include "Execute/JitModel.h"
#include "Pipeline/Options.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

namespace mlc::test {

using Bytes = std::vector<char>;

template <typename T>
Bytes bytes(const std::vector<T> &values) {
  const char *data = reinterpret_cast<const char *>(values.data());
  return Bytes(data, data + values.size() * sizeof(T));
}

template <typename T>
std::vector<T> values(const Bytes &bytes) {
  std::vector<T> result(bytes.size() / sizeof(T));
  if (!result.empty())
    memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

struct Code : BackendResult {
  mlir::AsmResourceBlob weights;
};

/// All phases from `to-destinations` on, and the translation. `behind` is shown
/// the module behind each.
mlir::FailureOr<Code>
compile(mlir::ModuleOp module, const CompileOptions &options,
        llvm::function_ref<void(llvm::StringRef phase, mlir::ModuleOp)> behind =
            nullptr);

class Model {
public:
  /// Compiles for `cpu` and at most `threads`, with the option --stream; on
  /// failure `errors` tells and run() must not be called.
  explicit Model(llvm::StringRef ir, llvm::StringRef cpu = "native",
                 unsigned threads = 1, bool streams = true);

  /// Outputs, given all inputs; checks that no input was written.
  std::vector<Bytes> run(std::vector<Bytes> inputs);

  /// For later runs; null for the caller's thread.
  void setExecutor(const mlc_executor *executor);

  bool ok() const { return bool(jit); }
  /// How often the text of the module after `phase` has `what`.
  unsigned count(llvm::StringRef phase, llvm::StringRef what) const;

  std::string errors;
  Code result;
  std::map<std::string, std::string> text; ///< of the module after each phase

private:
  mlir::MLIRContext context;
  std::vector<TargetInfo> targets;
  std::vector<uint64_t> outputSizes;
  std::unique_ptr<JitModel> jit;
};

} // namespace mlc::test

#endif // MLC_TEST_BACKEND_HARNESS_H
