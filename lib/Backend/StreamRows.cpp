//===- StreamRows.cpp - compute chains of kernels by rows -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An image between two kernels that L2 does not hold goes through
// L3 or memory twice, and takes its place in the arena. By rows, it does
// neither; what that costs is reading the weights again in each step, and
// carrying rows from step to step.
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "Backend/Attributes.h"
#include "Backend/InPlace.h"
#include "Backend/Passes.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_STREAMROWS
#include "Backend/Passes.h.inc"

namespace {

using Stages = SmallVector<kernel::StreamStage>;

/// Finds and makes the chains of one block.
class Streamer {
public:
  Streamer(int64_t cache, unsigned threads) : cache(cache), threads(threads) {}

  void run(Block &block);

private:
  std::optional<kernel::StreamStage> next(const kernel::StreamStage &stage);
  bool isWorthIt(const Stages &stages) const;
  int64_t rowsOf(const Stages &stages) const;
  void stream(const Stages &stages);

  int64_t cache;
  unsigned threads;
};

} // namespace

static int64_t bytesOf(Value memref) {
  return spanBytes(cast<MemRefType>(memref.getType()));
}

static memref::AllocOp outOf(const kernel::StreamStage &stage) {
  return stage.init->get().getDefiningOp<memref::AllocOp>();
}

/// The stage that is all that reads what `stage` writes, a whole buffer.
std::optional<kernel::StreamStage>
Streamer::next(const kernel::StreamStage &stage) {
  memref::AllocOp out = outOf(stage);
  if (!out || !out.getType().getLayout().isIdentity())
    return std::nullopt;
  OpOperand *reader = nullptr;
  for (OpOperand &use : out->getUses()) {
    if (&use == stage.init || isa<memref::DeallocOp>(use.getOwner()))
      continue;
    if (reader)
      return std::nullopt;
    reader = &use;
  }
  if (!reader || reader->getOwner()->getBlock() != stage.op->getBlock())
    return std::nullopt;
  auto result = kernel::StreamStage::get(reader->getOwner());
  if (!result || result->input != reader || !result->canFollow)
    return std::nullopt;
  return result;
}

/// Whether all stages can be computed at the place of the last: nobody writes
/// meanwhile what they read, nor do they themselves.
static bool canMove(const Stages &stages) {
  Operation *first = stages.front().op, *last = stages.back().op;
  llvm::SmallPtrSet<Operation *, 4> own;
  for (const kernel::StreamStage &stage : stages)
    own.insert(stage.op);
  Value out = rootOf(stages.back().init->get());
  for (const kernel::StreamStage &stage : stages)
    for (OpOperand &operand : stage.op->getOpOperands()) {
      if (&operand == stage.init ||
          (&operand == stage.input && &stage != &stages.front()))
        continue;
      Value root = rootOf(operand.get());
      if (root == out)
        return false;
      SmallVector<OpOperand *> users;
      collectUsers(root, users);
      for (OpOperand *use : users) {
        Operation *user =
            first->getBlock()->findAncestorOpInBlock(*use->getOwner());
        if (!user || own.contains(user) || user->isBeforeInBlock(first) ||
            last->isBeforeInBlock(user))
          continue;
        if (!isComputeOp(use->getOwner()) ||
            writesOperand(use->getOwner(), use->get()))
          return false;
      }
    }
  return true;
}

/// Rows of a step: the most whose windows fill a part of the cache, as each
/// step carries rows over; for large images also the fewest whose windows just
/// fit. 0 if none do, or they save no memory.
int64_t Streamer::rowsOf(const Stages &stages) const {
  constexpr int64_t most = 16;
  int64_t kept = 0, largest = 0;
  for (const kernel::StreamStage &stage : ArrayRef(stages).drop_back()) {
    kept += bytesOf(stage.init->get());
    largest = std::max(largest, bytesOf(stage.init->get()));
  }
  int64_t all = stages.back().outRows, saving = kept / (2 * threads);
  auto fits = [&](int64_t rows, int64_t limit) {
    if (all % rows != 0)
      return false;
    auto plan = kernel::StreamPlan::get(stages, rows);
    return plan.isPossible(stages) && plan.bytes <= std::min(limit, saving);
  };
  int64_t last = std::min(all / 2, most);
  for (int64_t rows = last; rows > 1; --rows)
    if (fits(rows, cache / 3))
      return rows;
  for (int64_t rows = 1; largest > 2 * cache && rows <= last; ++rows)
    if (fits(rows, cache * 3 / 4))
      return rows;
  return 0;
}

/// Whether what lies between the last two stages should not be kept, those
/// before being a chain already.
bool Streamer::isWorthIt(const Stages &stages) const {
  if (bytesOf(stages[stages.size() - 2].init->get()) <= cache)
    return false;
  int64_t weights = 0;
  for (const kernel::StreamStage &stage : stages)
    if (stage.weights)
      weights += bytesOf(stage.weights);
  return rowsOf(stages) > 0 && weights <= cache / 4 && canMove(stages);
}

void Streamer::stream(const Stages &stages) {
  Operation *last = stages.back().op;
  OpBuilder builder(last);
  SmallVector<Location> locations;
  for (const kernel::StreamStage &stage : stages)
    locations.push_back(stage.op->getLoc());
  Location loc = builder.getFusedLoc(locations);
  int64_t rows = rowsOf(stages);
  int64_t bytes = kernel::StreamPlan::get(stages, rows).bytes;
  auto scratch = memref::AllocOp::create(
      builder, loc, MemRefType::get({bytes}, builder.getI8Type()));
  auto op = kernel::StreamOp::create(builder, loc, stages.back().init->get(),
                                     scratch, rows);
  Block &body = op.getBody().emplaceBlock();
  for (const kernel::StreamStage &stage : stages) {
    stage.op->moveBefore(&body, body.end());
    if (stage.op == last)
      continue;
    memref::AllocOp out = outOf(stage);
    for (Operation *user : llvm::make_early_inc_range(out->getUsers()))
      if (isa<memref::DeallocOp>(user))
        user->erase();
    out.replaceAllUsesWith(body.addArgument(out.getType(), out.getLoc()));
    out.erase();
  }
}

void Streamer::run(Block &block) {
  // Not all operations: streaming a chain erases the buffers between kernels,
  // which may stand anywhere in the block.
  SmallVector<Operation *> kernels;
  for (Operation &op : block)
    if (kernel::StreamStage::get(&op))
      kernels.push_back(&op);
  llvm::SmallPtrSet<Operation *, 16> streamed;
  for (Operation *op : kernels) {
    if (streamed.contains(op))
      continue;
    auto stage = kernel::StreamStage::get(op);
    if (!stage || !stage->canLead)
      continue;
    Stages chain = {*stage};
    while (auto reader = next(chain.back())) {
      chain.push_back(*reader);
      if (isWorthIt(chain))
        continue;
      chain.pop_back();
      break;
    }
    if (chain.size() < 2)
      continue;
    for (const kernel::StreamStage &member : chain)
      streamed.insert(member.op);
    stream(chain);
  }
}

namespace {
struct StreamRows : mlc::impl::StreamRowsBase<StreamRows> {
  using StreamRowsBase::StreamRowsBase;
  void runOnOperation() override;
};
} // namespace

void StreamRows::runOnOperation() {
  FailureOr<func::FuncOp> main = findMain(getOperation());
  if (failed(main))
    return signalPassFailure();
  SmallVector<Block *> blocks;
  main->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isComputeOp(op))
      return WalkResult::skip();
    for (Region &region : op->getRegions())
      for (Block &block : region)
        blocks.push_back(&block);
    return WalkResult::advance();
  });
  for (Block *block : blocks)
    Streamer(cache, threads).run(*block);
}

} // namespace mlc
