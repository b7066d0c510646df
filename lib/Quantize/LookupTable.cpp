//===- LookupTable.cpp - Functions of one tensor of bytes -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function of one byte has 256 values. They are computed here, by the ops'
// own scalar definitions. Where constants differ from channel to channel, as of
// a batch normalisation behind a concatenation, each channel is a function of
// its own: one line or two, if integers give just its values (ByteLine.h), else
// a row of a table. All forms give what floats give, so that both modes are
// one. Of 16 bits mode integer has tables of 65536 entries.
//
//===----------------------------------------------------------------------===//

#include "NN/IR/ScalarEmitter.h"
#include "NN/IR/ShapeInference.h"
#include "Quantize/ByteFunction.h"
#include "Quantize/ByteLine.h"
#include "Quantize/Islands.h"

#include <map>

using namespace mlir;
using namespace mlc;

/// Rows of a table that are looked up in mode onnx rather than computed in
/// vectors of floats: 16 KB, half of a first-level cache.
static constexpr size_t kMaxRows = 64;

/// Channels of which each is computed, and fitted, in about 0.1 ms.
static constexpr int64_t kMaxChannels = 16384;

namespace {

/// What the channels' bytes become.
struct ChannelTables {
  /// The tables that differ, in the order of bytes.
  SmallVector<SmallVector<int32_t>> rows;
  /// The row of each channel.
  SmallVector<int64_t> rowOf;
};

/// Puts integers in the place of an nn.quantize.
class ByteFunctionBuilder {
public:
  ByteFunctionBuilder(PatternRewriter &rewriter, nn::QuantizeOp op,
                      const ByteFunction &function, const ChannelTables &tables,
                      const Parameters &result)
      : rewriter(rewriter), op(op), loc(op.getLoc()), function(function),
        tables(tables), result(result) {}

  /// The form that fits; null where mode `mode` is better off with floats.
  Value build(QuantizeMode mode);

private:
  Value lookUp(ArrayRef<int64_t> shape, Value indices);
  Value lookUpRows();
  std::optional<SmallVector<BytePieces>> findPieces();
  Value computePieces(ArrayRef<BytePieces> pieces);
  Value emitPieces(ValueRange scalars, ArrayRef<BytePieces> pieces);
  /// A constant with the integer of each channel's row.
  Value channelInts(llvm::function_ref<int64_t(int64_t)> ofRow);

  PatternRewriter &rewriter;
  nn::QuantizeOp op;
  Location loc;
  const ByteFunction &function;
  const ChannelTables &tables;
  const Parameters &result;
  StoredRange limits = {0, 0, 0};
};

} // namespace

Value ByteFunctionBuilder::channelInts(
    llvm::function_ref<int64_t(int64_t)> ofRow) {
  int64_t rank = nn::shapeOf(op.getResult()).size();
  SmallVector<int64_t> shape(rank - function.axis(), 1);
  shape[0] = tables.rowOf.size();
  return makeInts(rewriter, loc, rewriter.getI32Type(),
                  llvm::map_to_vector(tables.rowOf, ofRow), shape);
}

/// What the rows, one after the other, have at `indices`.
Value ByteFunctionBuilder::lookUp(ArrayRef<int64_t> shape, Value indices) {
  SmallVector<int64_t> entries;
  for (ArrayRef<int32_t> row : tables.rows)
    entries.append(row.begin(), row.end());
  Value table = makeInts(rewriter, loc, result.stored, entries, shape);
  return nn::GatherOp::create(rewriter, loc, op.getType(), table, indices, 0);
}

Value ByteFunctionBuilder::lookUpRows() {
  Value start = channelInts([](int64_t row) { return 256 * row; });
  Type i32 = rewriter.getI32Type();
  Value indices = createMap(
      rewriter, loc, {function.source(), start}, i32, [&](ValueRange x) {
        nn::ScalarEmitter e(rewriter, loc, i32);
        // Of the byte, whatever its sign.
        return e.add(e.op<arith::ExtUIOp>(i32, x[0]), x[1]);
      });
  return lookUp({static_cast<int64_t>(256 * tables.rows.size())}, indices);
}

/// Sets `limits`, with the zero point in the offsets: those of the type, which
/// vectors saturate to by themselves, or of what there is, where more is cut
/// off, as by a relu.
std::optional<SmallVector<BytePieces>> ByteFunctionBuilder::findPieces() {
  if (!isByte(result.stored))
    return std::nullopt;
  bool isUnsigned = nn::elementOf(function.source()).isUnsignedInteger();
  SmallVector<SmallVector<int32_t>> ordered = tables.rows;
  StoredRange tight = {0, ordered[0][0], ordered[0][0]};
  for (SmallVector<int32_t> &row : ordered) {
    if (!isUnsigned)
      std::rotate(row.begin(), row.begin() + 128, row.end());
    tight.low = std::min(tight.low, *llvm::min_element(row));
    tight.high = std::max(tight.high, *llvm::max_element(row));
  }
  for (StoredRange range : {result.range(), tight}) {
    limits = {0, range.low, range.high};
    std::optional<SmallVector<BytePieces>> pieces =
        exactPieces(ordered, isUnsigned ? 0 : -128, limits);
    if (pieces)
      return pieces;
  }
  return std::nullopt;
}

/// piecesAt. Scalars are the byte and what computePieces lists of its channel.
Value ByteFunctionBuilder::emitPieces(ValueRange scalars,
                                      ArrayRef<BytePieces> pieces) {
  nn::ScalarEmitter e(rewriter, loc, rewriter.getI32Type());
  nn::ScalarEmitter bytes(rewriter, loc, nn::elementOf(function.source()));
  Value x = bytes.convert(scalars[0], rewriter.getI32Type());
  Value factor = scalars[1], offset = scalars[2];
  scalars = scalars.drop_front(3);
  if (scalars.size() > 1) {
    Value isBelow = e.less(x, scalars[2]);
    factor = e.select(isBelow, scalars[0], factor);
    offset = e.select(isBelow, scalars[1], offset);
    scalars = scalars.drop_front(3);
  }
  Value shift = scalars.empty() ? e.constant(pieces.front().above.shift)
                                : scalars.front();
  Value v = e.op<arith::ShRSIOp>(e.add(e.mul(x, factor), offset), shift);
  return emitStoreInteger(rewriter, loc, v,
                          {QuantizeMode::Integer, result, limits});
}

Value ByteFunctionBuilder::computePieces(ArrayRef<BytePieces> pieces) {
  auto of = [&](auto integer) {
    return channelInts(
        [&](int64_t row) -> int64_t { return integer(pieces[row]); });
  };
  using Each = const BytePieces &;
  SmallVector<Value> inputs = {function.source(),
                               of([](Each p) { return p.above.factor; }),
                               of([](Each p) { return p.above.offset; })};
  if (!llvm::all_of(pieces, [](Each p) { return p.isOne(); })) {
    inputs.push_back(of([](Each p) { return p.below.factor; }));
    inputs.push_back(of([](Each p) { return p.below.offset; }));
    inputs.push_back(of([](Each p) { return p.start; }));
  }
  if (!llvm::all_equal(
          llvm::map_range(pieces, [](Each p) { return p.above.shift; })))
    inputs.push_back(of([](Each p) { return p.above.shift; }));
  return createMap(rewriter, loc, inputs, result.stored,
                   [&](ValueRange x) { return emitPieces(x, pieces); });
}

Value ByteFunctionBuilder::build(QuantizeMode mode) {
  if (tables.rows.size() == 1)
    return lookUp({function.entries()}, function.source());
  if (!isByte(nn::elementOf(function.source())))
    return {};
  if (std::optional<SmallVector<BytePieces>> pieces = findPieces())
    return computePieces(*pieces);
  if (mode == QuantizeMode::Onnx && tables.rows.size() > kMaxRows)
    return {};
  return lookUpRows();
}

/// nullopt where an op has no value at compile time.
static std::optional<ChannelTables> tablesOf(const ByteFunction &function,
                                             const Parameters &result) {
  ChannelTables tables;
  std::map<SmallVector<int32_t>, int64_t> known;
  for (int64_t c = 0; c < function.channels(); ++c) {
    std::optional<SmallVector<float>> numbers = function.evaluate(c);
    if (!numbers)
      return std::nullopt;
    auto row = llvm::map_to_vector(*numbers, [&](float x) {
      return quantizeValue(x, result.scale(), result.range());
    });
    auto [at, isNew] = known.try_emplace(row, tables.rows.size());
    if (isNew)
      tables.rows.push_back(std::move(row));
    tables.rowOf.push_back(at->second);
  }
  return tables;
}

namespace {

class LowerToTable : public OpRewritePattern<nn::QuantizeOp> {
public:
  LowerToTable(MLIRContext *context, IslandContext &islands)
      : OpRewritePattern(context, /*benefit=*/1), islands(islands) {}

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Parameters> parameters = parametersOf(op);
    ByteFunction function;
    if (!parameters || !parameters->isPerTensor() ||
        !function.collect(op.getInput()) || function.channels() == 0 ||
        function.channels() > kMaxChannels ||
        !(isByte(nn::elementOf(function.source())) ||
          isShort(nn::elementOf(function.source()), islands.mode)))
      return rewriter.notifyMatchFailure(op, "is no function of one byte");
    std::optional<ChannelTables> tables = tablesOf(function, *parameters);
    if (!tables)
      return rewriter.notifyMatchFailure(op, "cannot be computed here");
    Value stored =
        ByteFunctionBuilder(rewriter, op, function, *tables, *parameters)
            .build(islands.mode);
    if (!stored)
      return rewriter.notifyMatchFailure(op, "tables are too many");
    islands.takesIntegerForm(op.getInput().getDefiningOp());
    rewriter.replaceOp(op, stored);
    ++islands.tables;
    return success();
  }

private:
  IslandContext &islands;
};

} // namespace

void mlc::populateTablePatterns(RewritePatternSet &patterns,
                                IslandContext &context) {
  patterns.add<LowerToTable>(patterns.getContext(), context);
}
