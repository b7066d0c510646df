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
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/Module.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/ThreadPool.h"

using namespace llvm;
using namespace mlc;

CpuCode CpuCode::of(const Module &module) {
  CpuCode code;
  code.functions = module.size();
  raw_string_ostream os(code.bitcode);
  WriteBitcodeToFile(module, os, /*ShouldPreserveUseListOrder=*/true);
  return code;
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

/// Functions of one CPU on their way; its steps are one behind the other, on
/// any thread.
class mlc::Part {
public:
  Part(std::unique_ptr<LLVMContext> context, std::unique_ptr<Module> module)
      : context(std::move(context)), module(std::move(module)) {}
  /// Of a module that is read when it is its turn.
  explicit Part(std::string bitcode) : bitcode(std::move(bitcode)) {}

  /// Optimises and emits it, on any thread: what it takes is given back before
  /// that thread takes another one.
  void compile(const TargetInfo &least) {
    error = joinErrors(std::move(error), tryToCompile(least));
    module.reset();
    context.reset();
  }

  Error takeError() { return std::move(error); }

  CallGraph calls;
  FrameSizes frames;
  SmallVector<char, 0> object;

private:
  Error read();
  Error tryToCompile(const TargetInfo &least);

  std::string bitcode;
  // The context is declared first: it has to outlive the module.
  std::unique_ptr<LLVMContext> context;
  std::unique_ptr<Module> module;
  Error error = Error::success();
};

Error Part::read() {
  context = std::make_unique<LLVMContext>();
  auto read = parseBitcodeFile(MemoryBufferRef(bitcode, "bitcode"), *context);
  if (!read)
    return read.takeError();
  module = std::move(*read);
  bitcode = {};
  return Error::success();
}

Error Part::tryToCompile(const TargetInfo &least) {
  if (!module)
    if (Error error = read())
      return error;
  if (Error error = optimize(*module, least))
    return error;
  calls = callGraph(*module);
  giveBackMemory(); // of the analyses of all functions
  raw_svector_ostream os(object);
  return emitObject(*module, least, os, OptLevel::Full, &frames);
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

/// Whether the objects of `module` and `others` can be merged.
static bool canMerge(const Module &module, ArrayRef<CpuCode> others) {
  size_t functions = module.size();
  for (const CpuCode &other : others)
    functions += other.functions;
  return functions <= kMostMergedFunctions &&
         module.getTargetTriple().isOSBinFormatELF();
}

/// All in one module; what was hidden for each other is internal.
static Expected<std::unique_ptr<Module>> link(std::unique_ptr<Module> module,
                                              ArrayRef<CpuCode> others) {
  auto whole = std::make_unique<Module>(module->getModuleIdentifier(),
                                        module->getContext());
  whole->setSourceFileName(module->getSourceFileName());
  Linker linker(*whole);
  for (const CpuCode &other : others) {
    auto read = parseBitcodeFile(MemoryBufferRef(other.bitcode, "bitcode"),
                                 module->getContext());
    if (!read)
      return read.takeError();
    if (linker.linkInModule(std::move(*read)))
      return createStringError("the code of two CPUs does not go together");
  }
  if (linker.linkInModule(std::move(module)))
    return createStringError("the code of two CPUs does not go together");
  for (Function &function : *whole)
    if (!function.isDeclaration() && function.hasHiddenVisibility())
      function.setLinkage(GlobalValue::InternalLinkage);
  return whole;
}

PartsCompiler::PartsCompiler(std::unique_ptr<LLVMContext> context,
                             std::unique_ptr<Module> module,
                             std::vector<CpuCode> others,
                             const TargetInfo &least, unsigned jobs)
    : least(least) {
  if (!others.empty() && canMerge(*module, others)) {
    // IR waits as bitcode, of the last one as well.
    others.push_back(CpuCode::of(*module));
    module.reset();
    context.reset();
    for (CpuCode &other : others)
      parts.push_back(std::make_unique<Part>(std::move(other.bitcode)));
  } else {
    module = cantFail(link(std::move(module), others));
    parts.push_back(
        std::make_unique<Part>(std::move(context), std::move(module)));
  }
  // Memory of MLIR's module, for the parts' own.
  giveBackMemory();
  if (jobs > 1 && parts.size() > 1)
    pool = std::make_unique<DefaultThreadPool>(hardware_concurrency(jobs));
}

PartsCompiler::~PartsCompiler() {
  for (auto &part : parts)
    consumeError(part->takeError());
}

Expected<std::unique_ptr<MemoryBuffer>> PartsCompiler::emit() {
  for (auto &each : parts) {
    auto compile = [this, part = each.get()] { part->compile(least); };
    if (pool)
      pool->async(compile);
    else
      compile();
  }
  if (pool)
    pool->wait();
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
