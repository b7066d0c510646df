//===- JitCode.cpp - functions of a module in this process ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Execute/JitCode.h"
#include "RuntimeObjects/RuntimeObjects.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;
using namespace mlc;

static Error fail(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message.str());
}

JitCode::JitCode(std::unique_ptr<orc::LLJIT> jit) : jit(std::move(jit)) {}

JitCode::~JitCode() = default;

static Expected<std::unique_ptr<MemoryBuffer>>
compile(Module &module, const TargetInfo &target, OptLevel level) {
  OptimizeOptions options;
  options.level = level;
  if (Error error = optimize(module, target, options))
    return std::move(error);
  SmallVector<char, 0> bytes;
  raw_svector_ostream os(bytes);
  if (Error error = emitObject(module, target, os, level))
    return std::move(error);
  return std::make_unique<SmallVectorMemoryBuffer>(
      std::move(bytes), "model.o", /*RequiresNullTerminator=*/false);
}

static std::unique_ptr<MemoryBuffer> wrap(ArrayRef<char> object,
                                          StringRef name) {
  return MemoryBuffer::getMemBuffer(StringRef(object.data(), object.size()),
                                    name, /*RequiresNullTerminator=*/false);
}

/// What an archive of the same model holds besides it.
static Error addRuntime(orc::LLJIT &jit, const Triple &triple) {
  ArrayRef<char> runtime = runtimeObject(triple), half = halfObject(triple);
  if (runtime.empty())
    return fail("mlc has no runtime for '" + triple.str() + "'");
  if (Error error = jit.addObjectFile(wrap(runtime, "mlc_runtime.o")))
    return error;
  if (half.empty())
    return Error::success();
  return jit.addObjectFile(wrap(half, "mlc_half.o"));
}

static Expected<std::unique_ptr<orc::LLJIT>>
link(const Triple &triple, std::unique_ptr<MemoryBuffer> object,
     ArrayRef<JitSymbol> symbols) {
  // No platform: models have neither initialisers nor thread-local variables.
  Expected<std::unique_ptr<orc::LLJIT>> jit =
      orc::LLJITBuilder()
          .setJITTargetMachineBuilder(orc::JITTargetMachineBuilder(triple))
          .setPlatformSetUp(orc::setUpInactivePlatform)
          .create();
  if (!jit)
    return jit.takeError();
  orc::SymbolMap map;
  for (const JitSymbol &symbol : symbols)
    map[(*jit)->mangleAndIntern(symbol.name)] = {
        orc::ExecutorAddr::fromPtr(symbol.address), JITSymbolFlags::Exported};
  if (!map.empty())
    if (Error error = (*jit)->getMainJITDylib().define(
            orc::absoluteSymbols(std::move(map))))
      return std::move(error);
  if (Error error = addRuntime(**jit, triple))
    return std::move(error);
  if (Error error = (*jit)->addObjectFile(std::move(object)))
    return std::move(error);
  return jit;
}

Expected<void *> JitCode::lookup(StringRef name) {
  // ORC reports why a symbol failed to its session, and returns that it did.
  std::string reasons;
  jit->getExecutionSession().setErrorReporter([&](Error error) {
    reasons += (reasons.empty() ? "" : "; ") + toString(std::move(error));
  });
  Expected<orc::ExecutorAddr> address = jit->lookup(name);
  jit->getExecutionSession().setErrorReporter(consumeError);
  if (!address)
    return fail("linking '" + name + "': " + toString(address.takeError()) +
                (reasons.empty() ? "" : " (" + reasons + ")"));
  return address->toPtr<void *>();
}

Expected<std::unique_ptr<JitCode>> JitCode::create(Module &module,
                                                   const TargetInfo &target,
                                                   const JitOptions &options) {
  if (Triple(sys::getProcessTriple()).getArch() != target.triple.getArch())
    return fail("target '" + target.triple.str() +
                "' is not what this process runs on");
  Expected<std::unique_ptr<MemoryBuffer>> object =
      compile(module, target, options.level);
  if (!object)
    return object.takeError();
  Expected<std::unique_ptr<orc::LLJIT>> jit =
      link(target.triple, std::move(*object), options.symbols);
  if (!jit)
    return jit.takeError();
  return std::unique_ptr<JitCode>(new JitCode(std::move(*jit)));
}
