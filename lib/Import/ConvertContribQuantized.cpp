//===- ConvertContribQuantized.cpp - Quantised contrib operators ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// QLinear operators of com.microsoft become what they mean: dequantize, the
// float operator, quantize, and nn-quantize makes integers of them. Where
// onnxruntime rounds otherwise, its roundings are spelt out.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/Delegate.h"
#include "Import/Products.h"
#include "Import/Quantization.h"
#include "Import/Windows.h"

#include "NN/IR/QuantArithmetic.h"
#include "NN/IR/ScalarEmitter.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

namespace {

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// The convolution of the standard, on channels that may come last.
Values qlinearConv(Node &node) {
  return node.intAttr("channels_last", 0)
             ? convertChannelsLast(node, "QLinearConv", 13)
             : convertAs(node, "QLinearConv", 13, node.inputs());
}

/// A and B with parameters, C (i32), scale and zero point of Y; without them Y
/// is float.
Values qgemm(Node &node) {
  bool isTransposed = node.intAttr("transB", 0);
  Value a = dequantizeInput(node, 0, 0);
  Value b = dequantizeInput(node, 3, isTransposed ? 0 : 1);
  Value c;
  if (node.hasInput(6)) {
    Value scale = node.input(1);
    if (scale && node.floatAttr("alpha", 1) != 1)
      scale = withScalar<nn::MulOp>(node, scale, node.floatAttr("alpha", 1));
    c = dequantizeBias(node, node.inputs()[6], scale, node.input(4));
    if (!c)
      return {};
  }
  Value v = importGemm(node, a, b, c);
  if (!node.hasInput(7))
    return {v};
  return {quantizeResult(node, v, 7, elementOfInput(node, 0))};
}

/// A of floats is quantised here, with one scale and zero point.
Values dynamicQuantizeMatmul(Node &node) {
  Quantized a = quantizeDynamically(node, node.input(0));
  Quantized b = {node.input(1), node.input(2), node.optionalInput(3)};
  return {scaledProduct(node, a, b, node.optionalInput(4))};
}

Values matmulIntegerToFloat(Node &node) {
  Quantized a = {node.input(0), node.input(2), node.optionalInput(4)};
  Quantized b = {node.input(1), node.input(3), node.optionalInput(5)};
  return {scaledProduct(node, a, b, node.optionalInput(6))};
}

/// Of 16 bits, into i32 or ui32; sums may wrap.
Values matmulInteger16(Node &node) {
  Value v = importMatmul(node, node.input(0), node.input(1), {}, {});
  Type a = elementOfInput(node, 0), b = elementOfInput(node, 1);
  if (!v || !a || !b)
    return {};
  bool isUnsigned = a.isUnsignedInteger() && b.isUnsignedInteger();
  return {isUnsigned ? node.cast(v, node.builder.getIntegerType(32, false))
                     : v};
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

template <typename OpTy>
Values qlinearBinary(Node &node) {
  Value a = dequantizeInput(node, 0, 0), b = dequantizeInput(node, 3, 0);
  return {quantizeResult(node, node.create<OpTy>(a, b), 6,
                         elementOfInput(node, 0))};
}

Values qlinearSigmoid(Node &node) {
  Value v = node.create<nn::SigmoidOp>(dequantizeInput(node, 0, 0));
  return {quantizeResult(node, v, 3, elementOfInput(node, 0))};
}

Values qlinearLeakyRelu(Node &node) {
  double alpha = node.floatAttr("alpha", 0.01f);
  Value v = node.create<nn::LeakyReluOp>(dequantizeInput(node, 0, 0),
                                         node.builder.getF64FloatAttr(alpha));
  return {quantizeResult(node, v, 3, elementOfInput(node, 0))};
}

/// Both sides are requantised before one is chosen, by a table each.
Values qlinearWhere(Node &node) {
  Type element = elementOfInput(node, 1);
  Value x = quantizeResult(node, dequantizeInput(node, 1, 0), 7, element);
  Value y = quantizeResult(node, dequantizeInput(node, 4, 0), 7, element);
  return {node.create<nn::SelectOp>(node.input(0), x, y)};
}

/// Scale and zero point of the result, then each input with its own.
Values qlinearConcat(Node &node) {
  if (node.numInputs() < 5 || node.numInputs() % 3 != 2) {
    node.error() << "has " << node.numInputs()
                 << " inputs, two and three for each tensor are required";
    return {};
  }
  llvm::SmallVector<Value> inputs;
  for (size_t i = 2; i < node.numInputs(); i += 3)
    inputs.push_back(dequantizeInput(node, i, 0));
  if (node.failed())
    return {};
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", 0),
                                               nn::shapeOf(inputs[0]).size());
  if (failed(axis))
    return {};
  return {quantizeResult(node, concat(node, inputs, *axis), 0,
                         elementOfInput(node, 2))};
}

/// Integers of 8 bits, i32.
Values mulInteger(Node &node) {
  Type i32 = node.builder.getI32Type();
  auto operand = [&](size_t i) {
    Value v = node.input(i), zeroPoint = node.optionalInput(i + 1);
    if (!v)
      return Value();
    Value wide = node.cast(v, i32);
    return zeroPoint ? node.create<nn::SubOp>(
                           wide, node.cast(node.reshape(zeroPoint, {}), i32))
                     : wide;
  };
  return {node.create<nn::MulOp>(operand(0), operand(2))};
}

//===----------------------------------------------------------------------===//
// Means, sums and softmax
//===----------------------------------------------------------------------===//

/// All dimensions but the batch and the channels.
llvm::SmallVector<int64_t> spatialAxes(int64_t rank, bool isLast) {
  llvm::SmallVector<int64_t> axes;
  for (int64_t d = 1; d < rank; ++d)
    if (d != (isLast ? rank - 1 : 1))
      axes.push_back(d);
  return axes;
}

Values qlinearGlobalAveragePool(Node &node) {
  Value x = dequantizeInput(node, 0, 0);
  if (!x)
    return {};
  int64_t rank = nn::shapeOf(x).size();
  if (rank < 3) {
    node.error() << "input has rank " << rank << ", at least 3 is required";
    return {};
  }
  auto axes = spatialAxes(rank, node.intAttr("channels_last", 0));
  Value v = reduce(node, x, nn::ReduceKind::mean, axes, /*keepDims=*/true);
  return {quantizeResult(node, v, 3, elementOfInput(node, 0))};
}

Values qlinearReduceMean(Node &node) {
  Value x = dequantizeInput(node, 0, 0);
  if (!x)
    return {};
  Values mean = convertAs(node, "ReduceMean", 13, {x});
  if (node.failed())
    return {};
  return {quantizeResult(node, mean[0], 3, elementOfInput(node, 0))};
}

/// rint(sum / count / scale + zero point), limited, with the parameters at
/// inputs `i` and `i + 1`. QuantizeLinear rounds before it adds; and the order
/// of the divisions decides ties, so that none may be moved.
Value quantizeMean(Node &node, Value sum, Value count, size_t i, Type stored) {
  Value scale = node.input(i);
  if (!sum || !count || !scale || !stored)
    return {};
  Value zeroPoint =
      node.hasInput(i + 1) ? node.inputs()[i + 1] : node.scalar(stored, 0);
  SmallVector<Value> operands = {sum, count, node.reshape(scale, {}),
                                 node.reshape(zeroPoint, {})};
  if (llvm::is_contained(operands, Value()))
    return {};
  OpBuilder &b = node.builder;
  Location loc = node.loc;
  Type f32 = b.getF32Type();
  auto map = nn::MapOp::create(
      b, loc, RankedTensorType::get(nn::shapeOf(sum), stored), operands);
  {
    OpBuilder::InsertionGuard guard(b);
    Block *block = b.createBlock(&map.getBody(), {},
                                 {f32, f32, f32, nn::makeSignless(stored)},
                                 SmallVector<Location>(4, loc));
    Value mean = arith::DivFOp::create(b, loc, block->getArgument(0),
                                       block->getArgument(1));
    Value steps = arith::DivFOp::create(b, loc, mean, block->getArgument(2));
    Value zero = block->getArgument(3);
    Type i32 = b.getI32Type();
    if (stored.isUnsignedInteger())
      zero = arith::ExtUIOp::create(b, loc, i32, zero);
    else
      zero = arith::ExtSIOp::create(b, loc, i32, zero);
    Value moved = arith::AddFOp::create(
        b, loc, steps, arith::SIToFPOp::create(b, loc, f32, zero));
    Value none = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(0));
    nn::YieldOp::create(b, loc, nn::emitSaturate(b, loc, moved, none, stored));
  }
  return node.finish(map);
}

/// Where windows lie along each dimension of an image.
struct Windows {
  llvm::SmallVector<int64_t> kernel, strides, begins, input, positions;
  /// Padding before and behind that covers them all.
  llvm::SmallVector<int64_t> pads;

  /// At most `most` + 1.
  int64_t tapsUpTo(int64_t most) const {
    int64_t count = 1;
    for (int64_t size : kernel)
      count = std::min(count * std::min(size, most + 1), most + 1);
    return count;
  }
};

FailureOr<Windows> windowsOf(Node &node, ArrayRef<int64_t> input) {
  llvm::SmallVector<int64_t> kernel = node.intsAttr("kernel_shape");
  if (input.size() < 3 || kernel.size() + 2 != input.size()) {
    node.error() << "input has rank " << input.size() << " and the kernel "
                 << kernel.size() << " dimensions";
    return failure();
  }
  ArrayRef<int64_t> spatial = input.drop_front(2);
  FailureOr<WindowAttributes> given = readWindow(node, spatial, kernel);
  if (failed(given))
    return failure();
  size_t rank = spatial.size();
  given->dilations.assign(rank, 1); // it has none
  bool isRoundedUp = node.intAttr("ceil_mode", 0) != 0;
  Windows w;
  w.kernel = given->kernel;
  w.strides = given->strides;
  w.input.assign(spatial.begin(), spatial.end());
  w.pads.assign(2 * input.size(), 0);
  for (size_t i = 0; i < rank; ++i) {
    int64_t begin = given->pads[i], end = given->pads[rank + i];
    Window window = isRoundedUp ? given->alongRoundedUp(i, spatial[i])
                                : given->along(i, spatial[i]);
    if (window.count < 1 || begin >= kernel[i] || end >= kernel[i]) {
      node.error() << "a window of " << kernel[i] << " does not fit into "
                   << spatial[i] << " elements with padding " << begin
                   << " and " << end;
      return failure();
    }
    w.positions.push_back(window.count);
    w.begins.push_back(begin);
    w.pads[2 + i] = begin;
    w.pads[input.size() + 2 + i] =
        std::max<int64_t>(0, window.reachOfAll() - begin - spatial[i]);
  }
  return w;
}

/// How many elements each position divides by: all of a window, or those inside
/// of the image; [positions...].
Value windowCounts(Node &node, const Windows &w) {
  if (!node.affords(static_cast<double>(dimProduct(w.positions))))
    return {};
  llvm::SmallVector<double> counts = {1};
  bool countsPads = node.intAttr("count_include_pad", 0);
  for (size_t i = 0; i < w.kernel.size(); ++i) {
    llvm::SmallVector<double> next;
    for (double before : counts)
      for (int64_t p = 0; p < w.positions[i]; ++p) {
        int64_t start = p * w.strides[i] - w.begins[i];
        int64_t inside = std::min(start + w.kernel[i], w.input[i]) -
                         std::max<int64_t>(start, 0);
        next.push_back(before * (countsPads ? w.kernel[i] : inside));
      }
    counts = std::move(next);
  }
  Type element = node.builder.getF32Type();
  return llvm::all_equal(counts)
             ? node.scalar(element, counts.front())
             : floatConstant(node, counts, w.positions, element);
}

/// The sum of each window, one element after the other as onnxruntime adds
/// them: an order that nn.pool does not promise.
Value windowSums(Node &node, Value x, const Windows &w) {
  Value padded = padWithZeros(node, x, w.pads), sum;
  if (!padded)
    return {};
  size_t rank = w.kernel.size();
  llvm::SmallVector<int64_t> sizes(nn::shapeOf(x).take_front(2)),
      starts(rank + 2, 0), steps = {1, 1};
  llvm::append_range(sizes, w.positions);
  llvm::append_range(steps, w.strides);
  for (int64_t tap = 0; tap < dimProduct(w.kernel); ++tap) {
    for (int64_t i = rank - 1, rest = tap; i >= 0; rest /= w.kernel[i], --i)
      starts[2 + i] = rest % w.kernel[i];
    Value part = node.create<nn::SliceOp>(padded, starts, sizes, steps);
    sum = sum ? node.create<nn::AddOp>(sum, part) : part;
  }
  return sum;
}

Values qlinearAveragePool(Node &node) {
  // Beyond that many elements a tie may fall otherwise than in onnxruntime.
  constexpr int64_t kMaxTaps = 64;
  Value x = dequantizeInput(node, 0, 0);
  if (!x)
    return {};
  int64_t rank = nn::shapeOf(x).size();
  bool isLast = node.intAttr("channels_last", 0);
  if (isLast && rank > 2)
    x = node.transpose(x, channelsToFront(rank));
  FailureOr<Windows> windows = windowsOf(node, nn::shapeOf(x));
  if (failed(windows))
    return {};
  Value sum, count = node.scalar(node.builder.getF32Type(), 1);
  if (windows->tapsUpTo(kMaxTaps) <= kMaxTaps) {
    sum = windowSums(node, x, *windows);
    count = windowCounts(node, *windows);
  } else {
    Values pooled = convertAs(node, "AveragePool", 13, {x});
    sum = node.failed() ? Value() : pooled[0];
  }
  Value y = quantizeMean(node, sum, count, 3, elementOfInput(node, 0));
  return {isLast ? node.transpose(y, channelsToBack(rank)) : y};
}

/// e to the power of each difference from 255 steps of `scale`, shifted up as
/// far as `count` of them may be summed: onnxruntime's table.
Value exponentials(Node &node, double scale, int64_t count) {
  float most = std::numeric_limits<float>::max() / static_cast<float>(count);
  double shift = std::max(0.0, std::log(most) - 5.0) / scale;
  SmallVector<double> values;
  for (int64_t i = 0; i < 256; ++i)
    values.push_back(std::exp((i - 255 + shift) * scale));
  return floatConstant(node, values, {256}, node.builder.getF32Type());
}

/// Softmax along the last dimension of `x` by that table.
Value qlinearSoftmaxRows(Node &node, Value x, double scale) {
  int64_t last = nn::shapeOf(x).size() - 1;
  Type i32 = node.builder.getI32Type(), stored = nn::elementOf(x);
  Value wide = node.cast(x, i32);
  Value most = reduce(node, wide, nn::ReduceKind::max, last, true);
  Value place =
      withScalar<nn::AddOp>(node, node.create<nn::SubOp>(wide, most), 255);
  Value power =
      node.create<nn::GatherOp>(exponentials(node, scale, nn::shapeOf(x)[last]),
                                place, node.builder.getI64IntegerAttr(0));
  Value sum = reduce(node, power, nn::ReduceKind::sum, last, true);
  Value one = node.scalar(node.builder.getF32Type(), 1);
  Value steps = node.create<nn::FloorOp>(
      node.create<nn::DivOp>(one, node.reshape(node.input(3), {})));
  Value y = node.create<nn::RoundOp>(
      node.create<nn::DivOp>(node.create<nn::MulOp>(power, steps), sum));
  if (!y)
    return {};
  Value whole = node.cast(y, i32);
  if (node.hasInput(4))
    whole = node.create<nn::AddOp>(
        whole, node.cast(node.reshape(node.inputs()[4], {}), i32));
  nn::IntegerRange range = nn::IntegerRange::of(stored);
  whole = node.create<nn::ClampOp>(whole, node.scalar(i32, range.low),
                                   node.scalar(i32, range.high));
  return whole ? node.cast(whole, stored) : Value();
}

/// `opset` is that of the Softmax it was: before 13 it flattened from `axis`
/// on.
Values qlinearSoftmax(Node &node) {
  Value x = node.input(0);
  FailureOr<SmallVector<double>> scale = node.constantDoubles(1);
  if (!x || failed(scale) || !node.input(3))
    return {};
  if (scale->size() != 1 || scale->front() <= 0 ||
      !isa<IntegerType>(nn::elementOf(x))) {
    node.error() << "X is " << x.getType()
                 << ", integers with a single positive scale are required";
    return {};
  }
  SmallVector<int64_t> shape(nn::shapeOf(x));
  int64_t rank = shape.size(), last = rank - 1;
  bool isOld = node.intAttr("opset", 13) < 13;
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", isOld ? 1 : -1), rank);
  if (failed(axis))
    return {};
  if (isOld) {
    ArrayRef<int64_t> dims(shape);
    Value flat = node.reshape(x, {dimProduct(dims.take_front(*axis)),
                                  dimProduct(dims.drop_front(*axis))});
    Value y = flat ? qlinearSoftmaxRows(node, flat, scale->front()) : Value();
    return {node.reshape(y, shape)};
  }
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(order[*axis], order[last]);
  Value moved = *axis == last ? x : node.transpose(x, order);
  Value y = moved ? qlinearSoftmaxRows(node, moved, scale->front()) : Value();
  return {*axis == last ? y : node.transpose(y, order)};
}

/// Sums of 8 bits in 32.
Values reduceSumInteger(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  FailureOr<SmallVector<int64_t>> axes =
      node.normalizeAxes(node.intsAttr("axes"), nn::shapeOf(x).size());
  if (failed(axes))
    return {};
  Type wide = nn::elementOf(x).isUnsignedInteger()
                  ? Type(node.builder.getIntegerType(32, false))
                  : node.builder.getI32Type();
  return {reduce(node, node.cast(x, wide), nn::ReduceKind::sum, *axes,
                 node.intAttr("keepdims", 1))};
}

} // namespace

llvm::ArrayRef<Converter> mlc::contribQuantizedConverters() {
  static const Converter table[] = {
      {"DynamicQuantizeMatMul", dynamicQuantizeMatmul, kMicrosoft},
      {"MatMulInteger16", matmulInteger16, kMicrosoft},
      {"MatMulIntegerToFloat", matmulIntegerToFloat, kMicrosoft},
      {"MulInteger", mulInteger, kMicrosoft},
      {"QGemm", qgemm, kMicrosoft},
      {"QLinearAdd", qlinearBinary<nn::AddOp>, kMicrosoft},
      {"QLinearAveragePool", qlinearAveragePool, kMicrosoft},
      {"QLinearConcat", qlinearConcat, kMicrosoft},
      {"QLinearConv", qlinearConv, kMicrosoft},
      {"QLinearGlobalAveragePool", qlinearGlobalAveragePool, kMicrosoft},
      {"QLinearLeakyRelu", qlinearLeakyRelu, kMicrosoft},
      {"QLinearMul", qlinearBinary<nn::MulOp>, kMicrosoft},
      {"QLinearReduceMean", qlinearReduceMean, kMicrosoft},
      {"QLinearSigmoid", qlinearSigmoid, kMicrosoft},
      {"QLinearSoftmax", qlinearSoftmax, kMicrosoft},
      {"QLinearWhere", qlinearWhere, kMicrosoft},
      {"ReduceSumInteger", reduceSumInteger, kMicrosoft},
  };
  return table;
}
