//===- LowerLinear.cpp - Matrix products to kernel ops --------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/LowerBlocked.h"
#include "Conversion/LowerEpilogue.h"
#include "Conversion/LowerSparse.h"
#include "Conversion/NNToLinalg.h"
#include "Conversion/PackWeights.h"
#include "Kernel/IR/Kernel.h"
#include "NN/IR/Epilogue.h"
#include "NN/IR/ScalarEmitter.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlc;

namespace {

class LowerMatmul : public OpConversionPattern<nn::MatmulOp> {
public:
  LowerMatmul(TypeConverter &types, MLIRContext *context,
              const LoweringOptions &options)
      : OpConversionPattern(types, context), options(options) {}

  LogicalResult
  matchAndRewrite(nn::MatmulOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    TensorBuilder t(rewriter, op.getLoc());
    auto type =
        cast<RankedTensorType>(getTypeConverter()->convertType(op.getType()));
    Type from = nn::elementOf(adaptor.getLhs());
    bool hasKernel = isa<FloatType>(from) || from.isInteger(8) ||
                     from.isInteger(16) || from.isInteger(32);
    bool isPlain = nn::shapeOf(adaptor.getRhs()).size() == 2;
    Value y;
    if (Value narrow = byBlocks(t, op, adaptor, type))
      y = narrow;
    else if (hasKernel && isPlain && op.getRhsZeroPoint().value_or(0) == 0 &&
             matchPattern(adaptor.getRhs(), m_Constant()))
      y = byPacked(t, op, adaptor, type);
    else if (hasKernel && type.getRank() <= 6)
      y = byKernel(t, op, adaptor, type);
    else
      y = byLoops(t, op, adaptor, type);
    rewriter.replaceOp(op, y);
    return success();
  }

private:
  KernelEpilogue epilogueOf(TensorBuilder &t, nn::MatmulOp op,
                            OpAdaptor adaptor, Type element,
                            ArrayRef<int64_t> full) const {
    return lowerEpilogue(t, adaptor.getBias(), adaptor.getEpilogueOperands(),
                         op.getEpilogue(), nn::elementOf(adaptor.getLhs()),
                         element, full);
  }

  /// Narrow weights; null where they are no such.
  Value byBlocks(TensorBuilder &t, nn::MatmulOp op, OpAdaptor adaptor,
                 RankedTensorType type) const {
    auto weights = op.getRhs().getDefiningOp<nn::BlockedDequantizeOp>();
    if (!weights || !op.getTransposeRhs() ||
        !nn::elementOf(op.getLhs()).isF32())
      return {};
    ArrayRef<int64_t> lhs = nn::shapeOf(adaptor.getLhs());
    SmallVector<int64_t> matrix = {1, type.getShape().back()};
    for (int64_t dim : lhs.drop_back())
      matrix[0] *= dim;
    KernelEpilogue epilogue =
        epilogueOf(t, op, adaptor, type.getElementType(), matrix);
    Value x = t.reshape(adaptor.getLhs(), {matrix[0], lhs.back()});
    Value y = lowerByBlocks(t, options, x, weights, epilogue, matrix);
    return y ? t.reshape(y, type.getShape()) : y;
  }

  /// Constant weights: a 1x1 convolution over a row of M pixels.
  Value byPacked(TensorBuilder &t, nn::MatmulOp op, OpAdaptor adaptor,
                 RankedTensorType type) const {
    ArrayRef<int64_t> lhs = nn::shapeOf(adaptor.getLhs());
    int64_t k = lhs.back(), n = type.getShape().back();
    int64_t m = 1;
    for (int64_t dim : lhs.drop_back())
      m *= dim;
    SmallVector<int64_t> image = {1, 1, m, n};
    KernelEpilogue epilogue =
        epilogueOf(t, op, adaptor, type.getElementType(), image);
    // More rows read weights from a cache, where converting them costs more.
    constexpr int64_t fewRows = 4;
    bool halves = options.fcWeights == WeightStorage::F16 && m <= fewRows;
    Value x = t.reshape(adaptor.getLhs(), {1, 1, m, k});
    SparseSource source = {x, adaptor.getRhs(), !op.getTransposeRhs()};
    source.products = double(m) * n * k;
    if (!halves)
      if (Value y = lowerBySparse(t, options, source, epilogue, image))
        return t.reshape(y, type.getShape());
    bool nibbles = areNibbles(op, adaptor);
    Value rhs = adaptor.getRhs();
    Value packed = pack(t, op, halves ? halveWeights(t, op, rhs) : rhs,
                        nn::elementOf(adaptor.getLhs()), nibbles);
    Value init = t.empty(image, epilogue.element);
    auto y = kernel::ConvOp::create(
        t.b, t.loc, TypeRange{init.getType()}, x, packed, /*table=*/Value(),
        epilogue.operands, init, ArrayRef<int64_t>{1, 1},
        ArrayRef<int64_t>{0, 0, 0, 0}, ArrayRef<int64_t>{1, 1},
        op.getLhsZeroPointAttr(), isUnsigned(op.getLhs()),
        isUnsigned(op.getRhs()),
        /*input_channels_first=*/false, /*extra_quads=*/IntegerAttr(), nibbles);
    epilogue.write(t.b, t.loc, y.getEpilogue(), y.getAccumulatorType());
    return t.reshape(y.getResult(0), type.getShape());
  }

  static bool areNibbles(nn::MatmulOp op, OpAdaptor adaptor) {
    Type input = nn::elementOf(op.getLhs());
    int64_t k = nn::shapeOf(op.getLhs()).back();
    return packsQuads(adaptor.getRhs(), nn::elementOf(op.getRhs()),
                      nn::elementOf(adaptor.getLhs())) &&
           packsNibbles(adaptor.getRhs(), k, k, input,
                        op.getLhsZeroPoint().value_or(0));
  }

  Value pack(TensorBuilder &t, nn::MatmulOp op, Value rhs, Type input,
             bool nibbles) const {
    using kernel::PackStep;
    Type element = nn::elementOf(op.getRhs());
    if (packsQuads(rhs, element, input) || packsHalves(rhs, element, input))
      return packMatmulSteps(t, rhs, op.getTransposeRhs(), options.block,
                             nibbles ? PackStep::nibbles : PackStep::quads);
    return packMatmulWeights(t, rhs, op.getTransposeRhs(), options.block);
  }

  Value byKernel(TensorBuilder &t, nn::MatmulOp op, OpAdaptor adaptor,
                 RankedTensorType type) const {
    KernelEpilogue epilogue =
        epilogueOf(t, op, adaptor, type.getElementType(), type.getShape());
    Value init = t.empty(type.getShape(), epilogue.element),
          rhs = adaptor.getRhs();
    bool isTransposed = op.getTransposeRhs();
    if (isTransposed && paysToTranspose(adaptor.getLhs())) {
      SmallVector<int64_t> swapped =
          llvm::to_vector(llvm::seq<int64_t>(0, nn::shapeOf(rhs).size()));
      std::swap(swapped[swapped.size() - 2], swapped.back());
      rhs = t.transpose(rhs, swapped);
      isTransposed = false;
    }
    auto y = kernel::MatmulOp::create(
        t.b, t.loc, TypeRange{init.getType()}, adaptor.getLhs(), rhs,
        epilogue.operands, init, isTransposed, op.getLhsZeroPointAttr(),
        op.getRhsZeroPointAttr(), isUnsigned(op.getLhs()),
        isUnsigned(op.getRhs()));
    epilogue.write(t.b, t.loc, y.getEpilogue(), y.getAccumulatorType());
    return y.getResult(0);
  }

  /// Whether the right side, with rows along which both run, is worth being
  /// transposed first: so many rows of the left side read it, each of which
  /// would add up a vector an element.
  static bool paysToTranspose(Value lhs) {
    constexpr int64_t leastRows = 64;
    ArrayRef<int64_t> shape = nn::shapeOf(lhs);
    return isa<FloatType>(nn::elementOf(lhs)) &&
           shape[shape.size() - 2] >= leastRows;
  }

  /// Element types and ranks without a kernel.
  Value byLoops(TensorBuilder &t, nn::MatmulOp op, OpAdaptor adaptor,
                RankedTensorType type) const {
    int64_t rank = type.getRank();
    Value lhs = adaptor.getLhs(), rhs = adaptor.getRhs();
    Type element = nn::elementOf(op.getLhs());
    if (nn::isNarrowInteger(element)) {
      lhs = widenIntegers(t, lhs, element, op.getLhsZeroPoint().value_or(0));
      rhs = widenIntegers(t, rhs, nn::elementOf(op.getRhs()),
                          op.getRhsZeroPoint().value_or(0));
      element = nn::elementOf(lhs);
    }
    auto dim = [&](unsigned d) { return t.b.getAffineDimExpr(d); };
    // Loops: batch, m, n, k.
    auto mapOf = [&](Value v, AffineExpr row, AffineExpr column) {
      ArrayRef<int64_t> s = nn::shapeOf(v);
      SmallVector<AffineExpr> exprs;
      for (size_t d = 0; d + 2 < s.size(); ++d)
        exprs.push_back(s[d] == 1 ? t.b.getAffineConstantExpr(0)
                                  : dim(rank - s.size() + d));
      exprs.append({row, column});
      return AffineMap::get(rank + 1, 0, exprs, t.b.getContext());
    };
    AffineExpr m = dim(rank - 2), n = dim(rank - 1), k = dim(rank);
    SmallVector<AffineMap> maps = {
        mapOf(lhs, m, k),
        op.getTransposeRhs() ? mapOf(rhs, n, k) : mapOf(rhs, k, n),
        AffineMap::getMultiDimIdentityMap(rank + 1, t.b.getContext())
            .dropResult(rank)};
    SmallVector<utils::IteratorType> iterators(rank + 1,
                                               utils::IteratorType::parallel);
    iterators[rank] = utils::IteratorType::reduction;
    Value init = t.filled(type.getShape(), t.zero(nn::makeSignless(element)));
    Value sum =
        linalg::GenericOp::create(
            t.b, t.loc, init.getType(), ValueRange{lhs, rhs}, init, maps,
            iterators,
            [&](OpBuilder &b, Location loc, ValueRange x) {
              nn::ScalarEmitter e(b, loc, element);
              linalg::YieldOp::create(b, loc, e.add(x[2], e.mul(x[0], x[1])));
            })
            .getResult(0);
    KernelEpilogue epilogue =
        epilogueOf(t, op, adaptor, type.getElementType(), type.getShape());
    return applyEpilogue(t, sum, epilogue, rank - 1);
  }

  static bool isUnsigned(Value v) {
    return nn::elementOf(v).isUnsignedInteger();
  }

  LoweringOptions options;
};

} // namespace

void mlc::populateLinearLowering(SignlessConverter &types,
                                 RewritePatternSet &patterns,
                                 const LoweringOptions &options) {
  patterns.add<LowerMatmul>(types, patterns.getContext(), options);
}
