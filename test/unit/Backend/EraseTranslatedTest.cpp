//===- EraseTranslatedTest.cpp - functions go as LLVM has them ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/EraseTranslated.h"
#include "Backend/Backend.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "gtest/gtest.h"

using namespace mlc;

/// Bodies go one by one: calls of functions that have none any more, loops and
/// values that go from block to block are translated as from a whole module.
TEST(EraseTranslated, LeavesDeclarationsAndTheSameModule) {
  const char *ir = R"(
    llvm.func @outside(i64) -> i64
    llvm.func @first(%n: i64) -> i64 {
      %one = llvm.mlir.constant(1 : i64) : i64
      llvm.br ^loop(%n : i64)
    ^loop(%i: i64):
      %next = llvm.sub %i, %one : i64
      %more = llvm.icmp "sgt" %next, %one : i64
      llvm.cond_br %more, ^loop(%next : i64), ^end(%i : i64)
    ^end(%last: i64):
      llvm.return %last : i64
    }
    llvm.func @second(%n: i64) -> i64 {
      %a = llvm.call @first(%n) : (i64) -> i64
      %b = llvm.call @outside(%a) : (i64) -> i64
      llvm.return %b : i64
    })";
  mlir::DialectRegistry registry;
  registerBackendDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  std::string whole, erased;
  for (bool erase : {false, true}) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(ir, &context);
    ASSERT_TRUE(module);
    if (erase)
      eraseWhenTranslated(*module);
    llvm::LLVMContext llvmContext;
    auto translated = mlir::translateModuleToLLVMIR(*module, llvmContext);
    ASSERT_TRUE(translated);
    llvm::raw_string_ostream(erase ? erased : whole) << *translated;
    unsigned bodies = 0;
    for (auto function : module->getOps<mlir::LLVM::LLVMFuncOp>())
      bodies += !function.isExternal();
    EXPECT_EQ(bodies, erase ? 0u : 2u);
  }
  EXPECT_EQ(erased, whole);
  EXPECT_NE(whole.find("phi i64"), std::string::npos);
}
