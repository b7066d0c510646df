//===- KernelSchedule.cpp - how each kernel op is computed ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/KernelSchedule.h"

#include "Kernel/IR/ForEachKernelOp.h"
#include "Schedule/Models.h"
#include "Schedule/Table.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include <cmath>

using namespace mlir;
using namespace mlc;

#include "ScheduleInterface.cpp.inc"

kernel::ScheduleAttr ScheduleFields::get(MLIRContext *context) const {
  auto sizes = [&](ArrayRef<int64_t> values) {
    return values.empty() ? DenseI64ArrayAttr()
                          : DenseI64ArrayAttr::get(context, values);
  };
  return kernel::ScheduleAttr::get(
      context, lanes, sizes(tile), sizes(rest), merge, order, divide, prefetch,
      windowRegisters, leastSums, unroll, sizes(steps), sizes(epilogue), unit,
      band, terms);
}

/// Makes of an image `rows` of its rows: of a window of `kept` ones, if not 0.
static void keepRows(OperandLayout &image, int64_t rows, int64_t kept) {
  image.sizes[1] = rows;
  if (kept == 0)
    return;
  image.strides[3] = 1;
  image.strides[2] = image.sizes[3];
  image.strides[1] = image.sizes[2] * image.strides[2];
  image.strides[0] = kept * image.strides[1];
}

GemmTile mlc::tileOf(kernel::ScheduleAttr schedule) {
  return {unsigned(schedule.getTile()[0]), unsigned(schedule.getTile()[1])};
}

SmallVector<GemmTile> mlc::restTilesOf(kernel::ScheduleAttr schedule) {
  SmallVector<GemmTile> tiles;
  if (auto rest = schedule.getRest())
    for (int64_t i = 0; i < rest.size(); i += 2)
      tiles.push_back({unsigned(rest[i]), unsigned(rest[i + 1])});
  return tiles;
}

void mlc::mergePixels(kernel::Merge merge, Window &height, Window &width,
                      int64_t &images) {
  if (merge == kernel::Merge::none)
    return;
  width.extent *= height.extent;
  height.extent = height.count = 1;
  if (merge == kernel::Merge::images) {
    width.extent *= images;
    images = 1;
  }
  width.count = width.extent;
}

FailureOr<ConvLayouts> ConvLayouts::get(kernel::KernelOpInterface op,
                                        bool isChannelsFirst,
                                        const ScheduleRequest &request) {
  auto dst = cast<DestinationStyleOpInterface>(op.getOperation());
  FailureOr<OperandLayout> in = OperandLayout::get(op->getOperand(0));
  FailureOr<OperandLayout> weights = OperandLayout::get(op->getOperand(1));
  FailureOr<OperandLayout> out = OperandLayout::get(dst.getDpsInits()[0]);
  if (failed(in) || failed(weights) || failed(out))
    return failure();
  if (isChannelsFirst)
    in->makeChannelsLast();
  if (request.rows) {
    keepRows(*out, request.rows->out, request.rows->outKept);
    if (!request.rows->leads())
      keepRows(*in, request.rows->in, request.rows->inKept);
  }
  return ConvLayouts{*in, *weights, *out};
}

FailureOr<SmallVector<OperandLayout>> mlc::layoutsOf(ValueRange memrefs) {
  SmallVector<OperandLayout> result;
  for (Value memref : memrefs) {
    FailureOr<OperandLayout> layout = OperandLayout::get(memref);
    if (failed(layout))
      return failure();
    result.push_back(*layout);
  }
  return result;
}

kernel::Merge mlc::mergeableOf(const ConvLayouts &layouts,
                               ArrayRef<OperandLayout> epilogue,
                               const Window &height, const Window &width) {
  if (!height.isPlain() || !width.isPlain())
    return kernel::Merge::none;
  auto isContiguous = [&](unsigned first) {
    return layouts.in.isContiguous(first, 2) &&
           layouts.out.isContiguous(first, 2) &&
           llvm::all_of(epilogue, [&](const OperandLayout &operand) {
             return operand.sizes.size() < 2 || operand.isContiguous(first, 2);
           });
  };
  return isContiguous(0)   ? kernel::Merge::images
         : isContiguous(1) ? kernel::Merge::rows
                           : kernel::Merge::none;
}

int64_t mlc::mostTermsInF16(const TargetInfo &target) {
  return target.triple.isAArch64() && !target.f16Widening ? 128 : 64;
}

double mlc::f16ErrorBound(int64_t products, const TargetInfo &target) {
  constexpr double unit = 1.0 / 2048;
  return unit * std::sqrt(double(products) *
                          std::min(products, mostTermsInF16(target)));
}

bool mlc::sumsF16(Value left, Value right, const TargetInfo &target) {
  auto isF16 = [](Value v) {
    return cast<ShapedType>(v.getType()).getElementType().isF16();
  };
  return target.multipliesF16() && isF16(left) && isF16(right);
}

void mlc::setTerms(const TargetInfo &target, ScheduleFields &fields) {
  constexpr int64_t lanesOfPixel = 8;
  fields.terms = mostTermsInF16(target);
  // Where a lane multiplies, those of one vector.
  if (target.multipliesByLane())
    fields.unroll = lanesOfPixel;
}

SmallVector<int64_t> mlc::epilogueVectors(const TargetInfo &target) {
  constexpr int64_t some = 4, most = 8;
  return {some, target.unitBits >= target.vectorBits ? most : some};
}

kernel::Division mlc::divisionOf(const ConvLayouts &layouts) {
  // Fewer do not make tiles enough to divide evenly.
  constexpr int64_t leastPixels = 14 * 14;
  const SmallVector<int64_t> &out = layouts.out.sizes;
  bool pixels =
      out[0] * out[1] * out[2] >= leastPixels &&
      layouts.weights.bytes() <= layouts.in.bytes() + layouts.out.bytes();
  return pixels ? kernel::Division::pixels : kernel::Division::channels;
}

/// In a loop, what was fetched is there from the last time; 32-bit cores have
/// no register left for one address more.
static bool canFetch(Operation *op, const ScheduleRequest &request) {
  return request.target.triple.isArch64Bit() && !request.rows &&
         !op->getParentOfType<LoopLikeOpInterface>();
}

bool mlc::isWorthFetching(Operation *op, const ScheduleRequest &request,
                          int64_t pixels) {
  // There, memory takes a hundredth of the time.
  constexpr int64_t most = 28 * 28;
  return pixels <= most && canFetch(op, request);
}

bool mlc::isWorthFetching(Operation *op, const ScheduleRequest &request,
                          const OperandLayout &input) {
  constexpr int64_t leastLines = 8;
  return input.strides[2] >= leastLines * input.lineElements() &&
         canFetch(op, request);
}

/// What was measured for `op`, unless for another algorithm.
static Decision measuredFor(Operation *op, const ScheduleTable *table) {
  if (!table)
    return {};
  std::optional<kernel::Problem> problem =
      cast<kernel::KernelOpInterface>(op).getProblem();
  const ScheduleEntry *entry = problem ? table->find(*problem) : nullptr;
  if (!entry)
    return {};
  auto winograd = dyn_cast<kernel::WinogradOp>(op);
  int64_t algorithm = winograd ? winograd.getTile() : 0;
  if (entry->decision.winograd.value_or(algorithm) != algorithm)
    return {};
  return entry->decision;
}

static LogicalResult scheduleOne(Operation *op,
                                 const ScheduleRequest &request) {
  if (kernel::scheduleOf(op))
    return success();
  auto schedule = cast<ScheduleOpInterface>(op).makeSchedule(request);
  if (!schedule)
    return failure();
  op->setAttr(kernel::scheduleName, schedule);
  return success();
}

/// Of the `index`-th stage, as the emitter of streams computes it: all rows of
/// a window at once where none are carried and none are padding.
static StageRows rowsOf(ArrayRef<kernel::StreamStage> stages,
                        const kernel::StreamPlan &plan, int64_t rows,
                        size_t index) {
  const kernel::StreamStage &stage = stages[index];
  StageRows result = {stage.inRows, rows};
  if (index < plan.windows.size()) {
    const kernel::StreamWindow &window = plan.windows[index];
    bool isWhole =
        window.carried() <= 0 && !window.leaves(stage.outRows, plan.steps);
    result.out = isWhole ? window.extent : 1;
    result.outKept = window.extent;
  }
  if (index > 0) {
    result.in = (result.out - 1) * stage.stride + stage.reach();
    result.inKept = plan.windows[index - 1].extent;
  }
  return result;
}

static LogicalResult scheduleStages(kernel::StreamOp stream,
                                    const TargetInfo &target,
                                    const ScheduleTable *table) {
  SmallVector<kernel::StreamStage> stages = stream.getStages();
  kernel::StreamPlan plan = stream.getPlan();
  for (size_t i = 0; i < stages.size(); ++i) {
    Operation *op = stages[i].op;
    if (failed(scheduleOne(op, {target, measuredFor(op, table),
                                rowsOf(stages, plan, stream.getRows(), i)})))
      return failure();
  }
  return success();
}

LogicalResult mlc::scheduleKernel(Operation *op, const TargetInfo &target,
                                  const ScheduleTable *table) {
  if (auto stream = dyn_cast<kernel::StreamOp>(op))
    return scheduleStages(stream, target, table);
  return scheduleOne(op, {target, measuredFor(op, table)});
}

LogicalResult mlc::scheduleKernels(Operation *root, const TargetInfo &target,
                                   const ScheduleTable *table) {
  WalkResult result = root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!isa<kernel::KernelOpInterface>(op))
      return WalkResult::advance();
    if (succeeded(scheduleKernel(op, target, table)))
      return WalkResult::skip();
    op->emitOpError("cannot be scheduled: strides must be static, the "
                    "innermost stride 1");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// Its stages have schedules; `rows` is part of the op.
template <>
void mlc::attachSchedule<kernel::StreamOp>(MLIRContext *) {}

void mlc::registerSchedules(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, kernel::KernelDialect *) {
    kernel::forEachKernelOp(
        [&](auto tag) { attachSchedule<typename decltype(tag)::Op>(context); });
  });
}
