//===- Object.cpp - one ELF object from a module --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Object.h"
#include "Support/AtomicFile.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include <unistd.h>

using namespace llvm;
using namespace mlc;

static Error generate(Module &module, TargetMachine &machine,
                      raw_pwrite_stream &os) {
  legacy::PassManager passes;
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

static Error emitTo(int fd, Module &module, const TargetInfo &least) {
  raw_fd_ostream os(fd, /*shouldClose=*/false);
  Error error = emitObject(module, least, os);
  os.flush();
  std::error_code code = os.error();
  os.clear_error();
  return error ? std::move(error) : errorCodeToError(code);
}

Expected<std::unique_ptr<MemoryBuffer>>
mlc::emitObject(Module &module, const TargetInfo &least, StringRef folder) {
  Expected<int> file = openNamelessFile(folder);
  if (!file)
    return createFileError(folder, file.takeError());
  llvm::scope_exit close([&] { ::close(*file); });
  if (Error error = emitTo(*file, module, least))
    return createFileError(folder, std::move(error));
  // The mapping outlives the descriptor.
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getOpenFile(
      sys::fs::convertFDToNativeFile(*file), "model.o", /*FileSize=*/-1,
      /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createFileError(folder, buffer.getError());
  return std::move(*buffer);
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
