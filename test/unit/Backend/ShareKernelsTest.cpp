//===- ShareKernelsTest.cpp - parts make up the whole, once ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Divides loop nests and interprets what is left of them for each part: loops
// that hold a store, and the index arithmetic between.
//
//===----------------------------------------------------------------------===//

#include "Backend/Attributes.h"
#include "Backend/Backend.h"
#include "Backend/Passes.h"
#include "Backend/WorkEstimate.h"
#include "CodeGen/CodeGen.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"
#include <set>

using namespace mlc;
using namespace mlir;

namespace {

/// Runs a function on indices; notes the positions that it stores to.
class Interpreter {
public:
  std::vector<int64_t> stored;

  void call(func::FuncOp function, ArrayRef<int64_t> indices) {
    for (auto [argument, value] :
         llvm::zip(function.getArguments().take_back(indices.size()), indices))
      set(argument, value);
    run(function.getBody().front());
  }

private:
  void set(Value value, int64_t to) {
    known[value] = IntegerAttr::get(value.getType(), to);
  }
  int64_t get(Value value) {
    return cast<IntegerAttr>(known.lookup(value)).getInt();
  }

  void run(Block &block) {
    for (Operation &op : block) {
      if (auto loop = dyn_cast<scf::ForOp>(op))
        runLoop(loop);
      else if (auto store = dyn_cast<memref::StoreOp>(op))
        stored.push_back(get(store.getIndices().front()));
      else
        fold(op);
    }
  }

  void runLoop(scf::ForOp loop) {
    if (!mayWrite(loop))
      return;
    int64_t to = get(loop.getUpperBound()), step = get(loop.getStep());
    for (int64_t i = get(loop.getLowerBound()); i < to; i += step) {
      set(loop.getInductionVar(), i);
      run(*loop.getBody());
    }
  }

  void fold(Operation &op) {
    SmallVector<Attribute> operands;
    for (Value operand : op.getOperands())
      operands.push_back(known.lookup(operand));
    SmallVector<OpFoldResult> results;
    if (failed(op.fold(operands, results)) || results.empty())
      return;
    // Folded to an operand or to a constant.
    if (auto value = dyn_cast<Value>(results.front()))
      known[op.getResult(0)] = known.lookup(value);
    else
      known[op.getResult(0)] = cast<Attribute>(results.front());
  }

  DenseMap<Value, Attribute> known;
};

/// Work of about `microseconds` and a store to %n.
std::string leaf(int64_t microseconds, StringRef position) {
  return llvm::formatv(R"(
    %x{1} = scf.for %k = %c0 to %w{0} step %c1 iter_args(%s = %f) -> (f32) {{
      %t = arith.mulf %s, %s : f32
      scf.yield %t : f32
    }
    memref.store %x{1}, %m[{2}] : memref<20000xf32>)",
                       microseconds, position.drop_front(), position)
      .str();
}

std::string function(StringRef body) {
  std::string constants;
  for (int i : {0,  1,  2,  3,  4,  5,  6,   7,    8,     9,
                11, 13, 17, 25, 55, 56, 100, 1000, 10000, 50000})
    constants += llvm::formatv("%c{0} = arith.constant {0} : index\n", i).str();
  for (int i : {1, 2, 5, 30, 400})
    constants += llvm::formatv("%w{0} = arith.constant {1} : index\n", i,
                               i * kWorkPerMicrosecond)
                     .str();
  return llvm::formatv(R"(
    func.func private @k(%m: memref<20000xf32>, %part: index {{mlc.part},
                         %parts: index {{mlc.parts}) {{
      {0}
      %f = arith.constant 1.0 : f32
      {1}
      return
    }
    func.func @main(%m: memref<20000xf32>) {{
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      call @k(%m, %c0, %c1) : (memref<20000xf32>, index, index) -> ()
      return
    })",
                       constants, body)
      .str();
}

class ShareKernels : public testing::Test {
protected:
  ShareKernels() : context(registry()) { context.loadAllAvailableDialects(); }

  func::FuncOp share(const std::string &text, unsigned threads) {
    module = parseSourceString<ModuleOp>(text, &context);
    PassManager pipeline(&context);
    pipeline.addPass(createShareKernels({threads}));
    if (!module || failed(pipeline.run(*module)))
      return {};
    return module->lookupSymbol<func::FuncOp>("k");
  }

  static int64_t mostParts(func::FuncOp function) {
    auto most = function->getAttrOfType<IntegerAttr>(attrs::mostParts);
    return most ? most.getInt() : 1;
  }

  /// Positions that part `part` of `parts` stores to.
  static std::vector<int64_t> stores(func::FuncOp function, int64_t part,
                                     int64_t parts) {
    Interpreter interpreter;
    interpreter.call(function, {part, parts});
    return interpreter.stored;
  }

  /// All parts together, in their order, do what one does; returns the most
  /// stores of a part of two.
  static size_t expectWhole(func::FuncOp function,
                            const std::vector<int64_t> &whole) {
    size_t most = 0;
    for (int64_t parts = 1; parts <= 9; ++parts) {
      std::vector<int64_t> all;
      for (int64_t part = 0; part < parts; ++part) {
        std::vector<int64_t> some = stores(function, part, parts);
        all.insert(all.end(), some.begin(), some.end());
        if (parts == 2)
          most = std::max(most, some.size());
      }
      EXPECT_EQ(all, whole) << parts << " parts";
    }
    return most;
  }

  static DialectRegistry registry() {
    DialectRegistry registry;
    registerBackendDialects(registry);
    return registry;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

TEST_F(ShareKernels, OneLoopOfOddTrips) {
  func::FuncOp f = share(function("scf.for %i = %c3 to %c56 step %c2 {" +
                                  leaf(5, "%i") + "} {mlc.parallel}"),
                         9);
  ASSERT_TRUE(f);
  EXPECT_EQ(mostParts(f), 9);
  std::vector<int64_t> whole;
  for (int64_t i = 3; i < 56; i += 2)
    whole.push_back(i);
  EXPECT_EQ(expectWhole(f, whole), 14u) << "27 iterations in two parts";
}

// Seven chunks of seven rows: the parts cut a chunk in two.
TEST_F(ShareKernels, NestedLoopsAreOneSpace) {
  func::FuncOp f =
      share(function(R"(
      scf.for %i = %c0 to %c7 step %c1 {
        %r = arith.muli %i, %c100 : index
        scf.for %j = %c0 to %c7 step %c1 {
          %at = arith.addi %r, %j : index)" +
                     leaf(2, "%at") + "} {mlc.parallel} } {mlc.parallel}"),
            9);
  ASSERT_TRUE(f);
  EXPECT_EQ(mostParts(f), 9);
  std::vector<int64_t> whole;
  for (int64_t i = 0; i < 7; ++i)
    for (int64_t j = 0; j < 7; ++j)
      whole.push_back(i * 100 + j);
  EXPECT_EQ(expectWhole(f, whole), 25u);
}

// Loops side by side at two levels, of different steps and work, one of them of
// a single iteration.
TEST_F(ShareKernels, SiblingsFollowEachOther) {
  std::string rows = R"(
        %at = arith.addi %r, %j : index)";
  func::FuncOp f = share(function("scf.for %i = %c0 to %c5 step %c1 {"
                                  "%r = arith.muli %i, %c1000 : index\n"
                                  "scf.for %j = %c0 to %c1 step %c1 {" +
                                  rows + leaf(30, "%at") +
                                  "} {mlc.parallel}\n"
                                  "scf.for %j = %c1 to %c13 step %c4 {" +
                                  rows + leaf(5, "%at") +
                                  "} {mlc.parallel} } {mlc.parallel}\n"
                                  "%r = arith.constant 10000 : index\n"
                                  "scf.for %j = %c0 to %c3 step %c1 {" +
                                  rows + leaf(400, "%at") + "} {mlc.parallel}"),
                         9);
  ASSERT_TRUE(f);
  EXPECT_EQ(mostParts(f), 9);
  std::vector<int64_t> whole;
  for (int64_t i = 0; i < 5; ++i)
    for (int64_t j : {0, 1, 5, 9})
      whole.push_back(i * 1000 + j);
  for (int64_t j = 0; j < 3; ++j)
    whole.push_back(10000 + j);
  expectWhole(f, whole);
  // The last loop is 1200 us of 1425.
  EXPECT_EQ(stores(f, 0, 2).size(), 21u);
}

TEST_F(ShareKernels, PartsAreNoMoreThanThreadsOrWork) {
  std::string text = function("scf.for %i = %c0 to %c9 step %c1 {" +
                              leaf(5, "%i") + "} {mlc.parallel}");
  func::FuncOp f = share(text, 3);
  ASSERT_TRUE(f);
  EXPECT_EQ(mostParts(f), 3);
  f = share(text, 64);
  ASSERT_TRUE(f);
  EXPECT_GE(mostParts(f), 4);
  EXPECT_LE(mostParts(f), 9);
}

TEST_F(ShareKernels, LittleWorkIsNotShared) {
  func::FuncOp f = share(function("scf.for %i = %c0 to %c9 step %c5 {" +
                                  leaf(1, "%i") + "} {mlc.parallel}"),
                         4);
  ASSERT_TRUE(f);
  EXPECT_EQ(f.getNumArguments(), 1u) << "part and parts are gone";
  EXPECT_FALSE(f->hasAttr(attrs::mostParts));
  module->walk([](func::CallOp call) { EXPECT_EQ(call.getNumOperands(), 1u); });
}

TEST_F(ShareKernels, ALeafIsNotShared) {
  func::FuncOp f = share(function("scf.for %i = %c0 to %c1 step %c1 {" +
                                  leaf(400, "%i") + "} {mlc.parallel}"),
                         4);
  ASSERT_TRUE(f);
  EXPECT_EQ(mostParts(f), 1);
}

// The store behind the loop would be done by each part.
TEST_F(ShareKernels, WhatWritesOutsideOfLoopsIsNotShared) {
  std::string loop = "scf.for %i = %c0 to %c9 step %c1 {" + leaf(5, "%i") +
                     "} {mlc.parallel}\n";
  func::FuncOp f =
      share(function(loop + "memref.store %f, %m[%c0] : memref<20000xf32>"), 4);
  ASSERT_TRUE(f);
  EXPECT_EQ(mostParts(f), 1);
  f = share(function(loop), 4);
  ASSERT_TRUE(f);
  EXPECT_GT(mostParts(f), 1);
}

// One level further in, the iterations around stay whole.
TEST_F(ShareKernels, IterationsThatWriteThemselvesAreLeaves) {
  func::FuncOp f =
      share(function("scf.for %i = %c0 to %c9 step %c1 {"
                     "memref.store %f, %m[%i] : "
                     "memref<20000xf32>\n"
                     "scf.for %j = %c11 to %c17 step %c1 {" +
                     leaf(30, "%j") + "} {mlc.parallel} } {mlc.parallel}"),
            4);
  ASSERT_TRUE(f);
  EXPECT_EQ(mostParts(f), 4);
  EXPECT_EQ(stores(f, 0, 9).size(), 7u);
}

// Two iterations of seven: the parts that do some of one prepare it.
TEST_F(ShareKernels, EachPartPreparesWhatItDoes) {
  func::FuncOp f =
      share(function(R"(
      scf.for %i = %c0 to %c2 step %c1 {
        %r = arith.muli %i, %c100 : index
        scf.for %p = %c0 to %c1 step %c1 {
          %at = arith.addi %r, %c56 : index
          memref.store %f, %m[%at] : memref<20000xf32>
        } {mlc.per_part}
        scf.for %j = %c0 to %c7 step %c1 {
          %at = arith.addi %r, %j : index)" +
                     leaf(30, "%at") + "} {mlc.parallel} } {mlc.parallel}"),
            4);
  ASSERT_TRUE(f);
  using Stores = std::vector<int64_t>;
  EXPECT_EQ(stores(f, 0, 2), (Stores{56, 0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(stores(f, 1, 2), (Stores{156, 100, 101, 102, 103, 104, 105, 106}));
  EXPECT_EQ(stores(f, 1, 3), (Stores{56, 5, 6, 156, 100, 101}));
}

// Each part does its rows of each chunk.
TEST_F(ShareKernels, PlainLoopsAreRunByEachPart) {
  func::FuncOp f = share(function(R"(
      scf.for %i = %c0 to %c3 step %c1 {
        %r = arith.muli %i, %c100 : index
        scf.for %j = %c0 to %c7 step %c1 {
          %at = arith.addi %r, %j : index)" +
                                  leaf(30, "%at") +
                                  R"(} {mlc.parallel}
      }
      scf.for %j = %c55 to %c56 step %c1 {)" +
                                  leaf(5, "%j") + "} {mlc.parallel}"),
                         4);
  ASSERT_TRUE(f);
  EXPECT_EQ(mostParts(f), 4);
  using Stores = std::vector<int64_t>;
  EXPECT_EQ(stores(f, 0, 3), (Stores{0, 1, 100, 101, 200, 201}));
  EXPECT_EQ(stores(f, 1, 3),
            (Stores{2, 3, 4, 102, 103, 104, 202, 203, 204, 55}));
  for (int64_t parts = 1; parts <= 9; ++parts) {
    std::multiset<int64_t> all;
    for (int64_t part = 0; part < parts; ++part)
      for (int64_t at : stores(f, part, parts))
        all.insert(at);
    EXPECT_EQ(all.size(), 22u) << parts << " parts";
    EXPECT_EQ(std::set<int64_t>(all.begin(), all.end()).size(), 22u);
  }
}

TEST_F(ShareKernels, NoMarkIsLeft) {
  for (int64_t work : {1, 30}) {
    func::FuncOp f =
        share(function("scf.for %i = %c0 to %c9 step %c1 {"
                       "scf.for %j = %c0 to %c1 step %c1 {" +
                       leaf(work, "%i") + "} {mlc.parallel} } {mlc.parallel}"),
              4);
    ASSERT_TRUE(f);
    f.walk(
        [](scf::ForOp loop) { EXPECT_FALSE(loop->hasAttr(attrs::parallel)); });
  }
}

TEST_F(ShareKernels, NoThreadsAreAnError) {
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  EXPECT_FALSE(share(function(""), 0));
  EXPECT_EQ(message, "0 threads found, at least one is required");
}

} // namespace
