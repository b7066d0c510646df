//===- Emitter.h - what all kernel emitters build with ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. An Emitter builds index arithmetic, loops and vector
// accesses at its rewriter's insertion point. Memrefs are accessed through a
// View: one flat dimension and the strides of the original, so that emitters
// compute linear addresses whose constant parts end up in the instructions.
//
//   Emitter e(rewriter, op->getLoc(), target);
//   FailureOr<View> x = e.view(op.getInput());
//   e.loop(0, 8, [&](Value i) {
//     Value v = e.load(*x, e.mul(i, x->strides[0]), 16);
//   });
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_EMITTER_H
#define MLC_CODEGEN_EMITTER_H

#include "Schedule/OperandLayout.h"
#include "Target/Target.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"

namespace mlc {

using mlir::Type;
using mlir::Value;
using mlir::ValueRange;
using Values = llvm::SmallVector<Value>;

/// A memref as one flat dimension, with the sizes and strides of the original.
struct View : OperandLayout {
  Value flat;
  /// Integers are extended with zeros.
  bool isUnsigned = false;
};

/// Integers that are the same in all iterations of emitted loops are passed as
/// int64_t, others as Value; sums and products of constants fold.
class Emitter {
public:
  Emitter(mlir::RewriterBase &builder, mlir::Location loc,
          const TargetInfo &target)
      : builder(builder), loc(loc), target(target) {}

  mlir::RewriterBase &builder;
  mlir::Location loc;
  const TargetInfo &target;

  /// Fails unless sizes and strides are static and the innermost stride is 1.
  mlir::FailureOr<View> view(Value memref, bool isUnsigned = false);

  // Indices.
  Value index(int64_t value);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b);
  Value sub(Value a, Value b);
  Value mul(Value a, int64_t b);
  Value div(Value a, int64_t b); ///< a >= 0
  Value rem(Value a, int64_t b); ///< a >= 0
  Value min(Value a, int64_t b);
  Value max(Value a, int64_t b);

  // Loops from `from` to `to`; a single iteration is emitted without a loop,
  // none as nothing.
  void loop(int64_t from, int64_t to, int64_t step,
            llvm::function_ref<void(Value)> body);
  /// The same, with iterations that may run in any order and at once; marked
  /// as CodeGen.h says. A single iteration that writes outside of parallel
  /// loops within it is emitted as a loop nevertheless, around a body that
  /// knows the constant.
  void parallelLoop(int64_t from, int64_t to, int64_t step,
                    llvm::function_ref<void(Value)> body);
  /// One or the other: a plain loop around parallel ones is run by each thread.
  void loopOver(bool isParallel, int64_t from, int64_t to, int64_t step,
                llvm::function_ref<void(Value)> body) {
    if (isParallel)
      parallelLoop(from, to, step, body);
    else
      loop(from, to, step, body);
  }
  /// What prepares scratch memory for the parallel loops that follow beside it:
  /// each part does it that does some of them.
  void perPart(llvm::function_ref<void()> body);
  using CarryingBody = llvm::function_ref<Values(Value iv, ValueRange carried)>;
  Values loop(Value from, Value to, int64_t step, ValueRange carried,
              CarryingBody body);

  /// Which part of its work the function does that is being emitted into, as
  /// an index; null where it does all.
  Value part();

  /// Memory of the function that `op` is in, from a line of the cache on.
  View onStack(mlir::Operation *op, int64_t count, Type element);

  // Vectors. `lanes` elements from `at` on.
  Type vectorOf(Type element, int64_t lanes);
  Value load(const View &from, Value at, int64_t lanes);
  void store(const View &to, Value at, Value vector);
  /// Says that the cache line of the element will be written.
  void prefetchToWrite(const View &to, Value at);
  /// Says that the cache line will be read soon: L2 fetches it.
  void prefetchToRead(const View &from, Value at);
  /// One element, repeated.
  Value loadSplat(const View &from, Value at, int64_t lanes, Type as);
  Value splat(Value scalar, int64_t lanes);
  Value constant(Type type, double value);
  /// The first `lanes` of `vector`.
  Value narrow(Value vector, int64_t lanes) { return slice(vector, 0, lanes); }
  /// Those from `from` on.
  Value slice(Value vector, int64_t from, int64_t lanes);
  /// `vector` as the first lanes of `whole`, or those from `at` on.
  Value insert(Value vector, Value whole, int64_t at = 0);
  /// The same bits as elements of `bits` bits.
  Value bitcast(Value vector, unsigned bits);
  Value bitcast(Value vector, Type element);
  /// An instruction of the CPU, by LLVM's name for it.
  Value intrinsic(llvm::StringRef name, Type type, ValueRange operands);
  /// Element conversion of a scalar or vector: extends and truncates floats,
  /// extends integers by sign or zeros, integers to floats and back.
  Value convert(Value value, Type element, bool isUnsigned = false);

  /// a * b + c; fused where the target can.
  Value multiplyAdd(Value a, Value b, Value c);
  Value plus(Value a, Value b);
  Value times(Value a, Value b);
  /// NaN if either is.
  Value maximum(Value a, Value b, bool isUnsigned = false);
  Value minimum(Value a, Value b, bool isUnsigned = false);
  /// The same where nothing is NaN; of NaNs, either may come out.
  Value maximumNumber(Value a, Value b, bool isUnsigned = false);
};

/// Of a vector.
int64_t lanesOf(Value vector);

/// The x86 instruction on vectors of `bits` bits: 128, 256 or 512.
llvm::StringRef x86Name(int64_t bits, llvm::StringRef sse, llvm::StringRef avx,
                        llvm::StringRef avx512);

/// The largest power of two that is at most `value` >= 1.
int64_t floorPowerOfTwo(int64_t value);

/// Pieces of `count` elements as (start, lanes): full vectors of `lanes`, then
/// one narrower vector. Calls `body` in a loop over the full ones.
void forEachVector(Emitter &e, int64_t count, int64_t lanes,
                   llvm::function_ref<void(Value start, int64_t lanes)> body);

} // namespace mlc

#endif // MLC_CODEGEN_EMITTER_H
