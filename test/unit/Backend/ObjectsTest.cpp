//===- ObjectsTest.cpp - what generated objects need ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM may compile an operation to a call of libm that no IR shows. Here are
// objects of all float functions for each architecture, whose undefined symbols
// tell.
//
//===----------------------------------------------------------------------===//

#include "Emit/Object.h"
#include "Harness.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"
#include <set>

using namespace mlc;
using namespace mlc::test;

namespace {

const char *const unaryOps[] = {
    "math.exp",   "math.exp2",  "math.expm1", "math.log",      "math.log2",
    "math.log10", "math.log1p", "math.tanh",  "math.sinh",     "math.cosh",
    "math.erf",   "math.sin",   "math.cos",   "math.tan",      "math.atan",
    "math.asin",  "math.acos",  "math.asinh", "math.acosh",    "math.atanh",
    "math.sqrt",  "math.rsqrt", "math.cbrt",  "math.absf",     "math.floor",
    "math.ceil",  "math.trunc", "math.round", "math.roundeven"};
const char *const binaryOps[] = {
    "arith.addf",     "arith.mulf",     "arith.divf",    "arith.remf",
    "arith.maximumf", "arith.minimumf", "arith.maxnumf", "arith.minnumf",
    "math.powf",      "math.copysign",  "math.atan2"};

std::string functionText(const std::string &type) {
  std::string body;
  unsigned n = 0;
  auto add = [&](const std::string &expression) {
    body +=
        "%r" + std::to_string(n + 1) + " = " + expression + " : " + type + "\n";
    ++n;
  };
  body += "%r0 = arith.negf %v : " + type + "\n";
  for (const char *op : unaryOps)
    add(std::string(op) + " %r" + std::to_string(n));
  for (const char *op : binaryOps)
    add(std::string(op) + " %r" + std::to_string(n) + ", %v");
  std::string tensor = "tensor<64x" + type + ">";
  return "func.func @main(%x: " + tensor + ") -> " + tensor +
         " {\n%e = tensor.empty() : " + tensor +
         "\n%y = linalg.generic {indexing_maps = [affine_map<(d) -> (d)>, "
         "affine_map<(d) -> (d)>], iterator_types = [\"parallel\"]} ins(%x : " +
         tensor + ") outs(%e : " + tensor + ") {\n^bb0(%v: " + type +
         ", %o: " + type + "):\n" + body + "linalg.yield %r" +
         std::to_string(n) + " : " + type + "\n} -> " + tensor +
         "\nreturn %y : " + tensor + "\n}";
}

/// The object of `ir` behind `optimizeIt`; nothing where there is none.
llvm::SmallVector<char> objectOf(
    llvm::StringRef ir, const char *triple, const char *cpu,
    llvm::function_ref<void(llvm::Module &, const TargetInfo &)> optimizeIt) {
  mlir::DialectRegistry registry;
  registerBackendDialects(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(ir, &context);
  auto targets = llvm::cantFail(resolveTargets(triple, cpu));
  CompileOptions options;
  options.prefix = "model";
  options.targets = targets;
  options.threads = 1;
  llvm::SmallVector<char> bytes;
  auto result = compile(*module, options);
  if (failed(result))
    return bytes;
  optimizeIt(*result->module, targets.back());
  llvm::raw_svector_ostream os(bytes);
  llvm::cantFail(emitObject(*result->module, targets.back(), os));
  return bytes;
}

void optimizeAsShipped(llvm::Module &module, const TargetInfo &target) {
  llvm::cantFail(optimize(module, target));
}

/// With every pass of LLVM's -O2.
void optimizeFully(llvm::Module &module, const TargetInfo &target) {
  llvm::cantFail(prepareModule(module, target));
  auto machine = llvm::cantFail(createTargetMachine(target));
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager cgsccs;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  tuning.SLPVectorization = true;
  llvm::PassBuilder builder(machine.get(), tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(cgsccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, cgsccs, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2)
      .run(module, modules);
}

std::set<std::string> undefinedSymbols(llvm::StringRef ir, const char *triple,
                                       const char *cpu) {
  llvm::SmallVectorMemoryBuffer buffer(
      objectOf(ir, triple, cpu, optimizeAsShipped));
  if (buffer.getBufferSize() == 0)
    return {"failed"};
  auto object = llvm::cantFail(
      llvm::object::ObjectFile::createObjectFile(buffer.getMemBufferRef()));
  std::set<std::string> undefined;
  for (const llvm::object::SymbolRef &symbol : object->symbols()) {
    auto flags = llvm::cantFail(symbol.getFlags());
    std::string name = llvm::cantFail(symbol.getName()).str();
    if ((flags & llvm::object::SymbolRef::SF_Undefined) && !name.empty())
      undefined.insert(name);
  }
  return undefined;
}

struct Cpu {
  const char *triple, *cpu;
};

void PrintTo(const Cpu &cpu, std::ostream *os) {
  *os << cpu.triple << " " << cpu.cpu;
}

class Objects : public testing::TestWithParam<Cpu> {};

TEST_P(Objects, CallNoCLibrary) {
  for (const char *type : {"f32", "f64", "f16", "bf16"})
    for (const std::string &name : undefinedSymbols(
             functionText(type), GetParam().triple, GetParam().cpu)) {
      // The compiler's own library (__aeabi_ldivmod) is always there.
      EXPECT_TRUE(llvm::StringRef(name).starts_with("__aeabi_") ||
                  name == "memcpy" || name == "memset" || name == "memmove")
          << type << ": " << name;
    }
}

TEST_P(Objects, LackNothingOfThePassesLeftOut) {
  std::string ir = functionText("f32");
  llvm::SmallVector<char> shipped =
      objectOf(ir, GetParam().triple, GetParam().cpu, optimizeAsShipped);
  EXPECT_FALSE(shipped.empty());
  EXPECT_EQ(shipped,
            objectOf(ir, GetParam().triple, GetParam().cpu, optimizeFully));
}

INSTANTIATE_TEST_SUITE_P(Backend, Objects,
                         testing::Values(Cpu{"x86_64-linux-gnu", "x86-64"},
                                         Cpu{"x86_64-linux-gnu", "x86-64-v2"},
                                         Cpu{"x86_64-linux-gnu", "x86-64-v4"},
                                         Cpu{"aarch64-linux-gnu", ""},
                                         Cpu{"arm-linux-gnueabihf", ""},
                                         Cpu{"riscv64-linux-gnu", ""}),
                         [](const testing::TestParamInfo<Cpu> &info) {
                           std::string name =
                               std::string(info.param.triple) + info.param.cpu;
                           for (char &c : name)
                             if (!isalnum(c))
                               c = '_';
                           return name;
                         });

} // namespace
