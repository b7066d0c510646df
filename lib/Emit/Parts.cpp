//===- Parts.cpp - functions of each CPU on a thread ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A part goes to its context as bitcode, with the order of uses, which passes
// follow: what becomes of it depends on the module alone. What another part
// refers to, the entry of a CPU, is hidden instead of internal until the parts'
// objects are one.
//
//===----------------------------------------------------------------------===//

#include "Emit/Parts.h"
#include "Emit/MergeObjects.h"
#include "Emit/Object.h"
#include "Support/GiveBack.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/ThreadPool.h"

using namespace llvm;
using namespace mlc;

//===----------------------------------------------------------------------===//
// Taking apart
//===----------------------------------------------------------------------===//

using Group = std::vector<Function *>;

/// Definitions by CPU; functions of no CPU's own are among the last one's.
static std::vector<Group> functionsByCpu(Module &module) {
  std::vector<Group> groups;
  StringMap<size_t> known;
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    StringRef cpu = function.getFnAttribute("target-cpu").getValueAsString();
    StringRef features =
        function.getFnAttribute("target-features").getValueAsString();
    auto [group, isNew] =
        known.try_emplace((cpu + " " + features).str(), groups.size());
    if (isNew)
      groups.emplace_back();
    groups[group->second].push_back(&function);
  }
  return groups;
}

/// Whether what `function` refers to is in `group` or only declared here.
static bool isSelfContained(Function &function,
                            const SmallPtrSetImpl<Function *> &group) {
  SmallVector<const Value *> work;
  SmallPtrSet<const Value *, 16> seen;
  for (BasicBlock &block : function)
    for (Instruction &instruction : block)
      for (Value *operand : instruction.operands())
        if (isa<Constant>(operand))
          work.push_back(operand);
  while (!work.empty()) {
    const Value *value = work.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    if (auto *global = dyn_cast<GlobalValue>(value)) {
      auto *callee = dyn_cast<Function>(global);
      if (!global->isDeclaration() &&
          !(callee && group.contains(const_cast<Function *>(callee))))
        return false;
      continue;
    }
    for (const Value *operand : cast<User>(value)->operands())
      work.push_back(operand);
  }
  return true;
}

static bool isUsedOutside(const Value &value,
                          const SmallPtrSetImpl<Function *> &group) {
  return any_of(value.users(), [&](const User *user) {
    auto *instruction = dyn_cast<Instruction>(user);
    return !instruction ||
           !group.contains(const_cast<Function *>(instruction->getFunction()));
  });
}

/// Notes in `exported` which functions of `group` the rest refers to; false
/// where it refers to something of the rest.
static bool takeApart(const Group &functions, Group &exported) {
  SmallPtrSet<Function *, 16> group(functions.begin(), functions.end());
  if (!all_of(functions,
              [&](Function *each) { return isSelfContained(*each, group); }))
    return false;
  for (Function *function : functions)
    if (function->hasLocalLinkage() && isUsedOutside(*function, group))
      exported.push_back(function);
  return true;
}

/// The functions of each part, of which the last has all that is no function as
/// well; none where the module is one part. What parts refer to of each other
/// is hidden then.
static std::vector<Group> divide(Module &module) {
  std::vector<Group> groups = functionsByCpu(module);
  Group exported;
  // Objects of other formats are not merged.
  if (groups.size() < 2 || module.size() > kMostMergedFunctions ||
      !module.getTargetTriple().isOSBinFormatELF() ||
      !all_of(drop_end(groups),
              [&](const Group &group) { return takeApart(group, exported); }))
    return {};
  for (Function *function : exported) {
    function->setLinkage(GlobalValue::ExternalLinkage);
    function->setVisibility(GlobalValue::HiddenVisibility);
  }
  return groups;
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

/// What is not to be in a part; globals are in the last one.
static Error keepOnly(Module &module, const StringSet<> &keep, bool isLast) {
  for (Function &function : module) {
    if (keep.contains(function.getName())) {
      if (Error error = function.materialize())
        return error;
    } else if (!function.isDeclaration()) {
      function.setLinkage(GlobalValue::ExternalLinkage);
      function.deleteBody();
    }
  }
  if (Error error = module.materializeAll())
    return error;
  for (GlobalVariable &variable : module.globals())
    if (!isLast && variable.hasInitializer()) {
      variable.setInitializer(nullptr);
      variable.setLinkage(GlobalValue::ExternalLinkage);
    }
  for (GlobalVariable &variable : make_early_inc_range(module.globals())) {
    variable.removeDeadConstantUsers();
    if (variable.isDeclaration() && variable.use_empty())
      variable.eraseFromParent();
  }
  for (Function &function : make_early_inc_range(module)) {
    function.removeDeadConstantUsers();
    if (function.isDeclaration() && function.use_empty())
      function.eraseFromParent();
  }
  return Error::success();
}

/// Functions of one CPU on their way; its steps are one behind the other, on
/// any thread.
class mlc::Part {
public:
  /// All of a module.
  Part(std::unique_ptr<LLVMContext> context, std::unique_ptr<Module> module)
      : context(std::move(context)), module(std::move(module)) {
    for (Function &function : *this->module)
      if (!function.isDeclaration())
        addName(function);
  }
  /// Of one that is read later.
  Part(ArrayRef<Function *> functions, bool isLast) : isLast(isLast) {
    for (Function *function : functions)
      addName(*function);
  }

  void optimize(StringRef whole, const TargetInfo &least) {
    error = joinErrors(std::move(error), tryOptimize(whole, least));
    isFailed = bool(error);
  }
  void emit(const TargetInfo &least);

  Error takeError() { return std::move(error); }

  std::string listOfNames; ///< a space behind each
  CallGraph calls;
  FrameSizes frames;
  SmallVector<char, 0> object;
  bool isFailed = false; ///< an error is there to take

private:
  void addName(const Function &function) {
    names.insert(function.getName());
    listOfNames += function.getName().str() + " ";
  }
  Error read(StringRef whole);
  Error tryOptimize(StringRef whole, const TargetInfo &least);

  StringSet<> names;
  bool isLast = true;
  // The context is declared first: it has to outlive the module.
  std::unique_ptr<LLVMContext> context;
  std::unique_ptr<Module> module;
  Error error = Error::success();
};

Error Part::read(StringRef whole) {
  context = std::make_unique<LLVMContext>();
  auto read = getLazyBitcodeModule(MemoryBufferRef(whole, "whole"), *context);
  if (!read)
    return read.takeError();
  module = std::move(*read);
  return keepOnly(*module, names, isLast);
}

Error Part::tryOptimize(StringRef whole, const TargetInfo &least) {
  if (!module)
    if (Error error = read(whole))
      return error;
  if (Error error = mlc::optimize(*module, least))
    return error;
  calls = callGraph(*module);
  return Error::success();
}

void Part::emit(const TargetInfo &least) {
  raw_svector_ostream os(object);
  error = joinErrors(std::move(error),
                     emitObject(*module, least, os, OptLevel::Full, &frames));
  module.reset();
  context.reset();
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

PartsCompiler::PartsCompiler(std::unique_ptr<LLVMContext> context,
                             std::unique_ptr<Module> module,
                             const TargetInfo &least, unsigned jobs)
    : least(least) {
  std::vector<Group> groups = divide(*module);
  for (const Group &group : groups)
    parts.push_back(
        std::make_unique<Part>(group, /*isLast=*/&group == &groups.back()));
  if (groups.empty()) {
    parts.push_back(
        std::make_unique<Part>(std::move(context), std::move(module)));
  } else {
    raw_string_ostream os(whole);
    WriteBitcodeToFile(*module, os, /*ShouldPreserveUseListOrder=*/true);
  }
  // What parts are read from is `whole`.
  module.reset();
  context.reset();
  // Memory of MLIR's module and of LLVM's, for the parts' own.
  giveBackMemory();
  if (jobs > 1 && parts.size() > 1)
    pool = std::make_unique<DefaultThreadPool>(hardware_concurrency(jobs));
}

PartsCompiler::~PartsCompiler() {
  if (pool)
    pool->wait();
  for (auto &part : parts)
    consumeError(part->takeError());
}

Error PartsCompiler::optimize() {
  if (pool) {
    std::vector<std::shared_future<void>> optimised;
    for (auto &each : parts)
      optimised.push_back(pool->async([this, part = each.get()] {
        part->optimize(whole, least);
        if (!part->isFailed)
          pool->async([this, part] { part->emit(least); });
      }));
    for (auto &future : optimised)
      future.wait();
  } else {
    for (auto &part : parts)
      part->optimize(whole, least);
  }
  whole = {};
  Error error = Error::success();
  for (auto &part : parts)
    if (part->isFailed)
      error = joinErrors(std::move(error), part->takeError());
  return error;
}

Expected<std::unique_ptr<MemoryBuffer>> PartsCompiler::emit() {
  if (pool)
    pool->wait();
  else
    for (auto &part : parts)
      part->emit(least);
  std::vector<MemoryBufferRef> objects;
  Error error = Error::success();
  for (auto &part : parts) {
    error = joinErrors(std::move(error), part->takeError());
    objects.emplace_back(StringRef(part->object.data(), part->object.size()),
                         "model.o");
  }
  if (error)
    return std::move(error);
  if (parts.size() > 1)
    return mergeObjects(objects);
  return std::make_unique<SmallVectorMemoryBuffer>(
      std::move(parts.front()->object), "model.o",
      /*RequiresNullTerminator=*/false);
}

CallGraph PartsCompiler::calls() const {
  CallGraph all;
  for (auto &part : parts)
    all.insert(part->calls.begin(), part->calls.end());
  return all;
}

FrameSizes PartsCompiler::frames() const {
  FrameSizes all;
  for (auto &part : parts)
    all.insert(part->frames.begin(), part->frames.end());
  return all;
}

std::vector<std::string> PartsCompiler::partNames() const {
  std::vector<std::string> names;
  for (auto &part : parts)
    names.push_back(part->listOfNames);
  return names;
}
