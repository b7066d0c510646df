//===- LowerSpatial.cpp - Convolution and pooling to kernel ops -----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/ByteTable.h"
#include "Conversion/LowerEpilogue.h"
#include "Conversion/LowerSparse.h"
#include "Conversion/LowerWinograd.h"
#include "Conversion/NNToLinalg.h"
#include "Conversion/PackWeights.h"
#include "Conversion/WindowLoops.h"
#include "Kernel/IR/Kernel.h"
#include "Kernel/IR/Pack.h"
#include "NN/IR/Epilogue.h"
#include "NN/IR/ScalarEmitter.h"
#include "Schedule/ConvAlgorithm.h"
#include "Schedule/WeightOrder.h"
#include "Support/Window.h"

using namespace mlir;
using namespace mlc;

namespace {

/// Channels last, and back: [N, C, spatial...] <-> [N, spatial..., C].
SmallVector<int64_t> toLast(int64_t rank) {
  SmallVector<int64_t> permutation = {0};
  llvm::append_range(permutation, llvm::seq<int64_t>(2, rank));
  permutation.push_back(1);
  return permutation;
}

SmallVector<int64_t> toFirst(int64_t rank) {
  SmallVector<int64_t> permutation = {0, rank - 1};
  llvm::append_range(permutation, llvm::seq<int64_t>(1, rank - 1));
  return permutation;
}

Value channelsLast(TensorBuilder &t, Value v, nn::Layout layout) {
  bool isLast = layout == nn::Layout::channels_last;
  return isLast ? v : t.transpose(v, toLast(nn::shapeOf(v).size()));
}

/// A one-dimensional image as one of height 1: what kernels take.
Value toImage(TensorBuilder &t, Value v) {
  ArrayRef<int64_t> s = nn::shapeOf(v);
  return s.size() == 3 ? t.reshape(v, {s[0], 1, s[1], s[2]}) : v;
}

/// As one of width 1.
Value toColumn(TensorBuilder &t, Value v) {
  ArrayRef<int64_t> s = nn::shapeOf(v);
  return t.reshape(v, {s[0], s[1], 1, s[2]});
}

/// Whether so many windows along dimension `d` of the image `in` reach into its
/// padding that kernels, which write out each of those of a row, would be too
/// much code. Along columns they are a loop.
template <typename OpTy>
bool hasWideBorder(OpTy op, size_t d, ArrayRef<int64_t> in, int64_t kernel,
                   int64_t count) {
  constexpr int64_t most = 512;
  mlc::Window window = {
      in[d + 1],      count, kernel, op.getStrides()[d], op.getDilations()[d],
      op.getPads()[d]};
  int64_t before =
      llvm::divideCeil(std::max<int64_t>(window.padBegin, 0), window.stride);
  int64_t inside = std::min(count, window.fitting(/*padEnd=*/0)) - before;
  return count - std::max<int64_t>(0, inside) > most;
}

/// Whether the columns of a window are too many to be written out, as grouped
/// kernels do with each of them; its rows are a loop.
bool hasManyColumns(nn::ConvOp op, int64_t columns) {
  constexpr int64_t most = 128;
  return op.getGroups() > 1 && columns > most;
}

/// Per-dimension attributes of rank 1 for an image of height 1.
SmallVector<int64_t> imageAttr(ArrayRef<int64_t> values, int64_t height) {
  if (values.size() == 1)
    return {height, values[0]};
  return SmallVector<int64_t>(values);
}

SmallVector<int64_t> imagePads(ArrayRef<int64_t> pads) {
  if (pads.size() == 2)
    return {0, pads[0], 0, pads[1]};
  return SmallVector<int64_t>(pads);
}

/// A column, an image of width 1 under a window of width 1, as a row: the same
/// elements, and tiles of pixels lie along rows.
bool isColumn(nn::ConvOp op, ArrayRef<int64_t> x, ArrayRef<int64_t> weights) {
  return x.size() == 4 && x[1] > 1 && x[2] == 1 && weights[3] == 1 &&
         op.getPads()[1] == 0 && op.getPads()[3] == 0;
}

SmallVector<int64_t> permuted(ArrayRef<int64_t> shape,
                              ArrayRef<int64_t> permutation) {
  return llvm::map_to_vector(permutation, [&](int64_t i) { return shape[i]; });
}

bool hasKernelType(Type element) {
  return isa<FloatType>(element) || element.isInteger(8) ||
         element.isInteger(16) || element.isInteger(32);
}

class LowerConv : public OpConversionPattern<nn::ConvOp> {
public:
  LowerConv(TypeConverter &types, MLIRContext *context,
            const LoweringOptions &options)
      : OpConversionPattern(types, context), options(options) {}

  LogicalResult
  matchAndRewrite(nn::ConvOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    auto type =
        cast<RankedTensorType>(getTypeConverter()->convertType(op.getType()));
    bool isLast = op.getLayout() == nn::Layout::channels_last;
    int64_t rank = type.getRank();
    Value x = channelsLast(t, adaptor.getInput(), op.getLayout());
    SmallVector<Value> operands;
    for (Value operand : adaptor.getEpilogueOperands())
      operands.push_back(nn::shapeOf(operand).size() < 2
                             ? operand
                             : channelsLast(t, operand, op.getLayout()));
    SmallVector<int64_t> shape = isLast
                                     ? SmallVector<int64_t>(type.getShape())
                                     : permuted(type.getShape(), toLast(rank));
    ArrayRef<int64_t> w = nn::shapeOf(adaptor.getWeights());
    bool isImage =
        op.getSpatialRank() <= 2 && hasKernelType(nn::elementOf(x)) &&
        !(rank == 4 && (hasManyColumns(op, w[3]) ||
                        hasWideBorder(op, 1, nn::shapeOf(x), w[3], shape[2])));
    Value y =
        isImage ? asKernel(t, op, adaptor, x, source(t, op, adaptor, rewriter),
                           operands, shape, type.getElementType())
                : asLoops(t, op, adaptor, x, operands, shape,
                          type.getElementType());
    rewriter.replaceOp(op, isLast ? y : t.transpose(y, toFirst(rank)));
    return success();
  }

private:
  /// What a kernel reads instead of a converted input; all null where that is
  /// all there is.
  struct Source {
    Value image;
    bool isChannelsFirst = false;
    Value table; ///< of a source of bytes

    explicit operator bool() const { return image != nullptr; }
  };

  /// `source` is where `x` comes from.
  Value asKernel(TensorBuilder &t, nn::ConvOp op, OpAdaptor adaptor, Value x,
                 Source source, ArrayRef<Value> operands,
                 ArrayRef<int64_t> shape, Type element) const {
    ArrayRef<int64_t> w = nn::shapeOf(adaptor.getWeights());
    Value weights = adaptor.getWeights();
    SmallVector<int64_t> image(shape);
    ImageWindow window = {imageAttr(op.getStrides(), 1),
                          imagePads(op.getPads()),
                          imageAttr(op.getDilations(), 1)};
    ArrayRef<int64_t> s = nn::shapeOf(x);
    bool isWide =
        hasManyColumns(op, w[2]) || hasWideBorder(op, 0, s, w[2], shape[1]);
    if (shape.size() == 3 && isWide) {
      x = toColumn(t, x);
      weights = t.reshape(weights, {w[0], w[1], w[2], 1});
      image.insert(image.begin() + 2, 1);
      window = {{window.strides[1], 1},
                {window.pads[1], 0, window.pads[3], 0},
                {window.dilations[1], 1}};
    } else if (isColumn(op, s, w) && !isWide) {
      x = t.reshape(x, {s[0], 1, s[1], s[3]});
      source = {};
      weights = t.reshape(weights, {w[0], w[1], 1, w[2]});
      std::swap(image[1], image[2]);
      window = {{1, window.strides[0]},
                {0, window.pads[0], 0, window.pads[2]},
                {1, window.dilations[0]}};
    } else if (shape.size() == 3) {
      weights = t.reshape(weights, {w[0], w[1], 1, w[2]});
      image.insert(image.begin() + 1, 1);
    }
    w = nn::shapeOf(weights);
    KernelEpilogue epilogue =
        lowerEpilogue(t, adaptor.getBias(), operands, op.getEpilogue(),
                      nn::elementOf(x), element, image);
    int64_t groups = op.getGroups();
    bool isDepthwise = groups > 1 && w[1] == 1 && w[0] == groups;
    if (!source)
      if (Value y = withoutZeros(t, op, toImage(t, x), weights, window,
                                 epilogue, image))
        return t.reshape(y, shape);
    if (!source && !isDepthwise)
      if (Value y = lowerByWinograd(t, op, options, x, weights, window,
                                    epilogue, image))
        return t.reshape(y, shape);
    if (isDepthwise)
      return t.reshape(
          makeDepthwise(t, op, toImage(t, x), weights, window, epilogue, image),
          shape);
    Packed packed = pack(t, op, weights, image, source.isChannelsFirst);
    auto conv = make<kernel::ConvOp>(
        t, op,
        {source ? source.image : toImage(t, x), packed.weights, source.table},
        window, epilogue, image, source.isChannelsFirst,
        packed.extras ? t.b.getI64IntegerAttr(*packed.extras) : IntegerAttr(),
        packed.inNibbles);
    return t.reshape(conv.getResult(0), shape);
  }

  /// Null where all weights are multiplied.
  Value withoutZeros(TensorBuilder &t, nn::ConvOp op, Value x, Value weights,
                     const ImageWindow &window, const KernelEpilogue &epilogue,
                     ArrayRef<int64_t> image) const {
    bool isDilated = llvm::any_of(
        window.dilations, [](int64_t dilation) { return dilation > 1; });
    if (op.getGroups() != 1 || isDilated)
      return Value();
    Problem problem = problemOf(op, x, window, image, nn::shapeOf(weights));
    SparseSource source = {x, weights};
    source.window = problem.window;
    source.strides = problem.stride;
    source.pads = window.pads;
    source.products = leastProducts(problem, options.block, options.maxUlp);
    return lowerBySparse(t, options, source, epilogue, image);
  }

  /// As kernel.conv wants them.
  struct Packed {
    Value weights;
    std::optional<int64_t> extras = std::nullopt; ///< quads of pairs
    bool inNibbles = false;
  };

  /// Groups that share blocks have neither quads nor halves: their vectors are
  /// of several groups' channels.
  Packed pack(TensorBuilder &t, nn::ConvOp op, Value weights,
              ArrayRef<int64_t> image, bool isChannelsFirst) const {
    // The columns of a window side by side are written out.
    constexpr int64_t mostColumns = 16;
    int64_t groups = op.getGroups();
    Type element = nn::elementOf(op.getWeights());
    Type in = nn::makeSignless(nn::elementOf(op.getInput()));
    bool inQuads = packsQuads(weights, element, in);
    bool inHalves = packsHalves(weights, element, in);
    if ((!inQuads && !inHalves) || nn::shapeOf(weights)[3] > mostColumns ||
        kernel::PackedWeights::sharesBlocks(nn::shapeOf(weights), groups,
                                            options.block))
      return {packConvWeights(t, weights, groups, options.block)};
    if (inQuads && packsNibbles(op, weights))
      return {packConvSteps(t, weights, groups, options.block,
                            kernel::PackStep::nibbles),
              std::nullopt, true};
    if (inQuads && options.pairsOfBytes && !isChannelsFirst &&
        gainsByPairs(image))
      if (auto [packed, extras] =
              packConvPairs(t, weights, groups, options.block);
          packed)
        return {packed, extras};
    return {packConvSteps(t, weights, groups, options.block)};
  }

  /// Bytes, where a table says what these stand for, or planes.
  static Source source(TensorBuilder &t, nn::ConvOp op, OpAdaptor adaptor,
                       ConversionPatternRewriter &rewriter) {
    std::optional<ByteTable> bytes = matchByteTable(op);
    if (!bytes) {
      Value planes = channelsFirst(op, adaptor, rewriter);
      return {planes, planes != nullptr, Value()};
    }
    auto type = RankedTensorType::get(
        {bytes->rows, int64_t(bytes->entries.size()) / bytes->rows},
        t.b.getF32Type());
    Value table = arith::ConstantOp::create(
        t.b, t.loc, DenseElementsAttr::get(type, ArrayRef(bytes->entries)));
    return {rewriter.getRemappedValue(bytes->bytes), bytes->isChannelsFirst,
            table};
  }

  /// The input as it was before its channels were put last, where they are so
  /// few that reading it costs no more than the transposed one; null elsewhere.
  static Value channelsFirst(nn::ConvOp op, OpAdaptor adaptor,
                             ConversionPatternRewriter &rewriter) {
    constexpr int64_t most = 4;
    Value x = op.getInput();
    ArrayRef<int64_t> s = nn::shapeOf(x);
    bool isLast = op.getLayout() == nn::Layout::channels_last;
    if (s.size() != 4 || op.getGroups() != 1 || s[isLast ? 3 : 1] > most)
      return Value();
    if (!isLast)
      return adaptor.getInput();
    auto transpose = x.getDefiningOp<nn::TransposeOp>();
    if (!transpose || transpose.getPermutation() != ArrayRef(toLast(4)))
      return Value();
    return rewriter.getRemappedValue(transpose.getInput());
  }

  /// Whether quads are worth their code: each kind of border is written out
  /// with all products of its windows. Of 5x5 it is six times that of single
  /// bytes.
  static bool isSmall(ArrayRef<int64_t> kernel, const ImageWindow &window) {
    constexpr int64_t most = 3;
    auto isMost = [](int64_t size) { return size <= most; };
    auto isOne = [](int64_t dilation) { return dilation == 1; };
    return llvm::all_of(kernel, isMost) && llvm::all_of(window.pads, isMost) &&
           llvm::all_of(window.dilations, isOne);
  }

  Value makeDepthwise(TensorBuilder &t, nn::ConvOp op, Value x, Value weights,
                      const ImageWindow &window, const KernelEpilogue &epilogue,
                      ArrayRef<int64_t> image) const {
    ArrayRef<int64_t> w = nn::shapeOf(weights);
    bool inQuads =
        isSmall({w[2], w[3]}, window) &&
        packsQuads(weights, nn::elementOf(op.getWeights()), nn::elementOf(x));
    return make<kernel::DepthwiseOp>(
               t, op,
               {x, inQuads ? packDepthwiseQuads(t, weights)
                           : packDepthwiseWeights(t, weights)},
               window, epilogue, image,
               inQuads ? t.b.getI64IntegerAttr(w[3]) : IntegerAttr())
        .getResult(0);
  }

  struct Factors {
    Value x, weights;
    Value table = {}; ///< of bytes that a dense convolution reads
  };

  /// `rest` are attributes that only this op has.
  template <typename OpTy, typename... Rest>
  OpTy make(TensorBuilder &t, nn::ConvOp op, const Factors &factors,
            const ImageWindow &window, const KernelEpilogue &epilogue,
            ArrayRef<int64_t> image, Rest... rest) const {
    Value init = t.empty(image, epilogue.element);
    bool isUnsigned = nn::elementOf(op.getInput()).isUnsignedInteger();
    bool areWeightsUnsigned =
        nn::elementOf(op.getWeights()).isUnsignedInteger();
    auto create = [&](auto... inputs) {
      return OpTy::create(t.b, t.loc, TypeRange{init.getType()}, inputs...,
                          epilogue.operands, init, window.strides, window.pads,
                          window.dilations, op.getInputZeroPointAttr(),
                          isUnsigned, areWeightsUnsigned, rest...);
    };
    OpTy y;
    if constexpr (std::is_same_v<OpTy, kernel::ConvOp>)
      y = create(factors.x, factors.weights, factors.table);
    else
      y = create(factors.x, factors.weights);
    epilogue.write(t.b, t.loc, y.getEpilogue(), y.getAccumulatorType());
    return y;
  }

  /// Ranks and types that kernels do not take.
  Value asLoops(TensorBuilder &t, nn::ConvOp op, OpAdaptor adaptor, Value x,
                ArrayRef<Value> operands, ArrayRef<int64_t> shape,
                Type element) const {
    Value weights = adaptor.getWeights();
    if (nn::isNarrowInteger(nn::elementOf(op.getInput()))) {
      x = widenIntegers(t, x, nn::elementOf(op.getInput()),
                        op.getInputZeroPoint().value_or(0));
      weights = widenIntegers(t, weights, nn::elementOf(op.getWeights()), 0);
    }
    Value sum = convByLoops(t, x, weights, shape,
                            {op.getStrides(), op.getPads(), op.getDilations()},
                            op.getGroups());
    KernelEpilogue epilogue =
        lowerEpilogue(t, adaptor.getBias(), operands, op.getEpilogue(),
                      nn::elementOf(x), element, shape);
    return applyEpilogue(t, sum, epilogue, shape.size() - 1);
  }

  LoweringOptions options;
};

class LowerPool : public OpConversionPattern<nn::PoolOp> {
public:
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(nn::PoolOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    auto type =
        cast<RankedTensorType>(getTypeConverter()->convertType(op.getType()));
    bool isLast = op.getLayout() == nn::Layout::channels_last;
    int64_t rank = type.getRank();
    Value x = channelsLast(t, adaptor.getInput(), op.getLayout());
    SmallVector<int64_t> shape = isLast
                                     ? SmallVector<int64_t>(type.getShape())
                                     : permuted(type.getShape(), toLast(rank));
    bool isImage =
        op.getKernel().size() <= 2 && hasKernelType(nn::elementOf(x)) &&
        !(rank == 4 &&
          hasWideBorder(op, 1, nn::shapeOf(x), op.getKernel()[1], shape[2]));
    Value y =
        isImage ? asKernel(t, op, x, shape) : poolByLoops(t, x, shape, op);
    rewriter.replaceOp(op, isLast ? y : t.transpose(y, toFirst(rank)));
    return success();
  }

private:
  Value asKernel(TensorBuilder &t, nn::PoolOp op, Value x,
                 ArrayRef<int64_t> shape) const {
    SmallVector<int64_t> image(shape);
    if (shape.size() == 3 &&
        hasWideBorder(op, 0, nn::shapeOf(x), op.getKernel()[0], shape[1])) {
      image.insert(image.begin() + 2, 1);
      Window w{{op.getKernel()[0], 1},
               {op.getStrides()[0], 1},
               {op.getPads()[0], 0, op.getPads()[1], 0},
               {op.getDilations()[0], 1}};
      return t.reshape(pool(t, op, toColumn(t, x), image, w), shape);
    }
    if (shape.size() == 3)
      image.insert(image.begin() + 1, 1);
    x = toImage(t, x);
    Window w{imageAttr(op.getKernel(), 1), imageAttr(op.getStrides(), 1),
             imagePads(op.getPads()), imageAttr(op.getDilations(), 1)};
    if (int64_t parts = partsOfMean(op, nn::shapeOf(x), w); parts > 1) {
      int64_t rows = w.kernel[0] / parts;
      Window part{{rows, w.kernel[1]}, {rows, 1}, w.pads, w.dilations};
      x = pool(t, op, x, {image[0], parts, 1, image[3]}, part);
      w.kernel = {parts, 1};
    }
    return t.reshape(pool(t, op, x, image, w), shape);
  }

  struct Window {
    SmallVector<int64_t> kernel, strides, pads, dilations;
  };

  Value pool(TensorBuilder &t, nn::PoolOp op, Value x, ArrayRef<int64_t> image,
             const Window &w) const {
    Value init = t.empty(image, nn::elementOf(x));
    auto kind = op.getKind() == nn::PoolKind::max ? kernel::PoolKind::max
                                                  : kernel::PoolKind::average;
    return kernel::PoolOp::create(
               t.b, t.loc, TypeRange{init.getType()}, x, init, kind, w.kernel,
               w.strides, w.pads, w.dilations, op.getCountIncludePad(),
               nn::elementOf(op.getInput()).isUnsignedInteger())
        .getResult(0);
  }

  /// Into how many means of rows to divide the mean of a large image, so that
  /// each thread reads the rows that are in its cache. The number may not
  /// depend on the threads, as the rounding does on the number.
  static int64_t partsOfMean(nn::PoolOp op, ArrayRef<int64_t> in,
                             const Window &w) {
    constexpr int64_t leastElements = 1 << 14, leastRows = 14;
    bool isMean = op.getKind() == nn::PoolKind::average &&
                  nn::elementOf(op.getInput()).isF32();
    bool isWhole = w.kernel[0] == in[1] && w.kernel[1] == in[2] &&
                   llvm::all_of(w.pads, [](int64_t pad) { return pad == 0; }) &&
                   llvm::all_of(w.dilations, [](int64_t d) { return d == 1; });
    if (!isMean || !isWhole || in[1] < leastRows ||
        in[1] * in[2] * in[3] < leastElements)
      return 1;
    return in[1] % 4 == 0 ? 4 : in[1] % 2 == 0 ? 2 : 1;
  }
};

} // namespace

void mlc::populateSpatialLowering(SignlessConverter &types,
                                  RewritePatternSet &patterns,
                                  const LoweringOptions &options) {
  patterns.add<LowerConv>(types, patterns.getContext(), options);
  patterns.add<LowerPool>(types, patterns.getContext());
}
