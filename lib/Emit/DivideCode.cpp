//===- DivideCode.cpp - a module in parts of bounded size -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/DivideCode.h"
#include "Emit/Analyses.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/IPO/DeadArgumentElimination.h"
#include "llvm/Transforms/IPO/SCCP.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;
using namespace mlc;

/// Constant arguments into the functions that have no others.
static void propagateConstants(Module &module) {
  PassBuilder builder;
  Analyses analyses(builder);
  ModulePassManager passes;
  passes.addPass(IPSCCPPass());
  passes.addPass(DeadArgumentEliminationPass());
  passes.run(module, analyses.modules);
}

/// Whether `function` refers to a variable that `module` defines.
static bool usesVariables(const Function &function) {
  SmallVector<const Value *> work;
  SmallPtrSet<const Value *, 16> seen;
  for (const BasicBlock &block : function)
    for (const Instruction &instruction : block)
      for (const Value *operand : instruction.operands())
        if (isa<Constant>(operand))
          work.push_back(operand);
  while (!work.empty()) {
    const Value *value = work.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    if (auto *variable = dyn_cast<GlobalVariable>(value)) {
      if (!variable->isDeclaration())
        return true;
    } else if (!isa<GlobalValue>(value)) {
      for (const Value *operand : cast<User>(value)->operands())
        work.push_back(operand);
    }
  }
  return false;
}

/// The part of each function that is defined, in the order of the module.
static DenseMap<const GlobalValue *, size_t>
numberParts(Module &module, size_t most, size_t &parts) {
  DenseMap<const GlobalValue *, size_t> partOf;
  std::vector<Function *> last;
  size_t instructions = 0, part = 0;
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    if (usesVariables(function)) {
      last.push_back(&function);
      continue;
    }
    size_t count = function.getInstructionCount();
    if (instructions > 0 && instructions + count > most) {
      ++part;
      instructions = 0;
    }
    instructions += count;
    partOf[&function] = part;
  }
  for (Function *function : last)
    partOf[function] = part;
  parts = part + 1;
  return partOf;
}

/// Whether anything outside of the function's own part refers to it.
static bool isExported(const Function &function,
                       const DenseMap<const GlobalValue *, size_t> &partOf,
                       size_t last) {
  size_t part = partOf.lookup(&function);
  return any_of(function.users(), [&](const User *user) {
    // Constants are of variables, which are in the last part.
    auto *instruction = dyn_cast<Instruction>(user);
    return part !=
           (instruction ? partOf.lookup(instruction->getFunction()) : last);
  });
}

static void eraseUnusedDeclarations(Module &module) {
  auto erase = [](auto &globals) {
    for (GlobalValue &global : make_early_inc_range(globals)) {
      global.removeDeadConstantUsers();
      if (global.isDeclaration() && global.use_empty())
        global.eraseFromParent();
    }
  };
  auto variables = module.globals();
  erase(variables);
  erase(module.getFunctionList());
}

static CodePart partOf(const Module &module) {
  CodePart part;
  part.functions = count_if(module, [](const Function &function) {
    return !function.isDeclaration();
  });
  raw_string_ostream os(part.bitcode);
  WriteBitcodeToFile(module, os, /*ShouldPreserveUseListOrder=*/true);
  return part;
}

std::vector<CodePart> mlc::divideCode(Module &module, size_t most) {
  std::vector<CodePart> result;
  size_t parts = 1;
  DenseMap<const GlobalValue *, size_t> numbers;
  if (module.getTargetTriple().isOSBinFormatELF()) {
    propagateConstants(module);
    numbers = numberParts(module, most, parts);
  }
  if (parts == 1) {
    result.push_back(partOf(module));
    return result;
  }
  for (Function &function : module)
    if (function.hasLocalLinkage() &&
        isExported(function, numbers, parts - 1)) {
      function.setLinkage(GlobalValue::ExternalLinkage);
      function.setVisibility(GlobalValue::HiddenVisibility);
    }
  for (size_t part = 0; part < parts; ++part) {
    ValueToValueMapTy mapping;
    std::unique_ptr<Module> some =
        CloneModule(module, mapping, [&](const GlobalValue *global) {
          auto found = numbers.find(global);
          return found == numbers.end() ? part + 1 == parts
                                        : found->second == part;
        });
    eraseUnusedDeclarations(*some);
    result.push_back(partOf(*some));
  }
  return result;
}
