//===- EraseTranslated.cpp - functions go as LLVM has them ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The translation asks the dialects of a function's attributes what is to be
// done with it when its body has been translated; values and blocks of it are
// not looked at again.
//
//===----------------------------------------------------------------------===//

#include "Backend/EraseTranslated.h"
#include "Kernel/IR/Kernel.h"
#include "Support/GiveBack.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/LLVMTranslationInterface.h"
#include <atomic>

using namespace mlir;

namespace mlc {

/// On a function of the LLVM dialect.
static constexpr llvm::StringLiteral kErase = "kernel.erase_when_translated";

namespace {
class EraseTranslated : public LLVMTranslationDialectInterface {
public:
  using LLVMTranslationDialectInterface::LLVMTranslationDialectInterface;

  LogicalResult amendOperation(Operation *op, ArrayRef<llvm::Instruction *>,
                               NamedAttribute attribute,
                               LLVM::ModuleTranslation &) const override {
    if (attribute.getName() != kErase)
      return success();
    Region &body = cast<LLVM::LLVMFuncOp>(op).getBody();
    body.dropAllReferences();
    body.getBlocks().clear();
    // Threads that lowered functions took memory for them of their own, of
    // which this one, whose is LLVM's module, gets none by itself.
    if (++erased % 32 == 0)
      giveBackMemory();
    return success();
  }

private:
  mutable std::atomic<unsigned> erased{0};
};
} // namespace

void eraseWhenTranslated(ModuleOp module) {
  auto unit = UnitAttr::get(module.getContext());
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (!function.isExternal())
      function->setAttr(kErase, unit);
}

void registerEraseTranslated(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *, kernel::KernelDialect *dialect) {
    dialect->addInterfaces<EraseTranslated>();
  });
}

} // namespace mlc
