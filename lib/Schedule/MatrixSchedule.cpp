//===- MatrixSchedule.cpp - convolutions by a matrix unit -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A matrix unit (Target/Target.h) multiplies up to 16 pixels, each 64 bytes of
// input channels, by 16 output channels in as many cycles as there are pixels.
// Weights in quads or halves lie as it takes them, and so do pixels of one row
// whose channels are last: nothing is arranged but padding.
//
//===----------------------------------------------------------------------===//

#include "Schedule/Models.h"

using namespace mlir;
using namespace mlc;

/// Output channels of a register, which holds sums of 32 bits.
static constexpr int64_t lanes = MatrixUnit::rowBytes / 4;

/// What a band may take of the stack.
static constexpr int64_t usualBandBytes = 256 << 10, mostBandBytes = 512 << 10;

namespace {

class MatrixScheduler {
public:
  MatrixScheduler(kernel::ConvOp op, const ScheduleRequest &request)
      : op(op), request(request), target(request.target) {}

  std::optional<ScheduleFields> run();

private:
  bool initialize();
  bool isFaster();
  bool chooseSteps();
  bool chooseBand();
  bool shouldKeepRows();
  void chooseTiles();
  /// Registers that the pixels of a row take, and pixels of a register.
  int64_t registersOfRow() const {
    return llvm::divideCeil(width.count, MatrixUnit::rows);
  }
  int64_t pixelsAtOnce() const {
    return llvm::divideCeil(width.count, registersOfRow());
  }

  kernel::ConvOp op;
  const ScheduleRequest &request;
  const TargetInfo &target;
  ConvLayouts layouts;
  SmallVector<OperandLayout> epilogue;
  Window height, width;
  int64_t images, groupOut;
  int64_t products; ///< of a register of pixels by one of channels
  bool joins;       ///< the columns of a window
  int64_t rows; ///< that are computed: some of the image's, of a stream's first
  ScheduleFields fields;
};

} // namespace

bool mlc::hasMatrices(kernel::ConvOp op, const TargetInfo &target) {
  bool isThere = op.hasQuads() ? target.matrixBytes && !op.hasOctets()
                               : op.hasSteps() && target.matrixBf16;
  return isThere && !op.hasPairs() && !op.getNibbles() && !op.getTable();
}

bool mlc::isZeroPointElement(kernel::ConvOp op) {
  int64_t zero = kernel::zeroPointOf(op.getInputZeroPoint());
  return op.getInputUnsigned() ? llvm::isUInt<8>(zero) : llvm::isInt<8>(zero);
}

bool MatrixScheduler::initialize() {
  FailureOr<ConvLayouts> found =
      ConvLayouts::get(cast<kernel::KernelOpInterface>(op.getOperation()),
                       op.getInputChannelsFirst(), request);
  FailureOr<SmallVector<OperandLayout>> operands =
      layoutsOf(op.getEpilogueOperands());
  if (failed(found) || failed(operands))
    return false;
  layouts = *found;
  epilogue = *operands;
  const OperandLayout &in = layouts.in, &out = layouts.out;
  auto pads = op.getPads(), strides = op.getStrides(),
       dilations = op.getDilations();
  bool leads = request.rows && request.rows->leads();
  int64_t top = request.rows && !leads ? 0 : pads[0];
  rows = out.sizes[1];
  height = {in.sizes[1], rows,         op.getKernelHeight(),
            strides[0],  dilations[0], top};
  if (leads)
    height.count = height.fitting(pads[2]);
  width = {in.sizes[2], out.sizes[2], op.getKernelWidth(),
           strides[1],  dilations[1], pads[1]};
  images = in.sizes[0];
  groupOut = out.sizes[3] / op.getGroups();
  // Of nothing there is no register to shape.
  return !llvm::is_contained(in.sizes, 0) && !llvm::is_contained(out.sizes, 0);
}

/// The most words that a register may take where all steps take as many.
static int64_t wordsAtOnce(int64_t words) {
  int64_t most = std::min(words, MatrixUnit::rows);
  while (words % most)
    --most;
  return most;
}

/// Words of each element of the window, or of a row of it together where that
/// takes fewer products. False where neither is possible.
bool MatrixScheduler::chooseSteps() {
  const OperandLayout &in = layouts.in;
  int64_t words = op.getGroupIn() / op.getStep();
  bool isWhole = op.getGroupIn() % op.getStep() == 0 && in.strides[3] == 1;
  int64_t apart = isWhole ? words / wordsAtOnce(words) * width.kernel : 0;
  bool canJoin =
      width.dilation == 1 && (in.strides[3] == 1 || canJoinPlanes(op));
  int64_t all = layouts.weights.sizes[4] * width.kernel;
  int64_t joined = canJoin ? all / wordsAtOnce(all) : 0;
  // Arranging pixels takes a part of what it saves.
  constexpr double worth = 0.8;
  joins = joined && (!apart || joined < worth * apart);
  if (joins)
    fields.steps = {wordsAtOnce(all), width.kernel};
  else if (apart)
    fields.steps = {wordsAtOnce(words)};
  products = height.kernel * (joins ? joined : apart);
  return joins || apart;
}

/// By cycles: a product takes as many as it has pixels, but for the latency of
/// the sums that it adds to; vectors take two words a cycle.
bool MatrixScheduler::isFaster() {
  constexpr double least = 11, loads = 1.3, sums = 3, copy = 2;
  double words = double(height.kernel * width.kernel) *
                 llvm::divideCeil(op.getGroupIn(), op.getStep());
  double pixels = pixelsAtOnce();
  double matrices =
      registersOfRow() *
      (std::max(pixels, least) * loads * products + sums * pixels);
  if (joins)
    matrices += copy * width.count * height.stride * width.stride /
                llvm::divideCeil(groupOut, lanes);
  return matrices < width.count * (words / 2 + 1);
}

/// Rows whose input, with its padding, stays near: an eighth of L2. False where
/// not even one row's does.
bool MatrixScheduler::chooseBand() {
  if (!joins && height.interior(0, height.count - 1) &&
      width.interior(0, width.count - 1))
    return true;
  int64_t pixel =
      joins ? layouts.weights.sizes[4] * op.getStep() : op.getGroupIn();
  int64_t row =
      width.reachOfAll() * pixel * kernel::elementBytes(layouts.in.element);
  if (height.reach() > mostBandBytes / row)
    return false;
  int64_t usual = std::min<int64_t>(target.l2 / 8, usualBandBytes) / row;
  int64_t most = std::max(usual, height.reach());
  int64_t fitting = (most - height.reach()) / height.stride + 1;
  // Bands of one height share their code.
  fields.band =
      llvm::divideCeil(rows, llvm::divideCeil(rows, std::min(fitting, rows)));
  return true;
}

/// Whether rows are outside of chunks, so that pixels are read and written
/// once, together: where the weights of all chunks stay in L2.
bool MatrixScheduler::shouldKeepRows() {
  if (op.getGroups() != 1)
    return false;
  bool stay =
      groupOut > 2 * lanes && layouts.weights.spanBytes() <= target.l2 / 2;
  auto usual = stay ? kernel::LoopOrder::rows : kernel::LoopOrder::channels;
  return request.measured.order.value_or(usual) == kernel::LoopOrder::rows;
}

/// Two by two load least; of few channels or pixels there are more of the
/// other.
void MatrixScheduler::chooseTiles() {
  int64_t pixels = (fields.band ? fields.band : rows) * registersOfRow();
  int64_t vectors = llvm::divideCeil(groupOut, lanes);
  auto tileOf = [&](int64_t left) -> GemmTile {
    constexpr int64_t sums = 4;
    if (left == 1)
      return {unsigned(std::min(pixels, sums)), 1};
    if (pixels == 1)
      return {1, unsigned(std::min(left, sums))};
    return {2, 2};
  };
  GemmTile tile = tileOf(vectors);
  fields.setTile(tile);
  if (shouldKeepRows() && vectors % tile.vectors == 0) {
    fields.order = kernel::LoopOrder::rows;
    return;
  }
  int64_t chunks = groupOut / lanes / tile.vectors;
  int64_t done = chunks > 1 ? chunks * tile.vectors : 0;
  while (done < vectors) {
    GemmTile rest = tileOf(vectors - done);
    rest.vectors = std::min<int64_t>(rest.vectors, vectors - done);
    fields.addRest(rest);
    done += rest.vectors;
  }
}

std::optional<ScheduleFields> MatrixScheduler::run() {
  if (!hasMatrices(op, target) || op.getBlock() % lanes != 0 ||
      !isZeroPointElement(op) || !initialize() || !chooseSteps())
    return std::nullopt;
  const Decision &measured = request.measured;
  fields.unit = kernel::Unit::matrices;
  fields.lanes = lanes;
  fields.divide = measured.divide.value_or(divisionOf(layouts));
  fields.epilogue = epilogueVectors(target);
  if (!chooseBand())
    return std::nullopt;
  if (!fields.band && !(request.rows && request.rows->leads()))
    fields.merge = mergeableOf(layouts, epilogue, height, width);
  mergePixels(fields.merge, height, width, images);
  rows = fields.merge == kernel::Merge::none ? rows : 1;
  bool isChosen =
      measured.unit ? *measured.unit == kernel::Unit::matrices : isFaster();
  if (!isChosen)
    return std::nullopt;
  chooseTiles();
  return fields;
}

bool mlc::canJoinPlanes(kernel::ConvOp op) {
  constexpr int64_t pixelBytes = 8;
  auto weights = cast<ShapedType>(op.getWeights().getType());
  return op.getGroups() == 1 &&
         weights.getDimSize(4) * op.getStep() *
                 kernel::elementBytes(weights.getElementType()) ==
             pixelBytes;
}

std::optional<ScheduleFields>
mlc::scheduleMatrices(kernel::ConvOp op, const ScheduleRequest &request) {
  return MatrixScheduler(op, request).run();
}
