//===- Prune.cpp - The public pruner --------------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/Prune.h"

#include "Api/Convert.h"
#include "Calibrate/Pruner.h"

using namespace mlc;

Result<void> PrunedModel::write(const std::string &path) const {
  return writeBytes(path, file());
}

Result<PrunedModel> mlc::prune(const std::string &model,
                               const PruneOptions &options,
                               const PruneProgress &progress) {
  if (!options.sparsity && !options.maxDrop)
    return diagnosticsOf(llvm::createStringError(
        "prune: --sparsity or --max-drop is required, which say how far to "
        "go"));
  auto pruned = calibrate::pruneFile(model, options, progress);
  if (!pruned)
    return diagnosticsOf(pruned.takeError());
  return std::move(*pruned);
}
