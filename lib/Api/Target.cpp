//===- Target.cpp - Machines that code is made for ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/Target.h"

#include "Api/Convert.h"
#include "Target/Target.h"

using namespace mlc;

Result<std::vector<Target>> mlc::findTargets(const std::string &triple,
                                             const std::string &cpus) {
  llvm::Expected<std::vector<TargetInfo>> found = resolveTargets(triple, cpus);
  if (!found)
    return diagnosticsOf(found.takeError());
  std::vector<Target> targets;
  for (const TargetInfo &info : *found)
    targets.push_back({info.triple.str(), info.name, info.vectorBits,
                       info.vectorRegisters, info.l1d, info.l2});
  return targets;
}

std::string mlc::describeTargets() {
  return textBy([](llvm::raw_ostream &os) { printTargets(os); });
}

std::string mlc::describeTargetsJson() {
  return textBy([](llvm::raw_ostream &os) { printTargetsJson(os); });
}
