//===- Target.h - Machines that code is made for ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_TARGET_H
#define MLC_TARGET_H

#include "mlc/Diagnostics.h"

namespace mlc {

/// One CPU of one triple.
struct Target {
  std::string triple;      ///< normalised: "x86_64-unknown-linux-gnu"
  std::string name;        ///< as --cpu says it: "x86-64-v3"
  unsigned vectorBits = 0; ///< of the f32 vectors of its code; 32 for none
  unsigned vectorRegisters = 0;
  unsigned l1 = 0, l2 = 0; ///< bytes of its caches
};

/// The CPUs that the options `target` and `cpu` name, best first: what a
/// compilation with them is for. Errors name what is not known.
Result<std::vector<Target>> findTargets(const std::string &triple = "",
                                        const std::string &cpus = "");

/// What there is to name, as `mlc targets` prints it.
std::string describeTargets();
/// The same for programs: an array of architectures, each with `triple`, those
/// of other `systems`, `default` CPUs, `extensions` and `cpus` (name, about,
/// l1d, l2: bytes).
std::string describeTargetsJson();

} // namespace mlc

#endif // MLC_TARGET_H
