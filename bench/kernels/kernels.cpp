//===- kernels.cpp - what the emitted kernels reach -----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   bench-kernels [target [part-of-name [object-prefix]]]
//
// For each kernel whose name holds the part and each CPU variant that this
// machine runs: GFLOP/s (best of
// several runs, on nominal operations: skipped padding counts) and its share of
// the rate at which the same vectors multiply and add without memory. With a
// prefix, objects are kept for a disassembler.
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Pack.h"
#include "KernelCase.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace mlc;

namespace {

struct Kernel {
  std::string name;
  std::string op;
  std::vector<Buffer> arguments;
  double operations;
};

double bestSeconds(const std::function<void()> &run, double budget = 0.8) {
  using Clock = std::chrono::steady_clock;
  double best = 1e9, spent = 0;
  run();
  while (spent < budget) {
    auto start = Clock::now();
    run();
    double seconds =
        std::chrono::duration<double>(Clock::now() - start).count();
    best = std::min(best, seconds);
    spent += seconds;
  }
  return best;
}

Kernel conv(const std::string &name, Shape in, int64_t o, int64_t k,
            int64_t stride, int64_t groups = 1) {
  int64_t h = (in[1] + stride - 1) / stride, w = (in[2] + stride - 1) / stride;
  int64_t c = in[3] / groups, pad = k / 2, block = 32;
  auto packed = mlir::kernel::packedConvShape({o, c, k, k}, groups, block);
  Kernel result;
  result.name = name;
  result.arguments = {Buffer("f32", in),
                      Buffer("f32", Shape(packed.begin(), packed.end())),
                      Buffer("f32", {o}), Buffer("f32", {in[0], h, w, o})};
  Shape pads{pad, pad, pad, pad};
  auto type = [&](size_t i) { return result.arguments[i].memref(); };
  result.op = "kernel.conv {strides = " + array({stride, stride}) +
              ", pads = " + array(pads) + ", dilations = " + array({1, 1}) +
              "} ins(%a0, %a1 : " + type(0) + ", " + type(1) +
              ") epilogue(%a2 : " + type(2) + ") outs(%a3 : " + type(3) + R"() {
  ^bb0(%acc: f32, %b: f32):
    %0 = arith.addf %acc, %b : f32
    %z = arith.constant 0.0 : f32
    %1 = arith.maximumf %0, %z fastmath<nnan, nsz> : f32
    kernel.yield %1 : f32
  })";
  result.operations = 2.0 * in[0] * h * w * o * c * k * k;
  return result;
}

/// The first layer of a network, on an image as it gets it.
Kernel first(const std::string &name, Shape in, int64_t o, int64_t k,
             int64_t stride) {
  Kernel result = conv(name, in, o, k, stride);
  Buffer &image = result.arguments[0];
  std::string type = image.memref();
  image = Buffer("f32", {in[0], in[3], in[1], in[2]});
  result.op.replace(result.op.find(type), type.size(), image.memref());
  result.op.replace(result.op.find("{strides"), 1, "{input_channels_first, ");
  return result;
}

/// The same with the sigmoid-weighted linear unit behind it.
Kernel silu(Kernel kernel) {
  kernel.name += " silu";
  kernel.op = kernel.op.substr(0, kernel.op.find("^bb0")) +
              R"(^bb0(%acc: f32, %b: f32):
    %x = arith.addf %acc, %b : f32
    %one = arith.constant 1.0 : f32
    %n = arith.negf %x : f32
    %e = math.exp %n : f32
    %s = arith.addf %e, %one : f32
    %q = arith.divf %one, %s : f32
    %y = arith.mulf %x, %q : f32
    kernel.yield %y : f32
  })";
  return kernel;
}

Kernel depthwise(const std::string &name, Shape in, int64_t k, int64_t stride) {
  int64_t h = (in[1] + stride - 1) / stride, w = (in[2] + stride - 1) / stride;
  int64_t pad = k / 2;
  Kernel result;
  result.name = name;
  result.arguments = {Buffer("f32", in), Buffer("f32", {k, k, in[3]}),
                      Buffer("f32", {in[0], h, w, in[3]})};
  auto type = [&](size_t i) { return result.arguments[i].memref(); };
  result.op = "kernel.depthwise {strides = " + array({stride, stride}) +
              ", pads = " + array({pad, pad, pad, pad}) +
              ", dilations = " + array({1, 1}) + "} ins(%a0, %a1 : " + type(0) +
              ", " + type(1) + ") outs(%a2 : " + type(2) + ")";
  result.operations = 2.0 * in[0] * h * w * in[3] * k * k;
  return result;
}

Kernel matmul(const std::string &name, int64_t m, int64_t n, int64_t k,
              bool transposed) {
  Kernel result;
  result.name = name;
  result.arguments = {Buffer("f32", {m, k}),
                      Buffer("f32", transposed ? Shape{n, k} : Shape{k, n}),
                      Buffer("f32", {m, n})};
  auto type = [&](size_t i) { return result.arguments[i].memref(); };
  result.op = std::string("kernel.matmul ") +
              (transposed ? "{transpose_rhs} " : "") +
              "ins(%a0, %a1 : " + type(0) + ", " + type(1) +
              ") outs(%a2 : " + type(2) + ")";
  result.operations = 2.0 * m * n * k;
  return result;
}

std::vector<Kernel> kernels() {
  return {
      conv("gemm 196x512x512", {1, 1, 196, 512}, 512, 1, 1),
      conv("gemm 784x256x64", {1, 1, 784, 64}, 256, 1, 1),
      conv("gemm 3136x64x64", {1, 1, 3136, 64}, 64, 1, 1),
      conv("gemm 49x2048x512", {1, 1, 49, 512}, 2048, 1, 1),
      conv("conv 3x3 56x56 64-64", {1, 56, 56, 64}, 64, 3, 1),
      conv("conv 3x3 28x28 128-128", {1, 28, 28, 128}, 128, 3, 1),
      conv("conv 3x3 14x14 256-256", {1, 14, 14, 256}, 256, 3, 1),
      conv("conv 3x3 7x7 512-512", {1, 7, 7, 512}, 512, 3, 1),
      conv("conv 7x7/2 224x224 3-64", {1, 224, 224, 3}, 64, 7, 2),
      conv("pointwise 56x56 144-24", {1, 56, 56, 144}, 24, 1, 1),
      conv("pointwise 28x28 240-40", {1, 28, 28, 240}, 40, 1, 1),
      conv("pointwise 28x28 116-116", {1, 28, 28, 116}, 116, 1, 1),
      conv("pointwise 112x112 16-96", {1, 112, 112, 16}, 96, 1, 1),
      silu(conv("pointwise 112x112 16-96", {1, 112, 112, 16}, 96, 1, 1)),
      conv("pointwise 7x7 192-1152", {1, 7, 7, 192}, 1152, 1, 1),
      conv("pointwise 1x1 1280-1000", {1, 1, 1, 1280}, 1000, 1, 1),
      first("first 7x7/2 224x224 3-64", {1, 224, 224, 3}, 64, 7, 2),
      first("first 3x3/2 224x224 3-32", {1, 224, 224, 3}, 32, 3, 2),
      first("first 3x3/2 224x224 3-24", {1, 224, 224, 3}, 24, 3, 2),
      conv("conv 3x3/2 224x224 3-32", {1, 224, 224, 3}, 32, 3, 2),
      conv("conv 3x3 28x28 1-32", {1, 28, 28, 1}, 32, 3, 1),
      conv("groups 3x3 56x56 32 of 4", {1, 56, 56, 128}, 128, 3, 1, 32),
      conv("groups 3x3/2 14x14 32 of 32", {1, 14, 14, 1024}, 1024, 3, 2, 32),
      conv("groups 3x3/2 28x28 32 of 16", {1, 28, 28, 512}, 512, 3, 2, 32),
      conv("groups 3x3/2 56x56 32 of 8", {1, 56, 56, 256}, 256, 3, 2, 32),
      conv("groups 3x3 28x28 32 of 8", {1, 28, 28, 256}, 256, 3, 1, 32),
      conv("groups 3x3 14x14 32 of 16", {1, 14, 14, 512}, 512, 3, 1, 32),
      conv("groups 3x3 7x7 32 of 32", {1, 7, 7, 1024}, 1024, 3, 1, 32),
      conv("groups 1x1 28x28 3 of 60-20", {1, 28, 28, 180}, 60, 1, 1, 3),
      conv("groups 1x1 28x28 3 of 20-80", {1, 28, 28, 60}, 240, 1, 1, 3),
      depthwise("depthwise 3x3 112x112 32", {1, 112, 112, 32}, 3, 1),
      depthwise("depthwise 3x3/2 112x112 64", {1, 112, 112, 64}, 3, 2),
      depthwise("depthwise 3x3 28x28 256", {1, 28, 28, 256}, 3, 1),
      depthwise("depthwise 3x3 7x7 1024", {1, 7, 7, 1024}, 3, 1),
      depthwise("depthwise 5x5 28x28 240", {1, 28, 28, 240}, 5, 1),
      depthwise("depthwise 5x5 7x7 1152", {1, 7, 7, 1152}, 5, 1),
      depthwise("depthwise 3x3 14x14 512", {1, 14, 14, 512}, 3, 1),
      depthwise("depthwise 3x3 56x56 128", {1, 56, 56, 128}, 3, 1),
      depthwise("depthwise 5x5 14x14 480", {1, 14, 14, 480}, 5, 1),
      matmul("matmul 197x197x64", 197, 197, 64, false),
      matmul("matmul 197x197x64 transposed", 197, 197, 64, true),
  };
}

/// As many independent chains of fused multiply-adds as hide their latency.
Kernel peak(const TargetInfo &target) {
  constexpr int64_t steps = 100000, chains = 12;
  std::string v = "vector<" + std::to_string(target.lanes(32)) + "xf32>";
  std::string inits, types, body, yields;
  for (int64_t i = 0; i < chains; ++i) {
    std::string n = std::to_string(i), comma = i ? ", " : "";
    inits += comma + "%s" + n + " = %x";
    types += comma + v;
    body += "    %t" + n + " = vector.fma %s" + n + ", %x, %y : " + v + "\n";
    yields += comma + "%t" + n;
  }
  Kernel result;
  result.name = "peak";
  result.arguments = {Buffer("f32", {64}), Buffer("f32", {64 * chains})};
  result.op = "%z = arith.constant 0 : index\n  %o = arith.constant 1 : index\n"
              "  %n = arith.constant " +
              std::to_string(steps) +
              " : index\n"
              "  %w = arith.constant 16 : index\n"
              "  %x = vector.load %a0[%z] : memref<64xf32>, " +
              v +
              "\n"
              "  %y = vector.load %a0[%w] : memref<64xf32>, " +
              v +
              "\n"
              "  %r:" +
              std::to_string(chains) +
              " = scf.for %i = %z to %n step %o iter_args(" + inits + ") -> (" +
              types + ") {\n" + body + "    scf.yield " + yields + " : " +
              types + "\n  }\n";
  for (int64_t i = 0; i < chains; ++i)
    result.op += "  %c" + std::to_string(i) + " = arith.constant " +
                 std::to_string(i * 64) + " : index\n  vector.store %r#" +
                 std::to_string(i) + ", %a1[%c" + std::to_string(i) +
                 "] : memref<" + std::to_string(64 * chains) + "xf32>, " + v +
                 "\n";
  result.operations = 2.0 * steps * chains * target.lanes(32);
  return result;
}

/// Operations a second.
double measure(Kernel &kernel, const TargetInfo &target,
               const std::string &object) {
  std::string text = "func.func @f(";
  for (size_t i = 0; i < kernel.arguments.size(); ++i) {
    kernel.arguments[i].fill(i);
    text += (i ? ", %a" : "%a") + std::to_string(i) + ": " +
            kernel.arguments[i].memref() + " {llvm.noalias}";
  }
  text += ") {\n  " + kernel.op + "\n  return\n}\n";
  auto jit = KernelJit::create(text, target, object);
  if (!jit) {
    llvm::errs() << llvm::toString(jit.takeError()) << "\n";
    exit(1);
  }
  KernelJit::Function f = llvm::cantFail((*jit)->find("f"));
  void *a[8] = {};
  for (size_t i = 0; i < kernel.arguments.size(); ++i)
    a[i] = kernel.arguments[i].bytes.data();
  double seconds =
      bestSeconds([&] { f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]); });
  return kernel.operations / seconds;
}

} // namespace

int main(int argc, char **argv) {
  auto argument = [&](int i) { return argc > i ? argv[i] : std::string(); };
  std::string only = argument(1), part = argument(2), prefix = argument(3);
  for (const TargetInfo &target : runnableTargets()) {
    if (!only.empty() && target.name != only)
      continue;
    Kernel limit = peak(target);
    double most = measure(limit, target, "");
    llvm::outs() << target.name << ": peak "
                 << llvm::format("%.1f GFLOP/s\n", most / 1e9);
    int index = -1;
    for (Kernel &kernel : kernels()) {
      ++index;
      if (kernel.name.find(part) == std::string::npos)
        continue;
      std::string object =
          prefix.empty() ? "" : prefix + std::to_string(index) + ".o";
      double rate = measure(kernel, target, object);
      llvm::outs() << llvm::format("%2d %-30s %8.1f GFLOP/s %5.1f %%\n", index,
                                   kernel.name.c_str(), rate / 1e9,
                                   100 * rate / most);
      llvm::outs().flush();
    }
  }
  return 0;
}
