//===- PlanArena.cpp - one arena instead of allocations -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "Backend/Attributes.h"
#include "Backend/InPlace.h"
#include "Backend/Passes.h"
#include "Backend/Report.h"
#include "Memory/ArenaVerifier.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_PLANARENA
#include "Backend/Passes.h.inc"

/// Alignment of each buffer: a cache line, so that no two share one.
static constexpr int64_t bufferAlign = 64;

namespace {

/// The program points of an operation: `first` on entry, `last` behind its
/// regions. An operation that computes has one point.
struct Span {
  int64_t first, last;
};

class Planner {
public:
  explicit Planner(func::FuncOp main) : main(main) {}

  FailureOr<MemoryMap> run(const ArenaOptions &options);

private:
  void number(Block &block);
  LogicalResult addBuffer(memref::AllocOp alloc);
  FailureOr<Span> lifetime(memref::AllocOp alloc);
  void addInPlacePairs();
  void replaceAllocs(const ArenaPlan &plan);
  LogicalResult argumentsToBytes();

  func::FuncOp main;
  ArenaProblem problem;
  llvm::DenseMap<Operation *, Span> points;
  int64_t point = 0;
  std::vector<memref::AllocOp> allocs;
  llvm::DenseMap<Value, BufferId> ids;
};

} // namespace

void Planner::number(Block &block) {
  for (Operation &op : block) {
    int64_t first = point++;
    bool branches = isa<LoopLikeOpInterface, RegionBranchOpInterface>(op) &&
                    !isComputeOp(&op);
    if (branches)
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          number(inner);
    points[&op] = {first, branches ? point++ : first};
  }
}

FailureOr<Span> Planner::lifetime(memref::AllocOp alloc) {
  SmallVector<OpOperand *> users;
  collectUsers(alloc, users);
  Span span = points.lookup(alloc);
  span.first = span.last = users.empty() ? span.first : -1;
  for (OpOperand *use : users) {
    Operation *user = use->getOwner();
    if (user->hasTrait<OpTrait::IsTerminator>() ||
        isa<LoopLikeOpInterface, RegionBranchOpInterface, arith::SelectOp>(
            user))
      return user->emitError("buffer of ")
             << alloc.getType()
             << " is chosen by control flow, one that is known at compile time "
                "is required";
    // The operation whose points are known, then outwards to the allocation's
    // block: what a loop uses has to survive all of its iterations.
    while (!points.contains(user))
      user = user->getParentOp();
    Span used = points.lookup(user);
    for (Operation *outer = user; outer->getBlock() != alloc->getBlock();) {
      outer = outer->getParentOp();
      if (!isa<LoopLikeOpInterface>(outer))
        continue;
      used = points.lookup(outer);
    }
    span.first = span.first < 0 ? used.first : std::min(span.first, used.first);
    span.last = std::max(span.last, used.last);
  }
  return span;
}

LogicalResult Planner::addBuffer(memref::AllocOp alloc) {
  MemRefType type = alloc.getType();
  if (!type.hasStaticShape() || !type.getLayout().isIdentity() ||
      !elementBytes(type.getElementType()))
    return alloc.emitError("buffer of ")
           << type
           << " found, static shape and elements of whole bytes are required";
  FailureOr<Span> span = lifetime(alloc);
  if (failed(span))
    return failure();
  std::string name = nodeName(alloc.getLoc()).str();
  if (name.empty())
    name = "buffer" + std::to_string(allocs.size());
  ids[alloc] = problem.addBuffer(
      {name, spanBytes(type), bufferAlign, span->first, span->last});
  allocs.push_back(alloc);
  return success();
}

void Planner::addInPlacePairs() {
  ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  std::vector<InPlacePair> pairs;
  for (auto &[op, span] : points) {
    if (!isComputeOp(op))
      continue;
    for (auto [from, to] : inPlaceCandidates(op)) {
      auto fromId = ids.find(from), toId = ids.find(to);
      if (fromId == ids.end() || toId == ids.end())
        continue;
      const ArenaBuffer &a = buffers[fromId->second];
      const ArenaBuffer &b = buffers[toId->second];
      if (a.last == b.first && a.first < a.last && a.last == span.last)
        pairs.push_back({fromId->second, toId->second});
    }
  }
  llvm::sort(pairs); // `points` has no order of its own.
  for (InPlacePair pair : pairs)
    problem.allowInPlace(pair.from, pair.to);
}

void Planner::replaceAllocs(const ArenaPlan &plan) {
  OpBuilder builder = OpBuilder::atBlockBegin(&main.front());
  auto arenaType =
      MemRefType::get({int64_t(plan.arenaSize)}, builder.getI8Type());
  Value arena = main.front().addArgument(arenaType, main.getLoc());
  for (auto [id, alloc] : llvm::enumerate(allocs)) {
    builder.setInsertionPoint(alloc);
    Value offset = arith::ConstantIndexOp::create(builder, alloc.getLoc(),
                                                  plan.offsets[id]);
    auto view = memref::ViewOp::create(
        builder, alloc.getLoc(),
        MemRefType::get(alloc.getType().getShape(),
                        alloc.getType().getElementType()),
        arena, offset, ValueRange());
    alloc.replaceAllUsesWith(view.getResult());
    alloc.erase();
  }
}

/// Every argument becomes a run of bytes, as the arena is: one form of address
/// for all memory.
LogicalResult Planner::argumentsToBytes() {
  OpBuilder builder = OpBuilder::atBlockBegin(&main.front());
  for (BlockArgument argument : main.getArguments()) {
    auto type = cast<MemRefType>(argument.getType());
    argument.setType(MemRefType::get({spanBytes(type)}, builder.getI8Type()));
    Value zero = arith::ConstantIndexOp::create(builder, argument.getLoc(), 0);
    auto view = memref::ViewOp::create(builder, argument.getLoc(), type,
                                       argument, zero, ValueRange());
    argument.replaceAllUsesExcept(view, view);
  }
  return success();
}

FailureOr<MemoryMap> Planner::run(const ArenaOptions &options) {
  number(main.front());
  SmallVector<memref::DeallocOp> deallocs;
  main.walk([&](memref::DeallocOp op) { deallocs.push_back(op); });
  for (memref::DeallocOp op : deallocs)
    op.erase();
  WalkResult added = main.walk([&](memref::AllocOp alloc) {
    return failed(addBuffer(alloc)) ? WalkResult::interrupt()
                                    : WalkResult::advance();
  });
  if (added.wasInterrupted())
    return failure();
  addInPlacePairs();

  llvm::Expected<ArenaPlan> plan = planArena(problem, options);
  if (!plan)
    return main.emitError("arena: ") << llvm::toString(plan.takeError());
  if (llvm::Error error = verifyArena(problem, *plan))
    return main.emitError("arena: ") << llvm::toString(std::move(error));
  if (failed(argumentsToBytes()))
    return failure();
  replaceAllocs(*plan);
  OpBuilder builder(main);
  main.setType(builder.getFunctionType(main.front().getArgumentTypes(), {}));
  return MemoryMap(problem, *plan);
}

/// Constants become runs of bytes, too, of which attrs::constant says the
/// elements.
static LogicalResult constantsToBytes(ModuleOp module) {
  OpBuilder builder(module.getContext());
  for (auto global : module.getOps<memref::GlobalOp>()) {
    MemRefType type = global.getType();
    std::optional<Attribute> value = global.getInitialValue();
    if (!value || !type.hasStaticShape() || !type.getLayout().isIdentity() ||
        !elementBytes(type.getElementType()))
      return global.emitError("constant of ")
             << type << " found, a value of whole bytes is required";
    global.setType(MemRefType::get({spanBytes(type)}, builder.getI8Type()));
    global.removeInitialValueAttr();
    global->setAttr(attrs::constant, *value);
  }
  SymbolTable symbols(module);
  module.walk([&](memref::GetGlobalOp use) {
    auto type = cast<MemRefType>(use.getType());
    auto global = symbols.lookup<memref::GlobalOp>(use.getName());
    builder.setInsertionPointAfter(use);
    use.getResult().setType(global.getType());
    Value zero = arith::ConstantIndexOp::create(builder, use.getLoc(), 0);
    auto view = memref::ViewOp::create(builder, use.getLoc(), type, use, zero,
                                       ValueRange());
    use.getResult().replaceAllUsesExcept(view, view);
  });
  return success();
}

namespace {
struct PlanArena : mlc::impl::PlanArenaBase<PlanArena> {
  using PlanArenaBase::PlanArenaBase;
  void runOnOperation() override;
};
} // namespace

void PlanArena::runOnOperation() {
  ModuleOp module = getOperation();
  FailureOr<func::FuncOp> main = findMain(getOperation());
  if (failed(main) || failed(constantsToBytes(module)))
    return signalPassFailure();
  ArenaOptions options;
  options.solver = solver;
  FailureOr<MemoryMap> map = Planner(*main).run(options);
  if (failed(map))
    return signalPassFailure();
  Builder builder(module.getContext());
  module->setAttr(attrs::arenaSize, builder.getI64IntegerAttr(map->getSize()));
  module->setAttr(attrs::arenaLowerBound,
                  builder.getI64IntegerAttr(map->getLowerBound()));
  module->setAttr(attrs::arenaPlan, attributeOf(*map, module.getContext()));
}

} // namespace mlc
