//===- MatrixRegisters.cpp - the registers of a matrix unit ---------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/MatrixRegisters.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlc;

static void call(Emitter &e, StringRef name, ValueRange operands) {
  LLVM::CallIntrinsicOp::create(e.builder, e.loc, e.builder.getStringAttr(name),
                                operands);
}

static Value number(Emitter &e, unsigned reg) {
  return e.constant(e.builder.getI8Type(), reg);
}

/// Where the element `at` of `view` is.
static Value pointerTo(Emitter &e, const View &view, Value at) {
  auto metadata =
      memref::ExtractStridedMetadataOp::create(e.builder, e.loc, view.flat);
  Value start = memref::ExtractAlignedPointerAsIndexOp::create(e.builder, e.loc,
                                                               view.flat);
  Value bytes = e.mul(e.add(metadata.getOffset(), at),
                      kernel::elementBytes(view.element));
  Value address = arith::IndexCastOp::create(
      e.builder, e.loc, e.builder.getI64Type(), e.add(start, bytes));
  return LLVM::IntToPtrOp::create(
      e.builder, e.loc, LLVM::LLVMPointerType::get(e.builder.getContext()),
      address);
}

MatrixRegisters MatrixRegisters::create(Emitter &e, Operation *op) {
  MatrixRegisters result;
  result.shapesAt = e.onStack(op, MatrixUnit::rowBytes, e.builder.getI8Type());
  return result;
}

/// Palette 1: a byte that says so, bytes of a row from byte 16 on in two bytes
/// each, rows from byte 48 on.
void MatrixRegisters::configure(Emitter &e, const Shapes &shapes) const {
  constexpr size_t rowBytesAt = 16, rowsAt = 48;
  SmallVector<int8_t> bytes(MatrixUnit::rowBytes);
  bytes[0] = 1;
  for (auto [i, shape] : llvm::enumerate(shapes)) {
    bytes[rowBytesAt + 2 * i] = int8_t(shape.rowBytes);
    bytes[rowsAt + i] = int8_t(shape.rows);
  }
  auto type =
      cast<VectorType>(e.vectorOf(e.builder.getI8Type(), MatrixUnit::rowBytes));
  Value constant = arith::ConstantOp::create(
      e.builder, e.loc, DenseElementsAttr::get(type, ArrayRef<int8_t>(bytes)));
  e.store(shapesAt, e.index(0), constant);
  call(e, "llvm.x86.ldtilecfg", pointerTo(e, shapesAt, e.index(0)));
}

void MatrixRegisters::release(Emitter &e) const {
  call(e, "llvm.x86.tilerelease", {});
}

void MatrixRegisters::zero(Emitter &e, unsigned reg) const {
  call(e, "llvm.x86.tilezero", number(e, reg));
}

static void move(Emitter &e, StringRef name, unsigned reg, const View &view,
                 Value at, int64_t stride) {
  Value bytes = LLVM::ConstantOp::create(
      e.builder, e.loc, e.builder.getI64Type(),
      e.builder.getI64IntegerAttr(stride * kernel::elementBytes(view.element)));
  call(e, name, {number(e, reg), pointerTo(e, view, at), bytes});
}

void MatrixRegisters::load(Emitter &e, unsigned reg, const View &from, Value at,
                           int64_t stride) const {
  move(e, "llvm.x86.tileloadd64", reg, from, at, stride);
}

void MatrixRegisters::store(Emitter &e, unsigned reg, const View &to, Value at,
                            int64_t stride) const {
  move(e, "llvm.x86.tilestored64", reg, to, at, stride);
}

void MatrixRegisters::multiplyAdd(Emitter &e, unsigned sums, unsigned x,
                                  unsigned w, const View &of) const {
  StringRef name = of.element.isBF16() ? "llvm.x86.tdpbf16ps"
                   : of.isUnsigned     ? "llvm.x86.tdpbusd"
                                       : "llvm.x86.tdpbssd";
  call(e, name, {number(e, sums), number(e, x), number(e, w)});
}
