//===- KernelJit.cpp - compile kernel ops and call them -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelJit.h"

#include "CodeGen/CodeGen.h"
#include "Emit/Object.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;
using namespace mlc;

static Error fail(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message.str());
}

static mlir::DialectRegistry &registry() {
  static mlir::DialectRegistry *made = [] {
    auto *r = new mlir::DialectRegistry;
    mlir::registerAllDialects(*r);
    mlir::registerAllExtensions(*r);
    mlir::registerAllToLLVMIRTranslations(*r);
    r->insert<mlir::kernel::KernelDialect>();
    mlir::registerAllPasses();
    return r;
  }();
  return *made;
}

static constexpr char lowering[] =
    "builtin.module(func.func(canonicalize,cse,convert-scf-to-cf),"
    "convert-vector-to-llvm,convert-math-to-llvm,expand-strided-metadata,lower-"
    "affine,"
    "finalize-memref-to-llvm,"
    "convert-func-to-llvm{use-bare-ptr-memref-call-conv=1},"
    "convert-arith-to-llvm,convert-cf-to-llvm,reconcile-unrealized-casts,"
    "llvm.func(canonicalize,cse))";

/// The CPU's name whose instructions on bytes are computed by others.
static constexpr char emulating[] = "x86-64-v3";
static constexpr char emulated[] = "x86-64-v3+vnniint8";

static Error lower(mlir::ModuleOp module, const TargetInfo &target,
                   bool hasBF16) {
  std::string message;
  mlir::ScopedDiagnosticHandler handler(module.getContext(),
                                        [&](mlir::Diagnostic &diagnostic) {
                                          message += diagnostic.str() + "\n";
                                          return mlir::success();
                                        });
  mlir::PassManager passes(module.getContext());
  passes.addPass(createKernelEmitPass(target));
  mlir::PassManager rest(module.getContext());
  // What is emitted is verified; so is LLVM's module.
  rest.enableVerifier(false);
  raw_string_ostream os(message);
  // What lib/Backend does where there is no instruction for it.
  if (hasBF16 && !target.dotBf16 &&
      failed(
          mlir::parsePassPipeline("arith-expand{include-bf16=true}", rest, os)))
    return fail(message);
  if (failed(passes.run(module)) ||
      failed(mlir::parsePassPipeline(
          StringRef(lowering).drop_front(15).drop_back(1), rest, os)) ||
      failed(rest.run(module)))
    return fail(message);
  return Error::success();
}

/// sum + the products of four bytes by four, in i32.
static Value *sumOfQuads(IRBuilder<> &builder, CallInst *call,
                         bool isUnsigned) {
  Value *sum = call->getArgOperand(0), *x = call->getArgOperand(1);
  Type *type = sum->getType();
  int count = cast<FixedVectorType>(type)->getNumElements();
  for (int i = 0; i < 4; ++i) {
    SmallVector<int> bytes;
    for (int lane = 0; lane < count; ++lane)
      bytes.push_back(4 * lane + i);
    Value *a = builder.CreateShuffleVector(x, bytes);
    Value *b = builder.CreateShuffleVector(call->getArgOperand(2), bytes);
    a = isUnsigned ? builder.CreateZExt(a, type) : builder.CreateSExt(a, type);
    sum = builder.CreateAdd(sum,
                            builder.CreateMul(a, builder.CreateSExt(b, type)));
  }
  return sum;
}

/// What instructions on quads compute, for a CPU that has none of them.
static void emulateQuads(Module &module) {
  for (Function &function : module) {
    bool isUnsigned = function.getName().contains(".vpdpbusd.");
    if (!isUnsigned && !function.getName().contains(".vpdpbssd."))
      continue;
    for (User *user : make_early_inc_range(function.users())) {
      auto *call = cast<CallInst>(user);
      IRBuilder<> builder(call);
      call->replaceAllUsesWith(sumOfQuads(builder, call, isUnsigned));
      call->eraseFromParent();
    }
  }
}

static Expected<std::unique_ptr<MemoryBuffer>>
compile(mlir::ModuleOp module, const TargetInfo &target, OptLevel level,
        StringRef path, FrameSizes *frames) {
  LLVMContext context;
  std::unique_ptr<Module> translated =
      mlir::translateModuleToLLVMIR(module, context);
  if (!translated)
    return fail("translation to LLVM IR failed");
  if (target.name == emulating)
    emulateQuads(*translated);
  if (Error error = optimize(*translated, target, {level}))
    return std::move(error);
  SmallVector<char, 0> bytes;
  raw_svector_ostream os(bytes);
  if (Error error = emitObject(*translated, target, os, level, frames))
    return std::move(error);
  if (!path.empty()) {
    std::error_code code;
    raw_fd_ostream(path, code) << StringRef(bytes.data(), bytes.size());
  }
  return std::make_unique<SmallVectorMemoryBuffer>(std::move(bytes), "kernels",
                                                   false);
}

KernelJit::KernelJit(std::unique_ptr<orc::LLJIT> jit) : jit(std::move(jit)) {}
KernelJit::~KernelJit() = default;

Expected<std::unique_ptr<KernelJit>> KernelJit::create(StringRef text,
                                                       const TargetInfo &target,
                                                       StringRef path,
                                                       FrameSizes *frames) {
  mlir::MLIRContext context(registry(), mlir::MLIRContext::Threading::DISABLED);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  if (!module)
    return fail("module does not parse");
  if (Error error = lower(*module, target, text.contains("bf16")))
    return std::move(error);
  TargetInfo machine = cantFail(hostTarget());
  // What is emitted for another architecture is tested as it is: LLVM would
  // spend most of its time on code that nobody ships.
  OptLevel level = OptLevel::None;
  if (target.triple.getArch() == machine.triple.getArch()) {
    machine = target.name == emulated
                  ? cantFail(resolveTargets("", emulating)).front()
                  : target;
    level = OptLevel::Full;
  }
  auto object = compile(*module, machine, level, path, frames);
  if (!object)
    return object.takeError();
  auto jit = orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(
                     orc::JITTargetMachineBuilder(machine.triple))
                 .create();
  if (!jit)
    return jit.takeError();
  if (Error error = (*jit)->addObjectFile(std::move(*object)))
    return std::move(error);
  return std::unique_ptr<KernelJit>(new KernelJit(std::move(*jit)));
}

Expected<KernelJit::Function> KernelJit::find(StringRef name) {
  Expected<orc::ExecutorAddr> address = jit->lookup(name);
  if (!address)
    return address.takeError();
  return address->toPtr<Function>();
}

std::vector<TargetInfo> mlc::runnableTargets() {
  auto host = cantFail(hostTarget());
  std::vector<TargetInfo> result;
  // Besides the usual ones, those that multiply bytes and 16-bit floats by
  // other instructions.
  StringRef cpus = host.triple.isX86() ? "x86-64-v4+vnni+vbmi+amx,"
                                         "x86-64-v4+vnni+vbmi,x86-64-v4+bf16,"
                                         "x86-64-v4+fp16,"
                                         "x86-64-v4,"
                                         "x86-64-v3+avxvnni,"
                                         "x86-64-v3,x86-64-v2"
                                       : "";
  for (TargetInfo &target : cantFail(resolveTargets("", cpus)))
    if ((target.runtimeFeatures & ~host.runtimeFeatures) == 0)
      result.push_back(target);
  return result;
}

std::vector<TargetInfo> mlc::emulatedTargets() {
  std::vector<TargetInfo> runnable = runnableTargets();
  if (llvm::none_of(runnable, [](auto &t) { return t.name == emulating; }))
    return {};
  return cantFail(resolveTargets("", emulated));
}

std::vector<TargetInfo> mlc::testedTargets() {
  std::vector<TargetInfo> result = runnableTargets();
  TargetInfo turns = result.front();
  turns.unitBits = turns.vectorBits / 2;
  result.push_back(turns);
  auto host = result.front().triple.getArch();
  for (const char *triple : {"aarch64-linux-gnu", "riscv64-linux-gnu"}) {
    TargetInfo target = cantFail(resolveTargets(triple, "")).front();
    // Instructions by name are of the other machine.
    target.byteUnit = ByteUnit::widen;
    target.byteLookup = ByteLookup::scalar;
    target.dotBf16 = false;
    if (target.triple.getArch() != host)
      result.push_back(target);
  }
  return result;
}
