//===- Lookup.cpp - functions of bytes by table ---------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where an instruction looks bytes up, the table stays in registers.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Emitters.h"
#include "CodeGen/Rows.h"
#include "Kernel/IR/Kernel.h"
#include "Schedule/KernelSchedule.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlc;

/// What is one iteration for threads, in elements.
static constexpr int64_t kPiece = 4096;

namespace {

class LookupEmitter {
public:
  LookupEmitter(kernel::LookupOp op, const TargetInfo &target,
                RewriterBase &rewriter)
      : op(op), lanes(kernel::scheduleOf(op).getLanes()),
        e(rewriter, op.getLoc(), target) {}

  LogicalResult run();

private:
  LogicalResult initialize();
  void loadTable();
  void emitRows();
  void emitRow(Value from, Value to, int64_t count);
  Value lookUp(Value bytes);
  Value lookUpHalves(Value bytes);
  Value lookUpQuarters(Value bytes);
  Value call(StringRef name, ValueRange operands) {
    return e.intrinsic(name, e.vectorOf(in.element, lanes), operands);
  }

  kernel::LookupOp op;
  int64_t lanes;
  Emitter e;
  View in, table, out;
  Values entries; ///< of the table, by vectors
};

} // namespace

LogicalResult LookupEmitter::initialize() {
  FailureOr<View> i = e.view(op.getInput()), t = e.view(op.getTable()),
                  o = e.view(op.getInit());
  if (failed(i) || failed(t) || failed(o))
    return e.builder.notifyMatchFailure(
        op, "strides must be static, the innermost stride 1");
  bool isScalar = e.target.byteLookup == ByteLookup::scalar;
  if (lanes != (isScalar ? 1 : e.target.lanes(8)))
    return e.builder.notifyMatchFailure(
        op, "the schedule's lanes are not those of the CPU's instruction");
  in = *i;
  table = *t;
  out = *o;
  return success();
}

void LookupEmitter::loadTable() {
  if (lanes > 1)
    for (int64_t from = 0; from < 256; from += lanes)
      entries.push_back(e.load(table, e.index(from), lanes));
}

LogicalResult LookupEmitter::run() {
  if (failed(initialize()))
    return failure();
  loadTable();
  emitRows();
  e.builder.eraseOp(op);
  return success();
}

/// Dimensions that are as one in memory are one row, all of them pieces of one.
void LookupEmitter::emitRows() {
  ArrayRef<int64_t> sizes = in.sizes;
  JoinedRows joined = joinRows(in, out);
  if (joined.outer > 0)
    return forEachPosition(
        e, sizes.take_front(joined.outer), [&](ValueRange at) {
          emitRow(linearIndex(e, in, at), linearIndex(e, out, at), joined.row);
        });
  int64_t whole = joined.row / kPiece * kPiece;
  e.parallelLoop(0, whole, kPiece, [&](Value at) { emitRow(at, at, kPiece); });
  e.parallelLoop(whole, joined.row, kPiece,
                 [&](Value at) { emitRow(at, at, joined.row - whole); });
}

void LookupEmitter::emitRow(Value from, Value to, int64_t count) {
  forEachVector(e, count, lanes, [&](Value i, int64_t n) {
    Value source = e.add(from, i), sink = e.add(to, i);
    if (lanes == 1) {
      Value byte = memref::LoadOp::create(e.builder, e.loc, in.flat, source);
      Value index = arith::IndexCastUIOp::create(
          e.builder, e.loc, e.builder.getIndexType(), byte);
      Value entry = memref::LoadOp::create(e.builder, e.loc, table.flat, index);
      memref::StoreOp::create(e.builder, e.loc, entry, out.flat, sink);
      return;
    }
    Value bytes = e.load(in, source, n);
    if (n < lanes)
      bytes = e.insert(bytes, e.constant(e.vectorOf(in.element, lanes), 0));
    e.store(out, sink, e.narrow(lookUp(bytes), n));
  });
}

Value LookupEmitter::lookUp(Value bytes) {
  return e.target.byteLookup == ByteLookup::vpermi2b ? lookUpHalves(bytes)
                                                     : lookUpQuarters(bytes);
}

/// Seven bits choose among the entries of two vectors, the eighth which two.
Value LookupEmitter::lookUpHalves(Value bytes) {
  constexpr StringLiteral name = "llvm.x86.avx512.vpermi2var.qi.512";
  Value low = call(name, {entries[0], bytes, entries[1]});
  Value high = call(name, {entries[2], bytes, entries[3]});
  Value zero = e.constant(bytes.getType(), 0);
  Value isHigh = arith::CmpIOp::create(e.builder, e.loc,
                                       arith::CmpIPredicate::slt, bytes, zero);
  return arith::SelectOp::create(e.builder, e.loc, isHigh, high, low);
}

/// Bytes beyond the 64 entries of four vectors keep what they have.
Value LookupEmitter::lookUpQuarters(Value bytes) {
  Value result;
  for (int64_t quarter = 0; quarter < 4; ++quarter) {
    Values operands(entries.begin() + 4 * quarter,
                    entries.begin() + 4 * (quarter + 1));
    Value from = e.constant(bytes.getType(), 64 * quarter);
    operands.push_back(arith::SubIOp::create(e.builder, e.loc, bytes, from));
    if (result)
      operands.insert(operands.begin(), result);
    result = call(result ? "llvm.aarch64.neon.tbx4" : "llvm.aarch64.neon.tbl4",
                  operands);
  }
  return result;
}

namespace {
struct EmitLookup
    : KernelEmitOpInterface::ExternalModel<EmitLookup, kernel::LookupOp> {
  LogicalResult emit(Operation *op, RewriterBase &rewriter,
                     const TargetInfo &target) const {
    return LookupEmitter(cast<kernel::LookupOp>(op), target, rewriter).run();
  }
};
} // namespace

template <>
void mlc::attachEmitter<kernel::LookupOp>(MLIRContext *context) {
  kernel::LookupOp::attachInterface<EmitLookup>(*context);
}
