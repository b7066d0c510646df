//===- DivideEntry.cpp - long entries in parts ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An entry calls one kernel after the other. LLVM computes an address that
// several of them take once, keeps it across all calls in between, and takes
// n^2 to find registers for the addresses of n calls. So runs of many calls
// become functions of some calls each, which compute their addresses anew.
//
//   call @k0(gep %arena 0, gep %arena 64)       call @model_main_v0_part0(
//   ... 999 more                          ->        %arena, %inputs, %outputs,
//                                                   %executor)
//                                               ...
//
//===----------------------------------------------------------------------===//

#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_DIVIDEENTRIES
#include "Backend/Passes.h.inc"

/// The most calls of one function, where more follow each other.
static constexpr size_t kMostCalls = 256;

namespace {

class EntryDivider {
public:
  explicit EntryDivider(LLVM::LLVMFuncOp entry) : entry(entry) {}

  void run();

private:
  void divide(ArrayRef<LLVM::CallOp> calls);
  void makePart(ArrayRef<LLVM::CallOp> calls);
  bool isMadeAnew(Value value);

  LLVM::LLVMFuncOp entry;
  llvm::DenseMap<Operation *, bool> madeAnew;
  unsigned parts = 0;
};

} // namespace

/// Whether `value` follows from the entry's arguments alone, without memory
/// that kernels write.
bool EntryDivider::isMadeAnew(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return llvm::is_contained(entry.getArguments(), value);
  auto [known, isNew] = madeAnew.try_emplace(op, false);
  if (!isNew)
    return known->second;
  // Loads of an address from the caller's tables, too.
  bool isPure =
      isMemoryEffectFree(op) ||
      (isa<LLVM::LoadOp>(op) && isa<LLVM::LLVMPointerType>(value.getType()));
  bool result =
      isPure && op->getNumRegions() == 0 &&
      llvm::all_of(op->getOperands(), [&](Value v) { return isMadeAnew(v); });
  return madeAnew[op] = result;
}

/// Clones what makes `value`, unless it is mapped already.
static void copy(Value value, OpBuilder &builder, IRMapping &mapping) {
  if (mapping.contains(value))
    return;
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    copy(operand, builder, mapping);
  builder.clone(*op, mapping);
}

void EntryDivider::makePart(ArrayRef<LLVM::CallOp> calls) {
  OpBuilder builder(entry);
  Location loc = entry.getLoc();
  auto none = LLVM::LLVMVoidType::get(entry.getContext());
  auto part = LLVM::LLVMFuncOp::create(
      builder, loc, (entry.getName() + "_part" + Twine(parts++)).str(),
      LLVM::LLVMFunctionType::get(none, entry.getArgumentTypes()),
      LLVM::Linkage::Internal);
  part->setAttr(attrs::variant, entry->getAttr(attrs::variant));
  part.setNoInline(true);
  builder.setInsertionPoint(calls.front());
  LLVM::CallOp::create(builder, loc, part, entry.getArguments());
  builder.setInsertionPointToStart(part.addEntryBlock(builder));
  IRMapping mapping;
  mapping.map(entry.getArguments(), part.getArguments());
  for (LLVM::CallOp call : calls) {
    for (Value operand : call->getOperands())
      copy(operand, builder, mapping);
    builder.clone(*call, mapping);
    call.erase();
  }
  LLVM::ReturnOp::create(builder, loc, ValueRange());
}

void EntryDivider::divide(ArrayRef<LLVM::CallOp> calls) {
  if (calls.size() <= kMostCalls)
    return;
  for (; !calls.empty();
       calls = calls.drop_front(std::min(calls.size(), kMostCalls)))
    makePart(calls.take_front(kMostCalls));
}

void EntryDivider::run() {
  for (Block &block : entry.getBody()) {
    SmallVector<LLVM::CallOp> calls;
    SmallVector<Operation *> ops;
    for (Operation &op : block)
      ops.push_back(&op);
    for (Operation *op : ops) {
      auto call = dyn_cast<LLVM::CallOp>(op);
      if (call && call->getNumResults() == 0 &&
          llvm::all_of(call->getOperands(),
                       [&](Value v) { return isMadeAnew(v); })) {
        calls.push_back(call);
      } else if (op->getNumResults() != 1 || !isMadeAnew(op->getResult(0))) {
        divide(calls);
        calls.clear();
      }
    }
    divide(calls);
  }
}

/// Addresses that only calls of parts took.
static void eraseUnused(LLVM::LLVMFuncOp entry) {
  SmallVector<Operation *> ops;
  entry.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : llvm::reverse(ops))
    if (isOpTriviallyDead(op))
      op->erase();
}

namespace {
struct DivideEntries : mlc::impl::DivideEntriesBase<DivideEntries> {
  using DivideEntriesBase::DivideEntriesBase;
  void runOnOperation() override;
};
} // namespace

void DivideEntries::runOnOperation() {
  SmallVector<LLVM::LLVMFuncOp> entries;
  for (auto function : getOperation().getOps<LLVM::LLVMFuncOp>())
    if (function->hasAttr(attrs::entry))
      entries.push_back(function);
  for (LLVM::LLVMFuncOp entry : entries) {
    EntryDivider(entry).run();
    eraseUnused(entry);
  }
}

} // namespace mlc
