//===- RegistersTest.cpp - accumulators stay in registers -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A vector that goes through memory shows in the frame of its function: this
// needs no clock.
//
//===----------------------------------------------------------------------===//

#include "KernelCase.h"
#include "llvm/TargetParser/Host.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;

namespace {

struct Layer {
  const char *name;
  int64_t size, in, out, kernel, stride;
};

std::string textOf(const Layer &layer) {
  int64_t pad = layer.kernel / 2, k = layer.kernel;
  int64_t size = (layer.size + 2 * pad - k) / layer.stride + 1;
  std::string x = Buffer("f32", {1, layer.size, layer.size, layer.in}).memref();
  std::string w =
      Buffer("f32", {1, (layer.out + 31) / 32, k, k, layer.in, 32}).memref();
  std::string o = Buffer("f32", {1, size, size, layer.out}).memref();
  return "func.func @f(%x: " + x + " {llvm.noalias}, %w: " + w +
         " {llvm.noalias}, %o: " + o +
         " {llvm.noalias}) {\n  kernel.conv {strides = " +
         array({layer.stride, layer.stride}) +
         ", pads = " + array({pad, pad, pad, pad}) +
         ", dilations = " + array({1, 1}) + "} ins(%x, %w : " + x + ", " + w +
         ") outs(%o : " + o + ")\n  return\n}\n";
}

/// Bytes of the frame of the layer's function.
uint64_t frameOf(const Layer &layer, const TargetInfo &target) {
  FrameSizes frames;
  auto jit = KernelJit::create(textOf(layer), target, "", &frames);
  if (!jit) {
    ADD_FAILURE() << toString(jit.takeError());
    return 0;
  }
  return frames.at("f");
}

TEST(Registers, HoldAccumulators) {
  if (!Triple(sys::getProcessTriple()).isX86())
    GTEST_SKIP() << "code for x86-64 is looked at";
  const Layer layers[] = {{"first layer", 224, 3, 32, 3, 2},
                          {"first layer of a wide step", 112, 3, 64, 7, 2},
                          {"first layer, half a vector", 224, 3, 24, 3, 2},
                          {"pointwise", 28, 64, 64, 1, 1},
                          {"pointwise, half a vector", 28, 64, 40, 1, 1},
                          {"window", 28, 64, 64, 3, 1}};
  for (const char *cpu : {"x86-64-v3", "x86-64-v4"}) {
    TargetInfo target = cantFail(resolveTargets("x86_64-linux-gnu", cpu))[0];
    // General registers may go to memory; four vectors and more are a tile
    // that does not fit.
    for (const Layer &layer : layers)
      EXPECT_LT(frameOf(layer, target), 4 * target.vectorBits / 8)
          << layer.name << ", " << cpu;
  }
}

} // namespace
