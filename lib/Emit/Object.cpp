//===- Object.cpp - one object from a module ----
//--------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Object.h"
#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineFunction.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Pass.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include <mutex>

using namespace llvm;
using namespace mlc;

namespace {

/// Notes the frames of functions; .stack_sizes has them in ELF objects only.
class NoteFrames : public MachineFunctionPass {
public:
  static inline char ID = 0;
  explicit NoteFrames(FrameSizes &frames)
      : MachineFunctionPass(ID), frames(frames) {}

  StringRef getPassName() const override { return "Note stack frames"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(MachineFunction &function) override {
    const MachineFrameInfo &frame = function.getFrameInfo();
    if (!frame.hasVarSizedObjects())
      frames[function.getName().str()] = frame.getStackSize();
    return false;
  }

private:
  FrameSizes &frames;
};

/// LLVM's passes without those that turn the addresses of a tile into more
/// general registers than there are. LLVM has a switch for them, which is the
/// whole process's.
class CodePasses : public legacy::PassManager {
public:
  explicit CodePasses(FrameSizes *frames) : frames(frames) {}

  void add(Pass *pass) override {
    StringRef name = pass->getPassName();
    if (name == "Loop Strength Reduction" ||
        name == "Canonicalize Freeze Instructions in Loops") {
      delete pass;
      return;
    }
    // Frames are final when code is printed.
    if (frames && name.ends_with("Assembly Printer"))
      legacy::PassManager::add(new NoteFrames(*frames));
    legacy::PassManager::add(pass);
  }

private:
  FrameSizes *frames;
};

/// Emitters order operations so that few vectors are live; "source" keeps to
/// that where LLVM schedules selected instructions by their latency: on 32-bit
/// ARM. Elsewhere it is what LLVM does anyway. The choice is the process's, and
/// is taken back.
class SourceOrder {
public:
  explicit SourceOrder(const Triple &triple) {
    auto &options = cl::getRegisteredOptions();
    auto found = options.find("pre-RA-sched");
    // Absent from a build of LLVM without it: slower code, not wrong code.
    if (!triple.isARM() || found == options.end())
      return;
    lock = std::unique_lock<std::mutex>(mutex);
    option = found->second;
    set("source");
  }
  ~SourceOrder() {
    if (option)
      set("default");
  }

private:
  void set(StringRef value) {
    option->addOccurrence(0, "pre-RA-sched", value, /*MultiArg=*/true);
  }

  static inline std::mutex mutex;
  std::unique_lock<std::mutex> lock;
  cl::Option *option = nullptr;
};

} // namespace

static Error generate(Module &module, TargetMachine &machine,
                      raw_pwrite_stream &os, FrameSizes *frames) {
  SourceOrder order(module.getTargetTriple());
  CodePasses passes(frames);
  if (machine.addPassesToEmitFile(passes, os, nullptr,
                                  CodeGenFileType::ObjectFile))
    return createStringError(inconvertibleErrorCode(),
                             "LLVM writes no object for '%s'",
                             module.getTargetTriple().str().c_str());
  passes.run(module);
  return Error::success();
}

Error mlc::emitObject(Module &module, const TargetInfo &least,
                      raw_pwrite_stream &os, OptLevel level,
                      FrameSizes *frames) {
  if (Error error = prepareModule(module, least))
    return error;
  // It becomes the object's STT_FILE symbol, and may be a path.
  module.setSourceFileName(sys::path::filename(module.getSourceFileName()));
  MachineOptions options;
  if (level != OptLevel::Full)
    options.codeGen = CodeGenOptLevel::None;
  Expected<std::unique_ptr<TargetMachine>> machine =
      createTargetMachine(least, options);
  if (!machine)
    return machine.takeError();
  return generate(module, **machine, os, frames);
}

Expected<uint64_t> mlc::loadedBytes(MemoryBufferRef bytes) {
  Expected<std::unique_ptr<object::ObjectFile>> file =
      object::ObjectFile::createObjectFile(bytes);
  if (!file)
    return file.takeError();
  uint64_t sum = 0;
  for (const object::SectionRef &section : (*file)->sections())
    if (section.isText() || section.isData() || section.isBSS())
      sum += section.getSize();
  return sum;
}
