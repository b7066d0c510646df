//===- ConvSchedule.cpp - how convolutions are computed -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Pack.h"
#include "Schedule/Models.h"
#include "Schedule/WindowTile.h"

using namespace mlir;
using namespace mlc;
using kernel::Prefetch;

/// The CPU as tiles of sums of bytes see it: smull leaves two sums a lane, so
/// that accumulators take two registers each. Of nibbles a vector becomes two,
/// which CPUs that multiply by a lane keep beside a vector of each pixel.
static TargetInfo registersForBytes(TargetInfo target, bool hasNibbles) {
  constexpr unsigned ofNibbles = 4;
  if (hasNibbles && target.multipliesByLane())
    target.vectorRegisters -= ofNibbles;
  if (target.byteUnit == ByteUnit::smull)
    target.vectorRegisters /= 2;
  return target;
}

static bool sumsF16(kernel::ConvOp op, const TargetInfo &target) {
  return mlc::sumsF16(op.getInput(), op.getWeights(), target);
}

namespace {

class ConvScheduler {
public:
  ConvScheduler(kernel::ConvOp op, const ScheduleRequest &request)
      : op(op), request(request), target(request.target),
        bytes(registersForBytes(request.target, op.getNibbles())) {}

  FailureOr<ScheduleFields> run();

private:
  LogicalResult initialize();
  bool shouldKeepRows() const;
  kernel::Merge mergeable() const;
  void choosePrefetch();
  void chooseTiles();
  bool canShareInputs() const;
  GemmTile chooseTileOf(int64_t vectors, AllowedWidths allowed,
                        unsigned spare) const;
  int64_t pixelCount() const { return images * height.count * width.count; }
  int64_t windowSize() const { return height.kernel * width.kernel; }
  bool fetches(Prefetch what) const {
    return bitEnumContainsAny(fields.prefetch, what);
  }

  kernel::ConvOp op;
  const ScheduleRequest &request;
  const TargetInfo &target;
  TargetInfo bytes;
  ConvLayouts layouts;
  SmallVector<OperandLayout> epilogue;
  Window height, width;
  int64_t images, groups, groupIn, groupOut, block, blocks;
  bool hasSteps, hasQuads, hasPairs, hasOctets, hasNibbles, hasTable, inF16;
  ScheduleFields fields;
};

} // namespace

/// A power of two that divides the block, no wider than a vector or than what
/// there are channels, but where several lie side by side: these have at least
/// four lanes.
static int64_t vectorLanes(const TargetInfo &target, kernel::ConvOp op,
                           int64_t channels, int64_t block) {
  constexpr unsigned ofF16 = 16;
  int64_t most = target.lanes(
      sumsF16(op, target) ? ofF16
                          : op.getAccumulatorType().getIntOrFloatBitWidth());
  int64_t needed = llvm::PowerOf2Ceil(channels);
  if (op.hasOctets())
    return kernel::PackedWeights::leastLanes;
  if (op.hasSteps()) {
    constexpr int64_t least = kernel::PackedWeights::leastLanes;
    needed = std::max(needed, least);
    most = std::max(most, least);
  }
  return std::min({most, needed, block & -block});
}

LogicalResult ConvScheduler::initialize() {
  FailureOr<ConvLayouts> found =
      ConvLayouts::get(cast<kernel::KernelOpInterface>(op.getOperation()),
                       op.getInputChannelsFirst(), request);
  if (failed(found))
    return failure();
  layouts = *found;
  FailureOr<SmallVector<OperandLayout>> operands =
      layoutsOf(op.getEpilogueOperands());
  if (failed(operands))
    return failure();
  epilogue = *operands;
  const OperandLayout &in = layouts.in, &w = layouts.weights;
  const OperandLayout &out = layouts.out;
  bool leads = request.rows && request.rows->leads();
  int64_t top = request.rows && !leads ? 0 : op.getPads()[0];
  height = {in.sizes[1],        out.sizes[1],         w.sizes[2],
            op.getStrides()[0], op.getDilations()[0], top};
  if (leads)
    height.count = height.fitting(op.getPads()[2]);
  width = {in.sizes[2],        out.sizes[2],         w.sizes[3],
           op.getStrides()[1], op.getDilations()[1], op.getPads()[1]};
  hasSteps = op.hasSteps();
  hasQuads = op.hasQuads();
  hasPairs = op.hasPairs();
  hasOctets = op.hasOctets();
  hasNibbles = op.getNibbles();
  hasTable = op.getTable() != nullptr;
  inF16 = sumsF16(op, target);
  images = in.sizes[0];
  groups = op.getGroups();
  blocks = w.sizes[1];
  groupIn = op.getGroupIn();
  block = w.sizes[5];
  groupOut = out.sizes[3] / groups;
  return success();
}

/// Whether rows are outside of chunks: where each chunk would read the input
/// from beyond L2, while that holds the weights of all chunks.
bool ConvScheduler::shouldKeepRows() const {
  unsigned widest = 1;
  for (GemmTile tile : target.gemmTiles)
    widest = std::max(widest, tile.vectors);
  return groups == 1 && layouts.in.strides[3] == 1 &&
         groupOut > widest * fields.lanes &&
         layouts.in.spanBytes() > target.l2 / 2 &&
         layouts.weights.spanBytes() <= target.l2 / 2;
}

kernel::Merge ConvScheduler::mergeable() const {
  bool leads = request.rows && request.rows->leads();
  return leads ? kernel::Merge::none
               : mergeableOf(layouts, epilogue, height, width);
}

void ConvScheduler::choosePrefetch() {
  bool keepsRows = fields.order == kernel::LoopOrder::rows;
  if (groups > 1 && isWorthFetching(op, request, layouts.in))
    fields.prefetch = fields.prefetch | Prefetch::inputs;
  if (!keepsRows && groups * blocks > 1 &&
      isWorthFetching(op, request, pixelCount()))
    fields.prefetch = fields.prefetch | Prefetch::weights;
  // The input of the next row, from beyond L2, has gaps that the CPU does not
  // foresee.
  if (keepsRows && width.kernel < width.stride && target.triple.isArch64Bit())
    fields.prefetch = fields.prefetch | Prefetch::rows;
  // What L2 does not hold would have to come before it is written: it comes
  // while the tile is computed.
  constexpr int64_t leastSteps = 32;
  if (layouts.out.spanBytes() > target.l2 / 2 &&
      groupIn * windowSize() >= leastSteps)
    fields.prefetch = fields.prefetch | Prefetch::outputs;
}

/// Whether a step may take all kernel columns at once: where the steps are
/// worth a loop.
bool ConvScheduler::canShareInputs() const {
  constexpr int64_t leastSteps = 8;
  return width.kernel > 1 && groupIn >= leastSteps && !hasSteps && !hasTable &&
         !inF16 && layouts.in.strides[3] == 1 && !target.multipliesByLane();
}

namespace {
/// How CPUs multiply bytes that have no instruction for quads: as words
/// (ByteUnit::pmaddwd), or by TargetInfo::bytePairs in pairs
/// (Kernel/IR/Pairs.h) or by weights of 4 bits.
enum class ByteForm { words, pairs, nibbles };
} // namespace

/// Instructions of a step on so many pixels and vectors. Where bytes become
/// words, a pixel's quad takes three, weights four a vector, and their products
/// four; of pairs a step is four quads, which a load and five shuffles prepare;
/// of nibbles it is two, which take a load each, weights six a vector, and
/// their products five.
static int64_t byteStepCost(int64_t rows, int64_t vectors, ByteForm form) {
  if (rows == 0)
    return 0;
  switch (form) {
  case ByteForm::words:
    return rows * (3 + 4 * vectors) + 4 * vectors + 1;
  case ByteForm::pairs:
    return rows * (6 + 12 * vectors) + 4 * vectors + 4;
  case ByteForm::nibbles:
    return rows * (2 + 5 * vectors) + 6 * vectors;
  }
  llvm_unreachable("a form without a cost");
}

/// With 16 registers: two vectors of each weights where there are, and pixels
/// such that accumulators leave room to what bytes become.
static GemmTile chooseByteTile(int64_t pixels, int64_t vectors,
                               AllowedWidths allowed, ByteForm form) {
  GemmTile best = {1, 1};
  double least = 0;
  for (unsigned nv : {2, 1}) {
    if (nv > vectors || (nv != 1 && nv != vectors && !allowed(nv)))
      continue;
    int64_t most = nv == 1 ? 6 : form == ByteForm::pairs ? 4 : 3;
    for (int64_t rows = std::min(most, pixels); rows >= 1; --rows) {
      double cost = double(pixels / rows * byteStepCost(rows, nv, form) +
                           byteStepCost(pixels % rows, nv, form)) /
                    nv;
      if (least == 0 || cost < least) {
        least = cost;
        best = {unsigned(rows), nv};
      }
    }
  }
  return best;
}

/// Of octets, by pairs of pixels: LLVM, which loads early, finds room in 32
/// registers for accumulators of four by four vectors, not of six. Two octets
/// take four products for a pair and a vector, and two to make it a pair.
static GemmTile choosePairTile(int64_t pixels, int64_t vectors,
                               AllowedWidths allowed) {
  constexpr int64_t mostRows = 4, mostVectors = 4, latency = 12;
  auto cost = [](int64_t rows, int64_t nv) {
    int64_t pairs = llvm::divideCeil(rows, 2);
    return rows == 0 ? 0 : std::max(pairs * (4 * nv + 2), 2 * latency);
  };
  GemmTile best = {1, 1};
  double least = 0;
  for (int64_t nv = std::min(mostVectors, vectors); nv >= 1; --nv) {
    if (nv != 1 && nv != vectors && !allowed(nv))
      continue;
    for (int64_t rows = std::min(mostRows, pixels); rows >= 1; --rows) {
      double total =
          double(pixels / rows * cost(rows, nv) + cost(pixels % rows, nv)) / nv;
      if (least == 0 || total < least) {
        least = total;
        best = {unsigned(rows), unsigned(nv)};
      }
    }
  }
  return best;
}

GemmTile ConvScheduler::chooseTileOf(int64_t vectors, AllowedWidths allowed,
                                     unsigned spare) const {
  if (hasOctets && !request.measured.tile)
    return choosePairTile(width.count, vectors, allowed);
  constexpr unsigned few = 16;
  if (hasQuads && target.byteUnit == ByteUnit::pmaddwd &&
      target.vectorRegisters <= few && !request.measured.tile)
    return chooseByteTile(width.count, vectors, allowed,
                          hasPairs                         ? ByteForm::pairs
                          : hasNibbles && target.bytePairs ? ByteForm::nibbles
                                                           : ByteForm::words);
  const TargetInfo &registers = hasQuads ? bytes : target;
  GemmTile result = chooseTile(op, registers, request.measured.tile,
                               width.count, vectors, allowed, spare);
  if (request.measured.tile && (*request.measured.tile)[1] == result.vectors)
    return result;
  unsigned most =
      mostWindowPixels(fields.windowRegisters, width, result.vectors);
  if (result.vectors == 1 && most >= 1)
    result.rows = chooseWindowPixels(width, 1, most);
  return result;
}

/// Registers that a step on several elements needs beside accumulators, a
/// vector of each weights and an activation: where bytes become words, or bf16
/// f32, twice the weights and what they are made of; of nibbles a mask as well.
static unsigned stepRegisters(const TargetInfo &target, bool hasQuads,
                              bool hasNibbles) {
  if (hasNibbles)
    return 5;
  bool isSplit =
      hasQuads ? target.byteUnit == ByteUnit::pmaddwd : !target.dotsBf16();
  return isSplit ? 4 : 0;
}

/// Full tiles where each begins at the same place of a block, then tiles for
/// the vectors that remain.
void ConvScheduler::chooseTiles() {
  int64_t lanes = fields.lanes;
  int64_t vectors = llvm::divideCeil(groupOut, lanes);
  int64_t floats = windowSize() * groupIn * groupOut * groups;
  // LLVM moves no load across what fetches: some wait in registers.
  unsigned spare = fetches(Prefetch::weights) ? 2 : 0;
  if (hasSteps)
    spare += stepRegisters(target, hasQuads, hasNibbles);
  // Pairs are a block's own.
  auto most = [&](int64_t done) {
    int64_t left = vectors - done, inBlock = block / lanes;
    return hasPairs ? std::min(left, inBlock - done % inBlock) : left;
  };
  GemmTile tile = chooseTileOf(
      most(0), PackedWidths{lanes, block, pixelCount(), floats}, spare);
  fields.setTile(tile);
  int64_t chunks = groupOut / lanes / tile.vectors;
  int64_t done = chunks > 1 ? chunks * tile.vectors : 0;
  while (done < vectors) {
    int64_t next = std::min<int64_t>(tile.vectors, most(done));
    int64_t last = std::min(lanes, groupOut - (done + next - 1) * lanes);
    // LLVM makes the narrow half of a broadcast in a register of its own.
    bool isNarrow = int64_t(llvm::PowerOf2Ceil(last)) < lanes;
    tile =
        chooseTileOf(next, [](unsigned) { return true; }, isNarrow ? 4 : spare);
    fields.addRest(tile);
    done += tile.vectors;
  }
}

FailureOr<ScheduleFields> ConvScheduler::run() {
  if (failed(initialize()))
    return failure();
  fields.lanes = vectorLanes(target, op, groupOut, block);
  const Decision &measured = request.measured;
  fields.divide = measured.divide.value_or(divisionOf(layouts));
  if (inF16)
    setTerms(target, fields);
  if (groups == 1)
    fields.order =
        measured.order.value_or(shouldKeepRows() ? kernel::LoopOrder::rows
                                                 : kernel::LoopOrder::channels);
  choosePrefetch();
  fields.prefetch = measured.prefetch.value_or(fields.prefetch);
  fields.unroll = measured.unroll.value_or(fields.unroll);
  if (fields.order != kernel::LoopOrder::rows) {
    fields.merge = mergeable();
    mergePixels(fields.merge, height, width, images);
  }
  if (canShareInputs() && measured.sharesInputs.value_or(true))
    fields.windowRegisters = windowRegisters(target);
  // Of one pixel there are few sums.
  constexpr int64_t enough = 4;
  fields.leastSums = pixelCount() == 1 ? enough : 0;
  fields.epilogue = epilogueVectors(target);
  chooseTiles();
  return fields;
}

namespace {
struct ConvModel
    : ScheduleOpInterface::ExternalModel<ConvModel, kernel::ConvOp> {
  kernel::ScheduleAttr makeSchedule(Operation *op,
                                    const ScheduleRequest &request) const {
    auto conv = cast<kernel::ConvOp>(op);
    if (auto matrices = scheduleMatrices(conv, request))
      return matrices->get(op->getContext());
    FailureOr<ScheduleFields> fields = conv.getGroupsInBlock() > 1
                                           ? scheduleGroupConv(conv, request)
                                           : ConvScheduler(conv, request).run();
    return failed(fields) ? kernel::ScheduleAttr()
                          : fields->get(op->getContext());
  }
};
} // namespace

template <>
void mlc::attachSchedule<kernel::ConvOp>(MLIRContext *context) {
  kernel::ConvOp::attachInterface<ConvModel>(*context);
}
