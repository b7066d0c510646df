//===- Pruner.h - The steps of mlc prune ------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_PRUNER_H
#define MLC_CALIBRATE_PRUNER_H

#include "mlc/Prune.h"

#include "llvm/Support/Error.h"

namespace mlc::calibrate {

/// What mlc::prune does. Errors hold one line a problem, with the file's name.
llvm::Expected<PrunedModel> pruneFile(const std::string &path,
                                      const PruneOptions &options,
                                      const PruneProgress &progress);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_PRUNER_H
