//===- ChannelPruner.h - mlc prune --pattern=channels -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each group of channels is explored by itself: in what order they go, and what
// the outputs lose when some are gone. How many of each group go is chosen as
// forms of layers are (MixedPrecision.h), by the weights that go with them;
// then all layers are repaired in their order, and the channels removed.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_CHANNELPRUNER_H
#define MLC_CALIBRATE_CHANNELPRUNER_H

#include "mlc/Prune.h"

#include "llvm/Support/Error.h"

namespace mlc::calibrate {

/// What pruneFile does with that pattern.
llvm::Expected<PrunedModel> pruneChannels(const std::string &path,
                                          const PruneOptions &options,
                                          const PruneProgress &progress);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_CHANNELPRUNER_H
