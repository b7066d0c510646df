//===- WindowLoops.cpp - Sliding windows of any rank ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/WindowLoops.h"

#include "Kernel/IR/Kernel.h"
#include "NN/IR/ScalarEmitter.h"
#include "Support/Window.h"

#include <limits>

using namespace mlir;
using namespace mlc;

/// `x` with `value` around it, as large as the windows of `shape` reach.
static Value padFor(TensorBuilder &t, Value x, ArrayRef<int64_t> kernel,
                    const WindowSpec &w, ArrayRef<int64_t> shape, Value value) {
  SmallVector<int64_t> padded(nn::shapeOf(x)), starts(padded.size(), 0);
  for (size_t i = 0; i < kernel.size(); ++i) {
    int64_t reach = (shape[i + 1] - 1) * w.strides[i] +
                    (kernel[i] - 1) * w.dilations[i] + 1;
    starts[i + 1] = w.pads[i];
    padded[i + 1] = std::max(reach, padded[i + 1] + w.pads[i]);
  }
  if (ArrayRef<int64_t>(padded) == nn::shapeOf(x))
    return x;
  return t.insert(x, t.filled(padded, value), starts);
}

/// strides[i] * position + dilations[i] * tap.
static AffineExpr windowExpr(TensorBuilder &t, const WindowSpec &w, size_t i,
                             unsigned position, unsigned tap) {
  return t.b.getAffineDimExpr(position) * w.strides[i] +
         t.b.getAffineDimExpr(tap) * w.dilations[i];
}

Value mlc::convByLoops(TensorBuilder &t, Value x, Value weights,
                       ArrayRef<int64_t> shape, const WindowSpec &w,
                       int64_t groups) {
  ArrayRef<int64_t> ws = nn::shapeOf(weights);
  SmallVector<int64_t> kernel(ws.drop_front(2));
  size_t rank = kernel.size();
  Type element = nn::elementOf(x);
  Value padded = padFor(t, x, kernel, w, shape, t.zero(element));
  SmallVector<int64_t> xs(nn::shapeOf(padded)), out(shape.drop_back()), filters;
  xs.back() = groups;
  xs.push_back(ws[1]);
  out.append({groups, ws[0] / groups});
  filters = {groups, ws[0] / groups};
  llvm::append_range(filters, ws.drop_front());
  // Loops: n, positions, group, filter; then taps and channels, which are
  // summed.
  unsigned group = rank + 1, filter = rank + 2, tap = rank + 3,
           channel = tap + rank;
  auto dim = [&](unsigned d) { return t.b.getAffineDimExpr(d); };
  SmallVector<AffineExpr> xe = {dim(0)},
                          we = {dim(group), dim(filter), dim(channel)},
                          oe = {dim(0)};
  for (size_t i = 0; i < rank; ++i) {
    xe.push_back(windowExpr(t, w, i, i + 1, tap + i));
    we.push_back(dim(tap + i));
    oe.push_back(dim(i + 1));
  }
  xe.append({dim(group), dim(channel)});
  oe.append({dim(group), dim(filter)});
  unsigned loops = channel + 1;
  MLIRContext *context = t.b.getContext();
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> e : {ArrayRef(xe), ArrayRef(we), ArrayRef(oe)})
    maps.push_back(AffineMap::get(loops, 0, e, context));
  SmallVector<utils::IteratorType> iterators(loops,
                                             utils::IteratorType::parallel);
  for (unsigned d = tap; d < loops; ++d)
    iterators[d] = utils::IteratorType::reduction;
  Value init = t.filled(out, t.zero(element));
  auto op = linalg::GenericOp::create(
      t.b, t.loc, init.getType(),
      ValueRange{t.reshape(padded, xs), t.reshape(weights, filters)}, init,
      maps, iterators, [&](OpBuilder &b, Location loc, ValueRange args) {
        nn::ScalarEmitter e(b, loc, element);
        Value weight = nn::ScalarEmitter(b, loc, args[1].getType())
                           .convert(args[1], element);
        linalg::YieldOp::create(b, loc, e.add(args[2], e.mul(args[0], weight)));
      });
  return t.reshape(op.getResult(0), shape);
}

/// How many elements of a window along dimension `i` an average counts at
/// position `at`.
static int64_t countedElements(nn::PoolOp op, ArrayRef<int64_t> input, size_t i,
                               int64_t at) {
  size_t rank = op.getKernel().size();
  int64_t begin = op.getPads()[i], end = op.getPads()[rank + i];
  bool pads = op.getCountIncludePad();
  int64_t low = pads ? -begin : 0, high = input[i + 1] + (pads ? end : 0);
  int64_t start = at * op.getStrides()[i] - begin;
  return countInside(start - low, high - low, op.getKernel()[i],
                     op.getDilations()[i]);
}

/// What an average divides by is a product of one factor a dimension: each in a
/// shape that broadcasts over the result. A table of all products could be
/// larger than the result.
static SmallVector<Value> divisors(TensorBuilder &t, nn::PoolOp op,
                                   ArrayRef<int64_t> input,
                                   ArrayRef<int64_t> shape, Type element) {
  SmallVector<Value> factors;
  for (size_t i = 0, rank = op.getKernel().size(); i < rank; ++i) {
    auto factor = [&](int64_t at) -> Attribute {
      int64_t count = countedElements(op, input, i, at);
      if (isa<FloatType>(element))
        return t.b.getFloatAttr(element, static_cast<double>(count));
      return t.b.getIntegerAttr(element, count);
    };
    int64_t positions = shape[i + 1];
    bool isSame =
        llvm::all_of(llvm::seq<int64_t>(0, positions), [&](int64_t at) {
          return countedElements(op, input, i, at) ==
                 countedElements(op, input, i, 0);
        });
    SmallVector<int64_t> own(rank - i + 1, 1);
    own[0] = isSame ? 1 : positions;
    auto values = llvm::map_to_vector(llvm::seq<int64_t>(0, own[0]), factor);
    factors.push_back(t.constant(
        DenseElementsAttr::get(RankedTensorType::get(own, element), values)));
  }
  return factors;
}

/// What padding holds: it never wins a maximum, and adds nothing to a sum.
static Value poolIdentity(TensorBuilder &t, bool isMax, Type element) {
  Type storage = nn::makeSignless(element);
  if (!isMax)
    return t.zero(storage);
  if (isa<FloatType>(storage))
    return t.constant(
        t.b.getFloatAttr(storage, -std::numeric_limits<double>::infinity()));
  unsigned width = storage.getIntOrFloatBitWidth();
  bool isUnsigned = element.isUnsignedInteger() || width == 1;
  return t.constant(t.b.getIntegerAttr(
      storage, isUnsigned ? APInt::getMinValue(width)
                          : APInt::getSignedMinValue(width)));
}

Value mlc::poolByLoops(TensorBuilder &t, Value x, ArrayRef<int64_t> shape,
                       nn::PoolOp op) {
  bool isMax = op.getKind() == nn::PoolKind::max;
  Type element = nn::elementOf(op.getInput());
  WindowSpec w{op.getStrides(), op.getPads(), op.getDilations()};
  size_t rank = op.getKernel().size();
  Value identity = poolIdentity(t, isMax, element);
  Value padded = padFor(t, x, op.getKernel(), w, shape, identity);
  unsigned tap = rank + 2, loops = tap + rank;
  auto dim = [&](unsigned d) { return t.b.getAffineDimExpr(d); };
  SmallVector<AffineExpr> xe = {dim(0)}, ke, oe;
  for (size_t i = 0; i < rank; ++i) {
    xe.push_back(windowExpr(t, w, i, i + 1, tap + i));
    ke.push_back(dim(tap + i));
  }
  xe.push_back(dim(rank + 1));
  for (unsigned d = 0; d < tap; ++d)
    oe.push_back(dim(d));
  MLIRContext *context = t.b.getContext();
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> e : {ArrayRef(xe), ArrayRef(ke), ArrayRef(oe)})
    maps.push_back(AffineMap::get(loops, 0, e, context));
  SmallVector<utils::IteratorType> iterators(loops,
                                             utils::IteratorType::parallel);
  for (unsigned d = tap; d < loops; ++d)
    iterators[d] = utils::IteratorType::reduction;
  // A tensor of the window's shape gives the loops their bounds; nothing reads
  // it.
  Value window = t.empty(op.getKernel(), nn::elementOf(x));
  Value init = t.filled(shape, identity);
  Value y = linalg::GenericOp::create(
                t.b, t.loc, init.getType(), ValueRange{padded, window}, init,
                maps, iterators,
                [&](OpBuilder &b, Location loc, ValueRange args) {
                  nn::ScalarEmitter e(b, loc, element);
                  Value v =
                      isMax ? e.max(args[2], args[0]) : e.add(args[2], args[0]);
                  linalg::YieldOp::create(b, loc, v);
                })
                .getResult(0);
  if (isMax)
    return y;
  SmallVector<Value> inputs = {y};
  llvm::append_range(inputs,
                     divisors(t, op, nn::shapeOf(x), shape, nn::elementOf(x)));
  return t.map(inputs, shape, nn::elementOf(x),
               [&](OpBuilder &b, Location loc, ValueRange args) {
                 nn::ScalarEmitter e(b, loc, element);
                 Value count = args[1];
                 for (Value factor : args.drop_front(2))
                   count = e.mul(count, factor);
                 return e.div(args[0], count);
               });
}
