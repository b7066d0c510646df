//===- Prune.cpp - The public pruner --------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/Prune.h"

#include "Api/Convert.h"
#include "Calibrate/Pruner.h"
#include "Support/AtomicFile.h"

using namespace mlc;

Result<void> PrunedModel::write(const std::string &path) const {
  if (llvm::Error error =
          writeFileAtomically(path, [&](llvm::raw_pwrite_stream &os) {
            os << file();
            return llvm::Error::success();
          }))
    return diagnosticsOf(std::move(error));
  return {};
}

Result<PrunedModel> mlc::prune(const std::string &model,
                               const PruneOptions &options,
                               const PruneProgress &progress) {
  if (!options.sparsity && !options.maxDrop)
    return diagnosticsOf(llvm::createStringError(
        "prune: --sparsity or --max-drop is required, which say how far to "
        "go"));
  if (options.maxDrop && options.budgetData.empty())
    return diagnosticsOf(llvm::createStringError(
        "--max-drop: --eval is required, the labelled samples that it is "
        "measured on"));
  auto pruned = calibrate::pruneFile(model, options, progress);
  if (!pruned)
    return diagnosticsOf(pruned.takeError());
  return std::move(*pruned);
}
