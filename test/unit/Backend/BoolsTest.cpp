//===- BoolsTest.cpp - kernels that read and write bools ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A bool takes a byte in memory, in the vectors of every emitter's epilogue.
// Each is compared with the same kernel without an epilogue.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "llvm/ADT/StringExtras.h"
#include <random>

using namespace mlc;
using namespace mlc::test;

namespace {

struct Kernel {
  std::string name, attributes;
  std::vector<int64_t> left, right, out;
  int64_t scratch = 0; ///< floats
};

std::string shaped(const std::vector<int64_t> &shape, const std::string &type) {
  std::string text = "tensor<";
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + type + ">";
}

int64_t count(const std::vector<int64_t> &shape) {
  int64_t product = 1;
  for (int64_t size : shape)
    product *= size;
  return product;
}

/// The kernel as %`result`, with an epilogue or without.
std::string kernelOp(const Kernel &k, const std::string &result,
                     const std::string &type, const std::string &operands,
                     const std::string &body) {
  std::string out = shaped(k.out, type);
  std::string scratch = shaped({k.scratch}, "f32");
  std::string text = "%i" + result + " = tensor.empty() : " + out + "\n";
  if (k.scratch)
    text += "%s" + result + " = tensor.empty() : " + scratch + "\n";
  text += "%" + result + (k.scratch ? ":2" : "") + " = kernel." + k.name +
          " {" + k.attributes + "} ins(%x, %w : " + shaped(k.left, "f32") +
          ", " + shaped(k.right, "f32") + ") " + operands + " outs(%i" + result;
  if (k.scratch)
    return text + ", %s" + result + " : " + out + ", " + scratch + ") -> " +
           out + ", " + scratch + body;
  return text + " : " + out + ") -> " + out + body;
}

std::string module(const Kernel &k) {
  std::string f32 = shaped(k.out, "f32"), bits = shaped(k.out, "i1");
  std::string row = shaped({k.out.back()}, "i1");
  std::string text = "func.func @main(%x: " + shaped(k.left, "f32") +
                     ", %w: " + shaped(k.right, "f32") + ", %mask: " + bits +
                     ", %row: " + row + ") -> (" + f32 + ", " + bits + ", " +
                     f32 + ") {\n";
  text += kernelOp(k, "plain", "f32", "", "\n");
  text += kernelOp(k, "written", "i1", "", R"( {
    ^bb0(%acc: f32):
      %zero = arith.constant 0.0 : f32
      %bit = arith.cmpf ogt, %acc, %zero : f32
      kernel.yield %bit : i1
  }
  )");
  text += kernelOp(k, "read", "f32",
                   "epilogue(%mask, %row : " + bits + ", " + row + ")", R"( {
    ^bb0(%acc: f32, %a: i1, %b: i1):
      %less = arith.constant -1.0 : f32
      %both = arith.andi %a, %b : i1
      %v = arith.select %both, %acc, %less : f32
      kernel.yield %v : f32
  }
  )");
  std::string first = k.scratch ? "#0" : "";
  return text + "return %plain" + first + ", %written" + first + ", %read" +
         first + " : " + f32 + ", " + bits + ", " + f32 + "\n}";
}

void check(const Kernel &k, const std::string &cpu) {
  SCOPED_TRACE(k.name + " {" + k.attributes + "} " + shaped(k.out, "f32") +
               " for " + cpu);
  Model model(module(k), cpu);
  ASSERT_TRUE(model.ok()) << model.errors;
  std::minstd_rand random(k.out.back());
  std::vector<float> x(count(k.left)), w(count(k.right));
  for (auto *values : {&x, &w})
    for (float &value : *values)
      value = float(random() % 65536) / 32768 - 1;
  std::vector<char> mask(count(k.out)), row(k.out.back());
  for (auto *bits : {&mask, &row})
    for (char &bit : *bits)
      bit = random() % 4 != 0;
  std::vector<Bytes> outputs =
      model.run({bytes(x), bytes(w), bytes(mask), bytes(row)});
  auto plain = values<float>(outputs[0]), read = values<float>(outputs[2]);
  for (size_t i = 0; i < plain.size(); ++i) {
    ASSERT_EQ(int(outputs[1][i]), plain[i] > 0) << "element " << i;
    bool isTaken = mask[i] && row[i % row.size()];
    ASSERT_EQ(read[i], isTaken ? plain[i] : -1) << "element " << i;
  }
}

/// Those of the CPUs that are compiled for by default that this machine has.
std::vector<std::string> runnableCpus() {
  TargetInfo host = llvm::cantFail(hostTarget());
  std::vector<std::string> names;
  for (TargetInfo &target : llvm::cantFail(resolveTargets("", "")))
    if ((target.runtimeFeatures & ~host.runtimeFeatures) == 0)
      names.push_back(target.name);
  return names;
}

const std::string window = "strides = array<i64: 1, 1>, pads = array<i64: 1, "
                           "1, 1, 1>, dilations = array<i64: 1, 1>";

TEST(Bools, EveryEpilogueReadsAndWritesThem) {
  std::vector<Kernel> kernels = {
      {"conv",
       window + ", groups = 6 : i64",
       {1, 5, 6, 24},
       {3, 1, 3, 3, 4, 8},
       {1, 5, 6, 24}},
      {"winograd",
       "tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>",
       {1, 8, 8, 16},
       {1, 1, 3, 3, 16, 32},
       {1, 8, 8, 20},
       27072}};
  for (int64_t n : {1, 3, 7, 13, 21, 37}) {
    kernels.push_back({"conv",
                       window,
                       {1, 5, 6, 4},
                       {1, (n + 7) / 8, 3, 3, 4, 8},
                       {1, 5, 6, n}});
    kernels.push_back(
        {"depthwise", window, {1, 5, 6, n}, {3, 3, n}, {1, 5, 6, n}});
    kernels.push_back({"matmul", "", {2, 5, 6}, {2, 6, n}, {2, 5, n}});
    kernels.push_back({"matmul", "transpose_rhs", {5, 6}, {n, 6}, {5, n}});
  }
  for (const std::string &cpu : runnableCpus())
    for (const Kernel &kernel : kernels)
      check(kernel, cpu);
}

} // namespace
