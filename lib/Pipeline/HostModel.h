//===- HostModel.h - A model that runs in this process ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PIPELINE_HOSTMODEL_H
#define MLC_PIPELINE_HOSTMODEL_H

#include "Execute/ExecutorPool.h"
#include "Execute/JitModel.h"
#include "Pipeline/Graph.h"
#include "TensorIO/Tensor.h"

namespace mlc {

/// The name, element type and shape of an input or output.
struct HostTensor {
  std::string name;
  ElementType type;
  llvm::SmallVector<int64_t> shape;
  std::vector<TensorContract::Counted> counted;
  /// Of images, where it is known: "NHWC" or "NCHW"; "RGB", "BGR", "grey".
  std::string layout = {}, channelOrder = {};
};

/// A model compiled by the pipeline that ships, for this machine, in memory.
class HostModel {
public:
  /// Compiles `graph` for the best of `options.targets`, which has to be a CPU
  /// that this process can run; for this process's own where there are none.
  /// `symbols` is what generated code may refer to besides the runtime. Code of
  /// a run of fewer than `fewOperations` is not optimised: it gives the same
  /// numbers, and is made in half the time. Errors hold one line a problem.
  static llvm::Expected<std::unique_ptr<HostModel>>
  create(ModelGraph graph, const CompileOptions &options,
         llvm::ArrayRef<JitSymbol> symbols = {}, uint64_t fewOperations = 0);
  /// The same for the model that `options` name.
  static llvm::Expected<std::unique_ptr<HostModel>>
  create(const CompileOptions &options, llvm::ArrayRef<JitSymbol> symbols = {});

  llvm::ArrayRef<HostTensor> inputs() const { return inputInfo; }
  llvm::ArrayRef<HostTensor> outputs() const { return outputInfo; }
  const CompileReport &report() const { return compileReport; }

  /// Makes later runs use `threads`, the caller's among them. The code may be
  /// made for less (CompileOptions::threads). `watch` may put an executor of
  /// its own before theirs. Errors: they cannot be had.
  llvm::Error useThreads(
      unsigned threads,
      llvm::function_ref<const mlc_executor *(const mlc_executor *)> watch =
          nullptr);

  /// Runs once. Errors: a tensor of the wrong type or shape.
  llvm::Expected<std::vector<Tensor>> run(llvm::ArrayRef<Tensor> inputs);

  /// Outputs as the model has them: of counted dimensions what the counts say,
  /// and without the outputs that only count. As many names as tensors.
  std::vector<std::string> modelOutputs() const;
  llvm::Expected<std::vector<Tensor>>
  cutToCounts(std::vector<Tensor> outputs) const;

  /// Zeros, of the types and shapes of the outputs.
  llvm::Expected<std::vector<Tensor>> makeOutputs() const;
  /// Runs once, into `outputs`, without allocating tensors. Errors as run.
  llvm::Error runInto(llvm::ArrayRef<Tensor> inputs,
                      llvm::MutableArrayRef<Tensor> outputs);

  /// The same on buffers, as many as there are tensors, of their bytes.
  llvm::Error runOn(llvm::ArrayRef<const void *> inputs,
                    llvm::ArrayRef<void *> outputs) {
    return model->run(inputs, outputs);
  }

private:
  std::vector<HostTensor> inputInfo, outputInfo;
  CompileReport compileReport;
  std::unique_ptr<ExecutorPool> pool; ///< outlives the model
  mlir::AsmResourceBlob weights;      ///< likewise: its code reads them
  std::unique_ptr<JitModel> model;
};

} // namespace mlc

#endif // MLC_PIPELINE_HOSTMODEL_H
