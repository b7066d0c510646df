//===- LastWordsTest.cpp - an end without a crash -------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/LastWords.h"

#include "llvm/Support/Compiler.h"
#include "llvm/Support/ErrorHandling.h"
#include "gtest/gtest.h"

#include <new>

using namespace mlc;

namespace {

#if !LLVM_ADDRESS_SANITIZER_BUILD // whose allocator has an end of its own
TEST(LastWords, NoMemoryIsOneMessageWithThePlace) {
  auto allocate = [] {
    installLastWords("tool");
    noteFile("big\n.onnx");
    notePlace("node 'pad'");
    // More than any address space; volatile, or it is never asked for.
    volatile size_t most = size_t(1) << 62;
    ::operator delete(::operator new(most));
  };
  EXPECT_EXIT(allocate(), testing::ExitedWithCode(1),
              "^tool: error: big\\\\n.onnx: node 'pad': out of memory; "
              "[^\n]*\n$");
}

#endif

TEST(LastWords, WhatLLVMHoldsForImpossibleIsOneMessage) {
  auto fail = [] {
    installLastWords("tool");
    noteFile("m.onnx");
    notePlace("fuse");
    llvm::report_fatal_error("no such thing");
  };
  EXPECT_EXIT(fail(), testing::ExitedWithCode(1),
              "^tool: error: m.onnx: fuse: internal error, please report it: "
              "no such thing\n$");
}

} // namespace
