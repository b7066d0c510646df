//===- ShareKernels.cpp - divide kernels among threads --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parallel loops of a kernel are laid on a line: each iteration is an
// interval as long as its work, in the order of execution, an outer one holding
// its inner ones. A part is an interval of the line, and does the leaves, the
// iterations that are not divided further, whose middle lies in it. So each
// leaf is done once whatever the number of parts, and parts differ by a leaf at
// most. Parts are intervals, rather than every n-th leaf, for the caches: where
// channels are the outer loop, each part reads its own weights. Where a plain
// loop is around parallel ones, its body is a line of its own, which each part
// does its interval of in every iteration.
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "Backend/WorkEstimate.h"
#include "CodeGen/CodeGen.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_SHAREKERNELS
#include "Backend/Passes.h.inc"

/// A fork and join costs a microsecond or so, and some of the caches.
static constexpr uint64_t kLeastShared = 4 * kWorkPerMicrosecond;
static constexpr uint64_t kLeastPart = 2 * kWorkPerMicrosecond;
/// Bounds are computed for each iteration around a leaf.
static constexpr uint64_t kLeastLeaf = kWorkPerMicrosecond;
static constexpr uint64_t kLeavesPerPart = 16;
/// The length of the line, so that it fits an index of any width.
static constexpr uint64_t kLine = 1 << 20;

namespace {

/// A loop marked parallel, or a line: the block around such loops as one of a
/// single iteration.
struct Loop {
  scf::ForOp op;
  uint64_t trips = 1;
  uint64_t work = 0;   ///< of one iteration
  uint64_t length = 0; ///< of one iteration, on the line
  /// In program order, if the iterations are to be divided further.
  std::vector<Loop> inner;

  bool isLeaf() const { return inner.empty(); }
};

/// Where on the line a part begins and ends.
struct Interval {
  Value from, to;
};

} // namespace

static bool isParallel(Operation &op) {
  auto loop = dyn_cast<scf::ForOp>(op);
  return loop && loop->hasAttr(attrs::parallel) && loop.getNumResults() == 0 &&
         loop.getConstantStep() && getConstantIntValue(loop.getLowerBound()) &&
         getConstantIntValue(loop.getUpperBound());
}

//===----------------------------------------------------------------------===//
// What to divide
//===----------------------------------------------------------------------===//

static Loop describe(scf::ForOp op) {
  Loop loop;
  loop.op = op;
  loop.trips = tripsOf(op);
  loop.work = workOf(*op.getBody());
  return loop;
}

/// Whether parts may each do it as it is.
static bool mayRepeat(Operation &op) {
  return op.hasAttr(attrs::perPart) || !mayWrite(&op);
}

/// The parallel loops of `block`; none if something else in it writes.
static std::vector<Loop> loopsIn(Block &block) {
  std::vector<Loop> loops;
  for (Operation &op : block) {
    if (isParallel(op))
      loops.push_back(describe(cast<scf::ForOp>(op)));
    else if (!mayRepeat(op))
      return {};
  }
  return loops;
}

/// Adds the lines of `block` and of plain loops in it. False if something but
/// parallel loops writes.
static bool findLines(Block &block, std::vector<Loop> &lines) {
  Loop line;
  for (Operation &op : block) {
    if (isParallel(op)) {
      line.inner.push_back(describe(cast<scf::ForOp>(op)));
      line.work += line.inner.back().trips * line.inner.back().work;
    } else if (!mayRepeat(op)) {
      auto loop = dyn_cast<scf::ForOp>(op);
      if (!loop || !findLines(*loop.getBody(), lines))
        return false;
    }
  }
  if (!line.inner.empty())
    lines.push_back(std::move(line));
  return true;
}

/// Divides the iterations of `loop` as far as they take more than `leaf`.
static void divide(Loop &loop, uint64_t leaf) {
  if (loop.work <= leaf)
    return;
  loop.inner = loopsIn(*loop.op.getBody());
  for (Loop &inner : loop.inner)
    divide(inner, leaf);
}

/// Lays `loop` on the line, `unit` operations to one.
static void measure(Loop &loop, uint64_t unit) {
  if (loop.isLeaf()) {
    loop.length = std::max<uint64_t>(1, (loop.work + unit / 2) / unit);
    return;
  }
  loop.length = 0;
  for (Loop &inner : loop.inner) {
    measure(inner, unit);
    loop.length += inner.trips * inner.length;
  }
}

static uint64_t leavesOf(const Loop &loop) {
  if (loop.isLeaf())
    return loop.trips;
  uint64_t sum = 0;
  for (const Loop &inner : loop.inner)
    sum += leavesOf(inner);
  return loop.trips * sum;
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

namespace {

/// Narrows the loops of a function to what one part does.
class Narrower {
public:
  Narrower(func::FuncOp function, Value part, Value parts)
      : builder(function.getContext()), loc(function.getLoc()), part(part),
        parts(parts) {}

  void narrow(const Loop &line) {
    // Not in the line's block, which may be run many times.
    builder.setInsertionPointAfterValue(part);
    interval = {startOf(part, line.length),
                startOf(add(part, constant(1)), line.length)};
    narrowInner(line, constant(0));
  }

private:
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  template <typename Op>
  Value make(Value a, Value b) {
    return builder.createOrFold<Op>(loc, a, b);
  }
  Value add(Value a, Value b) { return make<arith::AddIOp>(a, b); }
  Value scale(Value a, int64_t b) {
    return make<arith::MulIOp>(a, constant(b));
  }

  /// length * index / parts, up to rounding, without large products.
  Value startOf(Value index, int64_t length) {
    Value quotient = make<arith::DivUIOp>(constant(length), parts);
    Value rest = make<arith::RemUIOp>(constant(length), parts);
    return add(make<arith::MulIOp>(quotient, index),
               make<arith::MinUIOp>(index, rest));
  }

  /// The iteration of `loop`, which begins at `start`, that `at` falls into or,
  /// with `up`, the first that begins there or behind. At most the trips.
  Value iterationAt(const Loop &loop, Value at, Value start, bool up) {
    int64_t length = loop.length, more = up ? length - 1 : 0;
    Value distance =
        make<arith::MaxSIOp>(make<arith::SubIOp>(at, start), constant(-more));
    distance = add(distance, constant(more));
    Value index = make<arith::DivUIOp>(distance, constant(length));
    return make<arith::MinUIOp>(index, constant(loop.trips));
  }

  void narrow(const Loop &loop, Value lineStart, uint64_t offset) {
    scf::ForOp op = loop.op;
    builder.setInsertionPoint(op);
    Value start = add(lineStart, constant(offset));
    Value middle =
        loop.isLeaf() ? add(start, constant(loop.length / 2)) : start;
    Value first = iterationAt(loop, interval.from, middle, loop.isLeaf());
    Value last = iterationAt(loop, interval.to, middle, /*up=*/true);
    int64_t from = *getConstantIntValue(op.getLowerBound());
    int64_t step = *getConstantIntValue(op.getStep());
    op.setLowerBound(add(scale(first, step), constant(from)));
    op.setUpperBound(add(scale(last, step), constant(from)));
    if (loop.isLeaf())
      return;
    builder.setInsertionPointToStart(op.getBody());
    Value index = make<arith::SubIOp>(op.getInductionVar(), constant(from));
    index = make<arith::DivUIOp>(index, constant(step));
    narrowInner(loop, add(start, scale(index, loop.length)));
  }

  void narrowInner(const Loop &loop, Value start) {
    uint64_t offset = 0;
    for (const Loop &inner : loop.inner) {
      narrow(inner, start, offset);
      offset += inner.trips * inner.length;
    }
  }

  OpBuilder builder;
  Location loc;
  Value part, parts;
  Interval interval;
};

} // namespace

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static std::optional<unsigned> findArgument(func::FuncOp function,
                                            StringRef attribute) {
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (function.getArgAttr(i, attribute))
      return i;
  return std::nullopt;
}

/// What the memory of the function's arguments costs to read or write once.
static uint64_t memoryWork(func::FuncOp function) {
  constexpr uint64_t bytesAtOnce = 2; // 64 GB/s
  uint64_t bytes = 0;
  for (Type type : function.getArgumentTypes())
    if (auto memref = dyn_cast<MemRefType>(type))
      bytes += spanBytes(memref);
  return bytes / bytesAtOnce;
}

/// Divides the work of `function`; returns into how many parts at most, 1 if it
/// is not worth it.
static unsigned divideFunction(func::FuncOp function, Value part, Value parts,
                               unsigned threads) {
  Block &body = function.getBody().front();
  // As if it took that long; bounds of parts are about operations alone.
  uint64_t work = workOf(body), time = work + memoryWork(function);
  std::vector<Loop> lines;
  if (time < kLeastShared || !findLines(body, lines))
    return 1;
  double leastLeaf = double(kLeastLeaf) / time * work;
  uint64_t leaves = 0;
  for (Loop &line : lines) {
    uint64_t share = line.work / (kLeavesPerPart * threads);
    for (Loop &loop : line.inner)
      divide(loop, std::max<uint64_t>(leastLeaf, share));
    leaves = std::max(leaves, leavesOf(line));
  }
  uint64_t most = std::min<uint64_t>({threads, time / kLeastPart, leaves});
  if (most < 2)
    return 1;
  for (Loop &line : lines) {
    measure(line, llvm::divideCeil(std::max<uint64_t>(line.work, 1), kLine));
    Narrower(function, part, parts).narrow(line);
  }
  return most;
}

/// Calls of each function by its name.
using Calls = llvm::StringMap<SmallVector<func::CallOp>>;

/// The function does all of its work in any call.
static void removeParts(func::FuncOp function, unsigned part, unsigned parts,
                        ArrayRef<func::CallOp> calls) {
  OpBuilder builder(function.getContext());
  builder.setInsertionPointToStart(&function.getBody().front());
  for (auto [index, value] : {std::pair(part, 0), std::pair(parts, 1)})
    function.getArgument(index).replaceAllUsesWith(
        arith::ConstantIndexOp::create(builder, function.getLoc(), value));
  llvm::BitVector erased(function.getNumArguments());
  erased.set(part);
  erased.set(parts);
  (void)function.eraseArguments(erased);
  for (func::CallOp call : calls)
    call->eraseOperands(erased);
}

namespace {
struct ShareKernels : mlc::impl::ShareKernelsBase<ShareKernels> {
  using ShareKernelsBase::ShareKernelsBase;
  void runOnOperation() override;
};
} // namespace

void ShareKernels::runOnOperation() {
  ModuleOp module = getOperation();
  if (threads == 0) {
    module.emitError("0 threads found, at least one is required");
    return signalPassFailure();
  }
  Calls calls;
  module.walk(
      [&](func::CallOp call) { calls[call.getCallee()].push_back(call); });
  Builder builder(module.getContext());
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    std::optional<unsigned> part = findArgument(function, attrs::part);
    std::optional<unsigned> parts = findArgument(function, attrs::parts);
    if (part && parts) {
      unsigned most = divideFunction(function, function.getArgument(*part),
                                     function.getArgument(*parts), threads);
      if (most > 1)
        function->setAttr(attrs::mostParts, builder.getI64IntegerAttr(most));
      else
        removeParts(function, *part, *parts, calls[function.getName()]);
    }
    IRRewriter rewriter(function.getContext());
    removePartMarks(function.getBody().front(), rewriter);
  }
}

} // namespace mlc
