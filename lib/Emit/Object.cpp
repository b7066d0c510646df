//===- Object.cpp - one ELF object from a module --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Object.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Pass.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include <mutex>

using namespace llvm;
using namespace mlc;

namespace {

/// LLVM's passes without those that turn the addresses of a tile into more
/// general registers than there are. LLVM has a switch for them, which is the
/// whole process's.
class CodePasses : public legacy::PassManager {
public:
  void add(Pass *pass) override {
    StringRef name = pass->getPassName();
    if (name == "Loop Strength Reduction" ||
        name == "Canonicalize Freeze Instructions in Loops")
      delete pass;
    else
      legacy::PassManager::add(pass);
  }
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
                      raw_pwrite_stream &os) {
  SourceOrder order(module.getTargetTriple());
  CodePasses passes;
  if (machine.addPassesToEmitFile(passes, os, nullptr,
                                  CodeGenFileType::ObjectFile))
    return createStringError(inconvertibleErrorCode(),
                             "LLVM writes no object for '%s'",
                             module.getTargetTriple().str().c_str());
  passes.run(module);
  return Error::success();
}

Error mlc::emitObject(Module &module, const TargetInfo &least,
                      raw_pwrite_stream &os, OptLevel level) {
  if (Error error = prepareModule(module, least))
    return error;
  // It becomes the object's STT_FILE symbol, and may be a path.
  module.setSourceFileName(sys::path::filename(module.getSourceFileName()));
  MachineOptions options;
  options.stackSizes = true;
  if (level != OptLevel::Full)
    options.codeGen = CodeGenOptLevel::None;
  Expected<std::unique_ptr<TargetMachine>> machine =
      createTargetMachine(least, options);
  if (!machine)
    return machine.takeError();
  return generate(module, **machine, os);
}

Expected<uint64_t> mlc::loadedBytes(MemoryBufferRef bytes) {
  Expected<std::unique_ptr<object::ObjectFile>> file =
      object::ObjectFile::createELFObjectFile(bytes);
  if (!file)
    return file.takeError();
  uint64_t sum = 0;
  for (const object::ELFSectionRef section : (*file)->sections())
    if (section.getFlags() & ELF::SHF_ALLOC)
      sum += section.getSize();
  return sum;
}
