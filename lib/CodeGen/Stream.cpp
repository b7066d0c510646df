//===- Stream.cpp - chains of kernels, computed by rows -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A parallel loop over steps; in each, what is missing of each window of rows,
// from the first stage to the last. Stages are emitted by their own emitters,
// for some rows: their operands become views of these rows. Windows are in the
// scratch memory of the part, and begin with the number of the step that they
// are of: a part that takes up its work in the middle of the image computes
// whole windows once, and every step behind carries rows over.
//
//===----------------------------------------------------------------------===//

#include "CodeGen/CodeGen.h"
#include "CodeGen/Emitter.h"
#include "CodeGen/Emitters.h"
#include "CodeGen/Numeric.h"
#include "CodeGen/Rows.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlc;

namespace {

class StreamEmitter {
public:
  StreamEmitter(kernel::StreamOp op, const TargetInfo &target,
                RewriterBase &rewriter)
      : op(op), e(rewriter, op.getLoc(), target), stages(op.getStages()),
        plan(op.getPlan()) {}

  LogicalResult run();

private:
  /// What is kept of an image between two stages.
  struct Buffer {
    kernel::StreamWindow window;
    int64_t imageRows;
    int64_t rowElements;
    Value memref; ///< [1, extent, W, C]
    View view;
    TypedAttr padding; ///< what rows outside the image hold
    Value first;       ///< row of the image that it begins with, in this step
  };

  LogicalResult initialize();
  Value scratch(int64_t at, MemRefType type);
  LogicalResult emitStep(Value step);
  LogicalResult emitWindow(size_t index, Value continues);
  void carry(const Buffer &buffer, Value continues);
  void fillOutside(const Buffer &buffer);
  void fillRows(const Buffer &buffer, Value from, Value to, int64_t most);
  LogicalResult emitRows(size_t index, Value first, int64_t count);
  Value rowsOf(Value image, Value first, int64_t count);

  kernel::StreamOp op;
  Emitter e;
  SmallVector<kernel::StreamStage> stages;
  kernel::StreamPlan plan;
  SmallVector<Buffer> buffers;
  Value bytes;    ///< all scratch memory, as a run
  Value lastStep; ///< memref of one i64
};

} // namespace

Value StreamEmitter::scratch(int64_t at, MemRefType type) {
  return memref::ViewOp::create(e.builder, e.loc, type, bytes, e.index(at),
                                ValueRange());
}

LogicalResult StreamEmitter::initialize() {
  FailureOr<View> memory = e.view(op.getScratch());
  if (failed(memory) || !memory->isContiguous(0, 0))
    return failure();
  bytes = memory->flat;
  lastStep = scratch(0, MemRefType::get({1}, e.builder.getI64Type()));
  for (auto [i, window] : llvm::enumerate(plan.windows)) {
    auto image = cast<MemRefType>(stages[i].init->get().getType());
    SmallVector<int64_t> shape(image.getShape());
    shape[1] = window.extent;
    auto type = MemRefType::get(shape, image.getElementType());
    Buffer buffer;
    buffer.window = window;
    buffer.imageRows = image.getDimSize(1);
    buffer.rowElements = shape[2] * shape[3];
    buffer.memref = scratch(window.at, type);
    FailureOr<View> view = e.view(buffer.memref);
    if (failed(view))
      return failure();
    buffer.view = *view;
    buffer.padding = stages[i + 1].padding;
    buffers.push_back(buffer);
  }
  return success();
}

LogicalResult StreamEmitter::run() {
  if (failed(initialize()))
    return e.builder.notifyMatchFailure(op,
                                        "scratch memory must be contiguous");
  e.perPart([&] {
    Value none = arith::ConstantIntOp::create(e.builder, e.loc, -2, 64);
    memref::StoreOp::create(e.builder, e.loc, none, lastStep, e.index(0));
  });
  LogicalResult result = success();
  e.parallelLoop(0, plan.steps, 1, [&](Value step) {
    Block *block = e.builder.getInsertionBlock();
    result = emitStep(step);
    // Loops in a step are not divided among parts.
    removePartMarks(*block, e.builder);
  });
  e.builder.eraseOp(op);
  return result;
}

LogicalResult StreamEmitter::emitStep(Value step) {
  OpBuilder &b = e.builder;
  Value number = arith::IndexCastOp::create(b, e.loc, b.getI64Type(), step);
  Value one = arith::ConstantIntOp::create(b, e.loc, 1, 64);
  Value last = memref::LoadOp::create(b, e.loc, lastStep, e.index(0));
  Value next = arith::AddIOp::create(b, e.loc, last, one);
  Value continues =
      arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::eq, next, number);
  memref::StoreOp::create(b, e.loc, number, lastStep, e.index(0));
  for (size_t i = 0; i < buffers.size(); ++i) {
    const kernel::StreamWindow &window = buffers[i].window;
    buffers[i].first = e.add(e.mul(step, window.advance), -window.before);
    if (failed(emitWindow(i, continues)))
      return failure();
  }
  int64_t rows = op.getRows();
  return emitRows(buffers.size(), e.mul(step, rows), rows);
}

/// All rows of the window that are in the image and not there yet.
LogicalResult StreamEmitter::emitWindow(size_t index, Value continues) {
  const Buffer &buffer = buffers[index];
  const kernel::StreamWindow &window = buffer.window;
  bool leaves = window.leaves(buffer.imageRows, plan.steps);
  if (window.carried() <= 0 && !leaves)
    return emitRows(index, buffer.first, window.extent);
  Value from = buffer.first;
  if (window.carried() > 0) {
    carry(buffer, continues);
    from = arith::SelectOp::create(e.builder, e.loc, continues,
                                   e.add(from, window.carried()), from);
  }
  if (leaves)
    fillOutside(buffer);
  from = e.max(from, 0);
  Value to = e.min(e.add(buffer.first, window.extent), buffer.imageRows);
  LogicalResult result = success();
  e.loop(e.index(0), e.min(e.sub(to, from), window.extent), 1, {},
         [&](Value row, ValueRange) {
           result = emitRows(index, e.add(from, row), 1);
           return Values();
         });
  return result;
}

/// Moves the rows that the step before had to the beginning.
void StreamEmitter::carry(const Buffer &buffer, Value continues) {
  auto branch = scf::IfOp::create(e.builder, e.loc, continues);
  OpBuilder::InsertionGuard guard(e.builder);
  e.builder.setInsertionPoint(branch.thenYield());
  int64_t distance = buffer.window.advance * buffer.rowElements;
  int64_t count = buffer.window.carried() * buffer.rowElements;
  forEachVector(e, count, rowLanes(e, count, buffer.view.element),
                [&](Value at, int64_t lanes) {
                  e.store(buffer.view, at,
                          e.load(buffer.view, e.add(at, distance), lanes));
                });
}

void StreamEmitter::fillOutside(const Buffer &buffer) {
  const kernel::StreamWindow &window = buffer.window;
  if (window.before > 0)
    fillRows(buffer, buffer.first, e.index(0), window.before);
  int64_t below = window.below(buffer.imageRows, plan.steps);
  if (below > 0)
    fillRows(buffer, e.max(buffer.first, buffer.imageRows),
             e.add(buffer.first, window.extent), below);
}

/// The rows [from, to) of the image, at most `most`, as padding.
void StreamEmitter::fillRows(const Buffer &buffer, Value from, Value to,
                             int64_t most) {
  e.loop(e.index(0), e.min(e.sub(to, from), most), 1, {},
         [&](Value row, ValueRange) {
           Value start =
               e.mul(e.sub(e.add(from, row), buffer.first), buffer.rowElements);
           Type element = buffer.view.element;
           forEachVector(
               e, buffer.rowElements, rowLanes(e, buffer.rowElements, element),
               [&](Value at, int64_t lanes) {
                 auto type = cast<VectorType>(e.vectorOf(element, lanes));
                 auto padding =
                     DenseElementsAttr::get(type, Attribute(buffer.padding));
                 e.store(buffer.view, e.add(start, at),
                         arith::ConstantOp::create(e.builder, e.loc, padding));
               });
           return Values();
         });
}

Value StreamEmitter::rowsOf(Value image, Value first, int64_t count) {
  auto type = cast<MemRefType>(image.getType());
  OpBuilder &b = e.builder;
  SmallVector<OpFoldResult> offsets(4, b.getIndexAttr(0)),
      strides(4, b.getIndexAttr(1)), sizes;
  for (int64_t size : type.getShape())
    sizes.push_back(b.getIndexAttr(size));
  offsets[1] = getAsOpFoldResult(first);
  sizes[1] = b.getIndexAttr(count);
  return memref::SubViewOp::create(b, e.loc, image, offsets, sizes, strides);
}

/// `count` rows of the result of a stage, from `first` on.
LogicalResult StreamEmitter::emitRows(size_t index, Value first,
                                      int64_t count) {
  const kernel::StreamStage &stage = stages[index];
  IRMapping map;
  Operation *clone = e.builder.clone(*stage.op, map);
  OpBuilder::InsertionGuard guard(e.builder);
  e.builder.setInsertionPoint(clone);
  auto out = cast<ShapedType>(stage.init->get().getType());
  for (OpOperand *operand :
       cast<kernel::KernelOpInterface>(stage.op).getEpilogueUses())
    if (cast<ShapedType>(operand->get().getType()).getShape() == out.getShape())
      clone->setOperand(operand->getOperandNumber(),
                        rowsOf(operand->get(), first, count));
  Value init = index < buffers.size()
                   ? rowsOf(buffers[index].memref,
                            e.sub(first, buffers[index].first), count)
                   : rowsOf(stage.init->get(), first, count);
  clone->setOperand(stage.init->getOperandNumber(), init);
  auto emitter = cast<KernelEmitOpInterface>(clone);
  if (index == 0)
    return emitter.emitRows(e.builder, e.target, first, stage.op);
  Value start = e.add(e.mul(first, stage.stride), -stage.pad);
  Value in =
      rowsOf(buffers[index - 1].memref, e.sub(start, buffers[index - 1].first),
             (count - 1) * stage.stride + stage.reach());
  clone->setOperand(stage.input->getOperandNumber(), in);
  auto pads = clone->getAttrOfType<DenseI64ArrayAttr>("pads");
  clone->setAttr("pads",
                 e.builder.getDenseI64ArrayAttr({0, pads[1], 0, pads[3]}));
  return emitter.emit(e.builder, e.target);
}

namespace {
struct EmitStream
    : KernelEmitOpInterface::ExternalModel<EmitStream, kernel::StreamOp> {
  LogicalResult emit(Operation *op, RewriterBase &rewriter,
                     const TargetInfo &target) const {
    return StreamEmitter(cast<kernel::StreamOp>(op), target, rewriter).run();
  }
};
} // namespace

template <>
void mlc::attachEmitter<kernel::StreamOp>(MLIRContext *context) {
  kernel::StreamOp::attachInterface<EmitStream>(*context);
}
