//===- RemoveChannels.h - A model without some channels ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Channels are first masked: the weights of all layers that read them are zero,
// which every measurement can be made on, and then removed, which must change
// nothing. That is measured, too (checkRemoved): a dependency that was got
// wrong cannot go unnoticed.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_REMOVECHANNELS_H
#define MLC_CALIBRATE_REMOVECHANNELS_H

#include "Calibrate/ChannelGroups.h"
#include "Calibrate/Session.h"

namespace mlc::calibrate {

/// `model`, which `groups` were found in, without the units that are gone. None
/// may be the last one anywhere (ChannelGroups::leavesNone).
onnx::ModelProto removeChannels(const onnx::ModelProto &model,
                                const ChannelGroups &groups,
                                const std::vector<bool> &isGone);

/// An error where outputs of `removed` have other shapes than those of
/// `masked`, or other numbers but for rounding, on a few samples.
llvm::Error checkRemoved(Session &session, const onnx::ModelProto &masked,
                         const onnx::ModelProto &removed);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_REMOVECHANNELS_H
