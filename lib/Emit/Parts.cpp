//===- Parts.cpp - parts of the code on threads ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Parts.h"
#include "Emit/MergeObjects.h"
#include "Emit/Object.h"
#include "Support/GiveBack.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/Module.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/ThreadPool.h"

using namespace llvm;
using namespace mlc;

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

/// All in one module; what was hidden for each other is internal.
static std::unique_ptr<Module> link(std::unique_ptr<Module> last,
                                    ArrayRef<CodePart> others) {
  auto whole =
      std::make_unique<Module>(last->getModuleIdentifier(), last->getContext());
  whole->setSourceFileName(last->getSourceFileName());
  Linker linker(*whole);
  auto add = [&](std::unique_ptr<Module> part) {
    bool isDifferent = linker.linkInModule(std::move(part));
    assert(!isDifferent && "parts of one library");
    (void)isDifferent;
  };
  for (const CodePart &other : others)
    add(cantFail(parseBitcodeFile(MemoryBufferRef(other.bitcode, "bitcode"),
                                  last->getContext())));
  add(std::move(last));
  for (Function &function : *whole)
    if (!function.isDeclaration() && function.hasHiddenVisibility())
      function.setLinkage(GlobalValue::InternalLinkage);
  return whole;
}

static bool canMerge(const Module &module, ArrayRef<CodePart> others) {
  size_t functions = module.size();
  for (const CodePart &other : others)
    functions += other.functions;
  return functions <= kMostMergedFunctions &&
         module.getTargetTriple().isOSBinFormatELF();
}

PartsCompiler::PartsCompiler(std::unique_ptr<LLVMContext> context,
                             std::unique_ptr<Module> module,
                             std::vector<CodePart> others,
                             const TargetInfo &least, unsigned jobs)
    : least(least) {
  if (canMerge(*module, others)) {
    llvm::append_range(others, divideCode(*module));
    module.reset();
    context.reset();
    for (CodePart &other : others)
      parts.push_back(std::make_unique<Part>(std::move(other.bitcode)));
  } else {
    module = link(std::move(module), others);
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
