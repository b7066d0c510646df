//===- OptimizeParts.cpp - functions of each CPU on a thread --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A part goes to its context and back as bitcode, with the order of uses, which
// passes follow: so it is optimised, and emitted later, as it would have been
// in the whole. What the rest refers to, the entry of a CPU, is external
// meanwhile.
//
//===----------------------------------------------------------------------===//

#include "Emit/OptimizeParts.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/ThreadPool.h"

using namespace llvm;
using namespace mlc;

namespace {

/// The functions of one CPU, on their way.
class Part {
public:
  explicit Part(ArrayRef<Function *> functions) {
    for (Function *function : functions)
      names.insert(function->getName());
  }

  /// Reads, optimises and writes them; on any thread.
  void run(MemoryBufferRef whole, function_ref<Error(Module &)> optimizeOne);
  /// Puts them into `module`, instead of their declarations.
  Error moveInto(Module &module);

private:
  static void adopt(GlobalValue &value, Module &module);
  Error optimize(MemoryBufferRef whole,
                 function_ref<Error(Module &)> optimizeOne);

  StringSet<> names;
  SmallVector<char, 0> bytes; ///< optimised
  Error error = Error::success();
};

} // namespace

//===----------------------------------------------------------------------===//
// Taking apart
//===----------------------------------------------------------------------===//

/// Definitions by CPU, without those that stay: the last one's, among which are
/// functions of no CPU's own.
static std::vector<std::vector<Function *>> functionsByCpu(Module &module) {
  std::vector<std::vector<Function *>> groups;
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
  if (!groups.empty())
    groups.pop_back();
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

/// Makes functions that the rest refers to external; false where `functions`
/// refer to something of the rest.
static bool takeApart(ArrayRef<Function *> functions,
                      std::vector<Function *> &exported) {
  SmallPtrSet<Function *, 16> group(functions.begin(), functions.end());
  if (!all_of(functions,
              [&](Function *each) { return isSelfContained(*each, group); }))
    return false;
  for (Function *function : functions)
    if (function->hasLocalLinkage() && isUsedOutside(*function, group))
      exported.push_back(function);
  return true;
}

static void makeExternal(Function &function) {
  function.setLinkage(GlobalValue::ExternalLinkage);
  function.setVisibility(GlobalValue::HiddenVisibility);
}

static void makeInternal(Function &function) {
  function.setVisibility(GlobalValue::DefaultVisibility);
  function.setLinkage(GlobalValue::InternalLinkage);
}

/// Leaves a declaration; of an internal function there is none.
static void removeBody(Function &function) {
  if (function.hasLocalLinkage())
    makeExternal(function);
  function.deleteBody();
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

/// All that `keep` does not name goes, if nothing that stays uses it.
static Error keepOnly(Module &module, const StringSet<> &keep) {
  for (Function &function : module) {
    if (keep.contains(function.getName())) {
      if (Error error = function.materialize())
        return error;
    } else if (!function.isDeclaration()) {
      function.deleteBody();
    }
  }
  if (Error error = module.materializeAll())
    return error;
  for (GlobalVariable &variable : module.globals())
    if (variable.hasInitializer()) {
      variable.setInitializer(nullptr);
      variable.setLinkage(GlobalValue::ExternalLinkage);
    }
  for (GlobalVariable &variable : make_early_inc_range(module.globals())) {
    variable.removeDeadConstantUsers();
    if (variable.use_empty())
      variable.eraseFromParent();
  }
  for (Function &function : make_early_inc_range(module)) {
    function.removeDeadConstantUsers();
    if (function.isDeclaration() && function.use_empty())
      function.eraseFromParent();
  }
  return Error::success();
}

static void writeBitcode(const Module &module, SmallVectorImpl<char> &bytes) {
  raw_svector_ostream os(bytes);
  WriteBitcodeToFile(module, os, /*ShouldPreserveUseListOrder=*/true);
}

Error Part::optimize(MemoryBufferRef whole,
                     function_ref<Error(Module &)> optimizeOne) {
  LLVMContext context;
  Expected<std::unique_ptr<Module>> module =
      getLazyBitcodeModule(whole, context);
  if (!module)
    return module.takeError();
  if (Error error = keepOnly(**module, names))
    return error;
  if (Error error = optimizeOne(**module))
    return error;
  writeBitcode(**module, bytes);
  return Error::success();
}

void Part::run(MemoryBufferRef whole,
               function_ref<Error(Module &)> optimizeOne) {
  error = joinErrors(std::move(error), optimize(whole, optimizeOne));
}

Error Part::moveInto(Module &module) {
  if (error)
    return std::move(error);
  Expected<std::unique_ptr<Module>> part = parseBitcodeFile(
      MemoryBufferRef(StringRef(bytes.data(), bytes.size()), "part"),
      module.getContext());
  if (!part)
    return part.takeError();
  SmallVector<GlobalValue *> values;
  for (GlobalVariable &variable : (*part)->globals())
    values.push_back(&variable);
  for (Function &function : **part)
    values.push_back(&function);
  for (GlobalValue *value : values)
    adopt(*value, module);
  return Error::success();
}

/// `value` of another module is one of `module`, or is what is called so there.
void Part::adopt(GlobalValue &value, Module &module) {
  GlobalValue *present = module.getNamedValue(value.getName());
  if (present && value.isDeclaration()) {
    value.replaceAllUsesWith(present);
    return;
  }
  std::string name = value.getName().str();
  value.removeFromParent();
  if (present) {
    present->replaceAllUsesWith(&value);
    present->eraseFromParent();
  }
  if (auto *variable = dyn_cast<GlobalVariable>(&value))
    module.insertGlobalVariable(variable);
  else
    module.getFunctionList().push_back(cast<Function>(&value));
  value.setName(name);
}

/// LLVM numbers copies that it specialises as they come: k_v0.specialized.1.
static void numberCopies(ArrayRef<Function *> functions) {
  std::vector<std::pair<Function *, std::string>> copies;
  for (Function *function : functions) {
    auto [original, number] = function->getName().rsplit('.');
    if (!original.ends_with(".specialized"))
      continue;
    copies.push_back({function, original.str()});
    function->setName("");
  }
  for (auto [i, copy] : enumerate(copies))
    copy.first->setName(copy.second + "." + Twine(i + 1));
}

//===----------------------------------------------------------------------===//
// All of it
//===----------------------------------------------------------------------===//

namespace {

/// A module with its parts taken out of it.
class DividedModule {
public:
  /// Requires that takeApart found `exported` for `groups`.
  DividedModule(Module &module, ArrayRef<std::vector<Function *>> groups,
                ArrayRef<Function *> exported);

  /// Optimises the rest and the parts.
  Error optimize(unsigned jobs, function_ref<Error(Module &)> optimizeOne);
  /// Makes one of them again.
  Error join();

private:
  std::vector<Function *> newFunctions();
  void restoreOrder(ArrayRef<Function *> last);

  Module &module;
  SmallVector<char, 0> whole; ///< bitcode
  StringMap<size_t> places;   ///< of functions
  std::vector<std::string> exportedNames;
  std::vector<std::unique_ptr<Part>> parts;
};

} // namespace

DividedModule::DividedModule(Module &module,
                             ArrayRef<std::vector<Function *>> groups,
                             ArrayRef<Function *> exported)
    : module(module) {
  for (Function &function : module)
    places.try_emplace(function.getName(), places.size());
  for (Function *function : exported) {
    makeExternal(*function);
    exportedNames.push_back(function->getName().str());
  }
  writeBitcode(module, whole);
  for (const std::vector<Function *> &group : groups) {
    parts.push_back(std::make_unique<Part>(group));
    for (Function *function : group)
      removeBody(*function);
  }
}

Error DividedModule::optimize(unsigned jobs,
                              function_ref<Error(Module &)> optimizeOne) {
  MemoryBufferRef buffer(StringRef(whole.data(), whole.size()), "whole");
  if (jobs == 1) {
    for (auto &part : parts)
      part->run(buffer, optimizeOne);
    return optimizeOne(module);
  }
  // One of the threads is this one.
  DefaultThreadPool pool(hardware_concurrency(jobs - 1));
  for (auto &part : parts)
    pool.async(
        [&part, buffer, optimizeOne] { part->run(buffer, optimizeOne); });
  Error error = optimizeOne(module);
  pool.wait();
  return error;
}

/// Those that passes made.
std::vector<Function *> DividedModule::newFunctions() {
  std::vector<Function *> functions;
  for (Function &function : module)
    if (!places.contains(function.getName()))
      functions.push_back(&function);
  return functions;
}

/// Functions are where they were before, new ones behind them.
void DividedModule::restoreOrder(ArrayRef<Function *> last) {
  std::vector<std::pair<size_t, Function *>> functions;
  for (Function &function : module)
    if (auto found = places.find(function.getName()); found != places.end())
      functions.push_back({found->second, &function});
  sort(functions, less_first());
  for (Function *function : last)
    functions.push_back({places.size(), function});
  for (auto [place, function] : functions) {
    function->removeFromParent();
    module.getFunctionList().push_back(function);
  }
}

/// As if the module had never been apart.
Error DividedModule::join() {
  std::vector<Function *> ofRest = newFunctions();
  Error error = Error::success();
  for (auto &part : parts)
    error = joinErrors(std::move(error), part->moveInto(module));
  std::vector<Function *> made = newFunctions();
  llvm::erase_if(made,
                 [&](Function *each) { return is_contained(ofRest, each); });
  append_range(made, ofRest);
  restoreOrder(made);
  numberCopies(made);
  for (const std::string &name : exportedNames)
    if (Function *function = module.getFunction(name))
      makeInternal(*function);
  return error;
}

Error mlc::optimizeParts(Module &module, unsigned jobs,
                         function_ref<Error(Module &)> optimizeOne) {
  std::vector<std::vector<Function *>> groups = functionsByCpu(module);
  std::vector<Function *> exported;
  if (groups.empty() || !all_of(groups, [&](const auto &group) {
        return takeApart(group, exported);
      }))
    return optimizeOne(module);
  DividedModule divided(module, groups, exported);
  Error error = divided.optimize(jobs, optimizeOne);
  return joinErrors(std::move(error), divided.join());
}
