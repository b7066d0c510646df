//===- StackUse.cpp - how much stack a model needs ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/StackUse.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace mlc;

static Error fail(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message.str());
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

/// The functions that `from`'s instructions reach through operands and the
/// constants behind them.
static std::set<std::string> referenced(const Function &from) {
  std::set<std::string> result;
  DenseSet<const Value *> seen;
  SmallVector<const User *> work;
  for (const BasicBlock &block : from)
    for (const Instruction &instruction : block)
      work.push_back(&instruction);
  while (!work.empty()) {
    const User *user = work.pop_back_val();
    for (const Value *operand : user->operand_values()) {
      auto *function = dyn_cast<Function>(operand);
      if (function)
        result.insert(function->getName().str());
      auto *constant = dyn_cast<Constant>(operand);
      if (!constant || function || !seen.insert(constant).second)
        continue;
      work.push_back(constant);
    }
  }
  return result;
}

CallGraph mlc::callGraph(const Module &module) {
  CallGraph graph;
  for (const Function &function : module)
    if (!function.isDeclaration())
      graph[function.getName().str()] = referenced(function);
  return graph;
}

//===----------------------------------------------------------------------===//
// Depth
//===----------------------------------------------------------------------===//

namespace {

class DepthFinder {
public:
  DepthFinder(const CallGraph &calls, const FrameSizes &frames)
      : calls(calls), frames(frames) {}

  Expected<uint64_t> depth(const std::string &function) {
    auto known = depths.find(function);
    if (known != depths.end())
      return known->second;
    auto frame = frames.find(function);
    if (frame == frames.end())
      return fail("the stack frame of '" + function + "' has no fixed size");
    if (!active.insert(function).second)
      return fail("'" + function + "' calls itself");
    uint64_t deepest = 0;
    auto callees = calls.find(function);
    if (callees != calls.end())
      for (const std::string &callee : callees->second) {
        if (!calls.count(callee))
          continue; // of another object: kForeignStack
        Expected<uint64_t> below = depth(callee);
        if (!below)
          return below;
        deepest = std::max(deepest, *below);
      }
    active.erase(function);
    return depths[function] = frame->second + kReturnAddress + deepest;
  }

private:
  /// Pushed by the call itself on x86; elsewhere part of the frame, where it
  /// makes the figure a little too large.
  static constexpr uint64_t kReturnAddress = 8;

  const CallGraph &calls;
  const FrameSizes &frames;
  std::map<std::string, uint64_t> depths;
  std::set<std::string> active;
};

} // namespace

Expected<uint64_t> mlc::stackUse(const FrameSizes &frames,
                                 const CallGraph &calls, StringRef root) {
  Expected<uint64_t> depth = DepthFinder(calls, frames).depth(root.str());
  if (!depth)
    return depth.takeError();
  return *depth + kForeignStack;
}
