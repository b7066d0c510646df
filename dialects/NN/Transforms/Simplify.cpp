//===- Simplify.cpp - Folding, identities and dead code ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/Identities.h"
#include "NN/Transforms/Passes.h"

#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/EquivalenceClasses.h"

#include <cmath>

namespace mlir::nn {
#define GEN_PASS_DEF_SIMPLIFYPASS
#include "NN/Transforms/Passes.h.inc"
} // namespace mlir::nn

using namespace mlir;
using namespace mlir::nn;

/// Whether a region of `op` reads values that are not among its operands.
static bool readsOutside(Operation *op) {
  SetVector<Value> values;
  getUsedValuesDefinedAbove(op->getRegions(), values);
  return !values.empty();
}

/// Steps that a loop may take while the model is compiled, those of the loops
/// inside of it multiplied.
constexpr uint64_t kMaxSteps = 10000;

static bool takesFewSteps(Operation *root) {
  return !root->walk([&](Operation *op) {
                uint64_t steps = isa<LoopOp>(op) ? kMaxSteps + 1 : 1;
                for (Operation *at = op; at != root->getParentOp();
                     at = at->getParentOp())
                  if (auto scan = dyn_cast<ScanOp>(at))
                    steps = llvm::SaturatingMultiply<uint64_t>(
                        steps, std::max<int64_t>(1, scan.getTripCount()));
                return steps > kMaxSteps ? WalkResult::interrupt()
                                         : WalkResult::advance();
              })
              .wasInterrupted();
}

static int64_t byteSize(Value v) {
  auto type = cast<RankedTensorType>(v.getType());
  return type.getNumElements() * bytesPerElement(type.getElementType());
}

/// What a constant takes as it is: equal elements are kept as one.
static int64_t storedSize(Value v) {
  DenseElementsAttr value;
  bool isSplat = matchPattern(v, m_Constant(&value)) && value.isSplat();
  return isSplat ? bytesPerElement(elementOf(v)) : byteSize(v);
}

static double product(ArrayRef<int64_t> sizes) {
  double result = 1;
  for (int64_t size : sizes)
    result *= static_cast<double>(size);
  return result;
}

/// Steps of the innermost loop that an op takes for one element of its result.
static double stepsAnElement(Operation *op) {
  return llvm::TypeSwitch<Operation *, double>(op)
      .Case([](OrderOp order) { // merges of all elements for those kept
        double size = shapeOf(order.getInput())[order.getAxis()];
        double kept = std::max<double>(1, order.getCount());
        return size * std::log2(size + 1) / kept;
      })
      .Case([](LinearOpInterface linear) {
        return static_cast<double>(linear.getReductionSize());
      })
      .Case([](PoolOp pool) { return product(pool.getKernel()); })
      .Case([](ResampleOp resample) {
        return static_cast<double>(shapeOf(resample.getWeights()).back());
      })
      .Default([](Operation *) { return 1.0; });
}

/// All steps of an op and of the ops inside of it, at least roughly.
static double workOf(Operation *op) {
  auto elements = [](Value v) {
    auto type = dyn_cast<RankedTensorType>(v.getType());
    return type ? product(type.getShape()) : 1.0;
  };
  double work = 0, inside = 0;
  for (Value v : op->getOperands())
    work += elements(v);
  for (Value v : op->getResults())
    work += elements(v) * stepsAnElement(op);
  for (Region &region : op->getRegions())
    for (Operation &inner : region.getOps())
      inside += workOf(&inner);
  auto scan = dyn_cast<ScanOp>(op);
  return work + inside * (scan ? static_cast<double>(scan.getTripCount()) : 1);
}

namespace {
class SimplifyPass : public nn::impl::SimplifyPassBase<SimplifyPass> {
public:
  using SimplifyPassBase::SimplifyPassBase;
  explicit SimplifyPass(ConstantEvaluator evaluator)
      : evaluator(std::move(evaluator)) {}
  SimplifyPass(const SimplifyPass &other) = default;

  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateElementwiseIdentities(set);
    populateMovementIdentities(set);
    for (RegisteredOperationName name : context->getRegisteredOperations())
      if (isa<NNDialect>(name.getDialect()))
        name.getCanonicalizationPatterns(set, context);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    int64_t before = countOps();
    if (failed(canonicalize()))
      return signalPassFailure();
    if (evaluator && evaluateConstants() && failed(canonicalize()))
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    eliminateCommonSubExpressions(rewriter, getAnalysis<DominanceInfo>(),
                                  getOperation());
    removed += before - countOps();
  }

private:
  LogicalResult canonicalize() {
    // A graph that still changes after so many rounds is correct as it is.
    (void)applyPatternsGreedily(getOperation(), patterns);
    return success();
  }

  int64_t countOps() {
    int64_t count = 0;
    getOperation().walk([&](Operation *) { ++count; });
    return count;
  }

  bool isEvaluable(Operation *op, const SetVector<Operation *> &known) const;
  bool evaluateConstants();
  bool evaluate(const SetVector<Operation *> &known);
  SmallVector<Value> liveResults(const SetVector<Operation *> &known) const;
  OwningOpRef<ModuleOp> outline(const SetVector<Operation *> &known,
                                ArrayRef<Value> results);

  ConstantEvaluator evaluator;
  FrozenRewritePatternSet patterns;
};
} // namespace

/// Whether `op` depends on constants and `known` ops alone, and may be
/// computed: its result must not swell the model.
bool SimplifyPass::isEvaluable(Operation *op,
                               const SetVector<Operation *> &known) const {
  // nn-quantize makes integer arithmetic of what still is dequantised there.
  if (!isa_and_nonnull<NNDialect>(op->getDialect()) ||
      isa<ConstantOp, DequantizeOp, BlockedDequantizeOp>(op) ||
      !isMemoryEffectFree(op) || op->getNumResults() == 0 ||
      op->getNumOperands() == 0 || readsOutside(op) || !takesFewSteps(op))
    return false;
  // Some seconds; what is more is left for whoever runs the model.
  constexpr double kMaxWork = 4e9;
  if (workOf(op) > kMaxWork)
    return false;
  int64_t from = 0, to = 0;
  SmallPtrSet<Value, 4> counted;
  for (Value operand : op->getOperands()) {
    Operation *source = operand.getDefiningOp();
    if (!source || !(isa<ConstantOp>(source) || known.contains(source)))
      return false;
    from += counted.insert(operand).second ? storedSize(operand) : 0;
  }
  for (Value result : op->getResults()) {
    if (!getElementTypeOrSelf(result.getType()).isIntOrFloat())
      return false;
    to += byteSize(result);
  }
  return to <= from + maxGrowth;
}

SmallVector<Value>
SimplifyPass::liveResults(const SetVector<Operation *> &known) const {
  SmallVector<Value> results;
  for (Operation *op : known)
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return !known.contains(user); }))
        results.push_back(result);
  return results;
}

/// A module whose function @main returns `results`.
OwningOpRef<ModuleOp> SimplifyPass::outline(const SetVector<Operation *> &known,
                                            ArrayRef<Value> results) {
  Location loc = getOperation().getLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  auto type = builder.getFunctionType(
      {}, llvm::to_vector(ValueRange(results).getTypes()));
  auto main = func::FuncOp::create(builder, loc, "main", type);
  builder.setInsertionPointToEnd(main.addEntryBlock());
  IRMapping mapping;
  for (Operation *op : known) {
    for (Value operand : op->getOperands())
      if (!mapping.contains(operand))
        builder.clone(*operand.getDefiningOp(), mapping);
    builder.clone(*op, mapping);
  }
  SmallVector<Value> returned;
  for (Value result : results)
    returned.push_back(mapping.lookup(result));
  func::ReturnOp::create(builder, loc, returned);
  return module;
}

/// Parts of `known` that do not depend on each other, as many together as read
/// and make an eighth of all the bytes: computing them takes that memory
/// several times.
static SmallVector<SetVector<Operation *>>
batchesOf(const SetVector<Operation *> &known) {
  constexpr int64_t kFewBytes = 16 << 20;
  llvm::EquivalenceClasses<Operation *> parts;
  for (Operation *op : known) {
    parts.insert(op);
    for (Value operand : op->getOperands())
      if (known.contains(operand.getDefiningOp()))
        parts.unionSets(op, operand.getDefiningOp());
  }
  llvm::MapVector<Operation *, int64_t> bytes; // of each part, by its leader
  int64_t total = 0;
  for (Operation *op : known) {
    int64_t size = 0;
    for (Value operand : op->getOperands())
      size += storedSize(operand);
    for (Value result : op->getResults())
      size += byteSize(result);
    bytes[parts.getLeaderValue(op)] += size;
    total += size;
  }
  const int64_t most = std::max(kFewBytes, total / 8);
  DenseMap<Operation *, size_t> batchOf;
  SmallVector<SetVector<Operation *>> batches;
  int64_t filled = most;
  for (auto [leader, size] : bytes) {
    if (filled + size > most) {
      batches.emplace_back();
      filled = 0;
    }
    filled += size;
    batchOf[leader] = batches.size() - 1;
  }
  for (Operation *op : known)
    batches[batchOf[parts.getLeaderValue(op)]].insert(op);
  return batches;
}

/// Replaces all maximal constant subgraphs by their values; whether there were
/// any.
bool SimplifyPass::evaluateConstants() {
  SetVector<Operation *> known;
  getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isEvaluable(op, known))
      known.insert(op);
  });
  bool isChanged = false;
  for (const SetVector<Operation *> &batch : batchesOf(known))
    isChanged |= evaluate(batch);
  return isChanged;
}

/// Whether the results of `known` that others use are constants now.
bool SimplifyPass::evaluate(const SetVector<Operation *> &known) {
  SmallVector<Value> results = liveResults(known);
  if (results.empty())
    return false;
  FailureOr<SmallVector<ElementsAttr>> values =
      evaluator(*outline(known, results));
  if (failed(values) || values->size() != results.size())
    return false;
  for (auto [result, value] : llvm::zip(results, *values)) {
    if (value.getType() != result.getType())
      return false;
    OpBuilder builder(result.getDefiningOp());
    result.replaceAllUsesWith(
        ConstantOp::create(builder, result.getLoc(), result.getType(), value));
  }
  evaluated += results.size();
  return true;
}

std::unique_ptr<Pass> nn::createSimplifyPass(ConstantEvaluator evaluator) {
  return std::make_unique<SimplifyPass>(std::move(evaluator));
}
