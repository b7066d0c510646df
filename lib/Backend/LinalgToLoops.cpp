//===- LinalgToLoops.cpp - loops that LLVM vectorises ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/LinalgToLoops.h"
#include "Backend/Address.h"
#include "Backend/LoopNest.h"
#include "CodeGen/CodeGen.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace mlc {

/// Iterations of an innermost loop that are worth one around them.
static constexpr int64_t kBlock = 2048;

namespace {

class LoopEmitter {
public:
  LoopEmitter(linalg::LinalgOp op, LoopNest nest, RewriterBase &rewriter)
      : op(op), nest(std::move(nest)), rewriter(rewriter), loc(op.getLoc()) {}

  void emit();

private:
  Value flat(Value memref);
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(rewriter, loc, value);
  }
  bool isParallel(unsigned depth) const;
  void emitLoop(unsigned depth);
  void emitParallel(int64_t from, int64_t to, int64_t step,
                    llvm::function_ref<void(Value)> body);
  void emitBlocks(unsigned depth);
  void emitIterations(unsigned depth, Value from, Value to);
  void emitPoint(unsigned depth);
  SmallVector<Value> emitCarried(unsigned depth, ValueRange results);
  Value position(unsigned operand);
  Value load(OpOperand &use);
  void store(OpOperand &use, Value value);
  SmallVector<Value> emitBody(ValueRange results);
  void allowReassociation();

  linalg::LinalgOp op;
  LoopNest nest;
  RewriterBase &rewriter;
  Location loc;
  SmallVector<Value> pointers; ///< one-dimensional, one for each operand
  SmallVector<Value> counters; ///< of the loops around, outermost first
  DenseMap<Operation *, Operation *> clones;
};

} // namespace

/// `memref` as a line of elements, to be indexed by distance from the first.
Value LoopEmitter::flat(Value memref) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  if (!type)
    return memref;
  int64_t bytes = elementBytes(type.getElementType());
  auto line = MemRefType::get({spanBytes(type) / std::max<int64_t>(bytes, 1)},
                              type.getElementType());
  if (type == line)
    return memref;
  return memref::ReinterpretCastOp::create(
      rewriter, loc, line, memref, 0, line.getShape(), ArrayRef<int64_t>{1});
}

Value LoopEmitter::position(unsigned operand) {
  Value sum;
  for (auto [loop, counter] : llvm::zip(nest.loops, counters)) {
    int64_t step = loop.coefficients[operand];
    if (step == 0)
      continue;
    Value term = counter;
    if (step != 1)
      term = arith::MulIOp::create(rewriter, loc, counter, constant(step));
    sum = sum ? arith::AddIOp::create(rewriter, loc, sum, term) : term;
  }
  int64_t base = nest.bases[operand];
  if (!sum)
    return constant(base);
  if (base == 0)
    return sum;
  return arith::AddIOp::create(rewriter, loc, sum, constant(base));
}

Value LoopEmitter::load(OpOperand &use) {
  Value pointer = pointers[use.getOperandNumber()];
  if (!isa<MemRefType>(pointer.getType()))
    return pointer;
  return memref::LoadOp::create(rewriter, loc, pointer,
                                position(use.getOperandNumber()));
}

void LoopEmitter::store(OpOperand &use, Value value) {
  memref::StoreOp::create(rewriter, loc, value,
                          pointers[use.getOperandNumber()],
                          position(use.getOperandNumber()));
}

/// The operation's payload for one point; `results` are the values that its
/// results have so far. Returns the new ones.
SmallVector<Value> LoopEmitter::emitBody(ValueRange results) {
  Block *block = op.getBlock();
  IRMapping mapping;
  for (OpOperand *input : op.getDpsInputOperands())
    if (op.payloadUsesValueFromOperand(input))
      mapping.map(op.getMatchingBlockArgument(input), load(*input));
  for (auto [output, result] : llvm::zip(op.getDpsInitsMutable(), results))
    if (result)
      mapping.map(op.getMatchingBlockArgument(&output), result);
  for (Operation &inner : block->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      for (auto [loop, counter] : llvm::zip(nest.loops, counters))
        if (loop.dim == index.getDim())
          mapping.map(index.getResult(), counter);
      continue;
    }
    clones[&inner] = rewriter.clone(inner, mapping);
  }
  SmallVector<Value> values;
  for (Value value : block->getTerminator()->getOperands())
    values.push_back(mapping.lookupOrDefault(value));
  return values;
}

/// The innermost loops, all reductions: results live in registers.
SmallVector<Value> LoopEmitter::emitCarried(unsigned depth,
                                            ValueRange results) {
  if (depth == nest.loops.size())
    return emitBody(results);
  auto loop = scf::ForOp::create(rewriter, loc, constant(0),
                                 constant(nest.loops[depth].size), constant(1),
                                 results);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToEnd(loop.getBody());
  counters.push_back(loop.getInductionVar());
  SmallVector<Value> values = emitCarried(depth + 1, loop.getRegionIterArgs());
  counters.pop_back();
  scf::YieldOp::create(rewriter, loc, values);
  return SmallVector<Value>(loop.getResults());
}

/// Whether iterations of the loop are independent: a reduction around it would
/// make them continue each other's sums.
bool LoopEmitter::isParallel(unsigned depth) const {
  return llvm::none_of(ArrayRef(nest.loops).take_front(depth + 1),
                       [](const Loop &loop) { return loop.reduction; });
}

void LoopEmitter::emitLoop(unsigned depth) {
  if (depth + nest.carried() >= nest.loops.size())
    return emitPoint(depth);
  int64_t size = nest.loops[depth].size;
  bool innermost = depth + 1 == nest.loops.size();
  if (!isParallel(depth) || (innermost && size < 2 * kBlock))
    return emitIterations(depth, constant(0), constant(size));
  if (innermost)
    return emitBlocks(depth);
  emitParallel(0, size, 1, [&](Value at) {
    counters.push_back(at);
    emitLoop(depth + 1);
    counters.pop_back();
  });
}

void LoopEmitter::emitParallel(int64_t from, int64_t to, int64_t step,
                               llvm::function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(rewriter, loc, constant(from), constant(to),
                                 constant(step));
  loop->setAttr(attrs::parallel, rewriter.getUnitAttr());
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

/// The largest size up to kBlock that divides `size`, if there is a good one.
static int64_t blockSize(int64_t size) {
  constexpr int64_t lanes = 64;
  for (int64_t block = kBlock; block >= kBlock / 2; block -= lanes)
    if (size % block == 0)
      return block;
  return kBlock;
}

/// The innermost loop by blocks, so that LLVM sees the same loop however the
/// blocks are divided.
void LoopEmitter::emitBlocks(unsigned depth) {
  int64_t size = nest.loops[depth].size, block = blockSize(size);
  int64_t full = size / block * block;
  emitParallel(0, full, block, [&](Value at) {
    Value end = arith::AddIOp::create(rewriter, loc, at, constant(block));
    emitIterations(depth, at, end);
  });
  if (full < size)
    emitParallel(full, size, block,
                 [&](Value at) { emitIterations(depth, at, constant(size)); });
}

void LoopEmitter::emitIterations(unsigned depth, Value from, Value to) {
  auto loop = scf::ForOp::create(rewriter, loc, from, to, constant(1));
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());
  counters.push_back(loop.getInductionVar());
  emitLoop(depth + 1);
  counters.pop_back();
}

void LoopEmitter::emitPoint(unsigned depth) {
  SmallVector<Value> results;
  for (OpOperand &output : op.getDpsInitsMutable()) {
    bool used = nest.carried() > 0 || op.payloadUsesValueFromOperand(&output);
    results.push_back(used ? load(output) : Value());
  }
  results = emitCarried(depth, results);
  for (auto [output, value] : llvm::zip(op.getDpsInitsMutable(), results))
    store(output, value);
}

/// The sum of a reduction may be taken in any order, and with fused
/// multiply-add: only so can its loop be vectorised. Nothing else may.
void LoopEmitter::allowReassociation() {
  bool reduces =
      llvm::any_of(nest.loops, [](const Loop &loop) { return loop.reduction; });
  if (!reduces)
    return;
  auto relax = [&](Operation *inner, arith::FastMathFlags flags) {
    auto found = clones.find(inner);
    if (found == clones.end())
      return;
    if (auto math = dyn_cast<arith::ArithFastMathInterface>(found->second))
      found->second->setAttr(
          math.getFastMathAttrName(),
          arith::FastMathFlagsAttr::get(rewriter.getContext(), flags));
  };
  auto sum = arith::FastMathFlags::reassoc | arith::FastMathFlags::contract;
  for (BlockArgument accumulator : op.getRegionOutputArgs())
    for (Operation *user : accumulator.getUsers()) {
      if (!isa<arith::AddFOp, arith::MulFOp>(user))
        continue;
      relax(user, sum);
      for (Value operand : user->getOperands())
        if (auto product = operand.getDefiningOp<arith::MulFOp>())
          relax(product, arith::FastMathFlags::contract);
    }
}

void LoopEmitter::emit() {
  for (Value operand : op->getOperands())
    pointers.push_back(flat(operand));
  emitLoop(0);
  allowReassociation();
}

LogicalResult linalgToLoops(Operation *op, RewriterBase &rewriter) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || !linalgOp.hasPureBufferSemantics())
    return op->emitError("no lowering to loops known for '")
           << op->getName() << "', a linalg operation on buffers is required";
  rewriter.setInsertionPoint(op);
  if (std::optional<LoopNest> nest = makeLoopNest(linalgOp))
    LoopEmitter(linalgOp, *nest, rewriter).emit();
  else if (failed(linalg::linalgOpToLoops(rewriter, linalgOp)))
    return op->emitError("no loops found for this operation");
  rewriter.eraseOp(op);
  return success();
}

} // namespace mlc
