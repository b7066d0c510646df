//===- PhasePipelines.h - phases of a model in mlc-opt ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_OPT_PHASEPIPELINES_H
#define MLC_OPT_PHASEPIPELINES_H

namespace mlc {

/// Registers each phase of Pipeline/Phases.h that has passes as the pipeline
/// --phase-<name>, whose options are those of `mlc compile`:
/// --phase-schedule="target=x86_64-linux-gnu cpu=x86-64-v3".
void registerPhasePipelines();

} // namespace mlc

#endif // MLC_OPT_PHASEPIPELINES_H
