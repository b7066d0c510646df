//===- Describe.cpp - what an operation costs, in words -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Describe.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace mlc {

static std::string textOf(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

static MemRefType typeOf(Value value) {
  return cast<MemRefType>(value.getType());
}

static std::string shapeText(Value value) {
  ArrayRef<int64_t> shape = typeOf(value).getShape();
  while (shape.size() > 1 && shape.front() == 1)
    shape = shape.drop_front();
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(shape, os, "x");
  return text;
}

static std::string flow(Value from, Value to) {
  return shapeText(from) + " -> " + shapeText(to);
}

namespace {
/// Positions of a window's elements along one dimension.
struct Taps {
  uint64_t all = 0, inside = 0;
};
} // namespace

static Taps tapsOf(int64_t extent, int64_t count, int64_t size, int64_t stride,
                   int64_t dilation, int64_t pad) {
  Taps taps;
  taps.all = uint64_t(count) * size;
  for (int64_t out = 0; out < count; ++out)
    taps.inside +=
        kernel::countInside(out * stride - pad, extent, size, dilation);
  return taps;
}

/// "3x3/2 d2 ", nothing for a 1x1 window that moves by one.
static std::string windowText(ArrayRef<int64_t> kernel,
                              ArrayRef<int64_t> strides,
                              ArrayRef<int64_t> dilations) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto pair = [&](ArrayRef<int64_t> values) {
    os << values[0];
    if (values[1] != values[0])
      os << "x" << values[1];
  };
  os << kernel[0] << "x" << kernel[1];
  if (strides != ArrayRef<int64_t>({1, 1})) {
    os << "/";
    pair(strides);
  }
  if (dilations != ArrayRef<int64_t>({1, 1})) {
    os << " d";
    pair(dilations);
  }
  os << " ";
  return text;
}

/// Everything with a window: `perTap` operations for each element of the out's
/// pixel and each element of the window. `rowDim` is the input's dimension of
/// rows; columns follow.
template <typename Op>
static OperationCost windowCost(Op op, ArrayRef<int64_t> kernel,
                                uint64_t perTap, unsigned rowDim = 1) {
  ArrayRef<int64_t> in = typeOf(op.getInput()).getShape();
  ArrayRef<int64_t> out = typeOf(op.getInit()).getShape();
  auto taps = [&](int i) {
    return tapsOf(in[rowDim + i], out[1 + i], kernel[i], op.getStrides()[i],
                  op.getDilations()[i], op.getPads()[i]);
  };
  Taps rows = taps(0), columns = taps(1);
  OperationCost cost;
  uint64_t perPixel = perTap * out[0] * out[3];
  cost.nominal = rows.all * columns.all * perPixel;
  cost.operations = rows.inside * columns.inside * perPixel;
  cost.element = textOf(typeOf(op.getInput()).getElementType());
  cost.detail = windowText(kernel, op.getStrides(), op.getDilations()) +
                flow(op.getInput(), op.getInit());
  return cost;
}

static OperationCost convCost(kernel::ConvOp op) {
  ArrayRef<int64_t> weights = typeOf(op.getWeights()).getShape();
  OperationCost cost =
      windowCost(op, {weights[2], weights[3]}, 2 * uint64_t(weights[4]),
                 op.getInputChannelsFirst() ? 2 : 1);
  if (op.getGroups() > 1)
    cost.detail = "g" + std::to_string(op.getGroups()) + " " + cost.detail;
  return cost;
}

/// Counted are the products that are computed; nominal are the direct
/// convolution's.
static OperationCost winogradCost(kernel::WinogradOp op) {
  kernel::WinogradPlan plan = op.getPlan();
  int64_t window = plan.algorithm.window;
  ArrayRef<int64_t> out = typeOf(op.getInit()).getShape();
  uint64_t products = 2 * uint64_t(out[0]) * plan.channels * out[3];
  OperationCost cost;
  cost.nominal = products * window * window * out[1] * out[2];
  cost.operations = products * plan.frequencies() * plan.rows * plan.columns;
  cost.element = "f32";
  llvm::raw_string_ostream os(cost.detail);
  os << "F(" << plan.algorithm.tile << "," << window << ") " << window << "x"
     << window << " " << flow(op.getInput(), op.getInit());
  return cost;
}

/// The stages' costs together; details one after the other.
static OperationCost streamCost(kernel::StreamOp op) {
  OperationCost cost;
  llvm::raw_string_ostream os(cost.detail);
  os << "by " << op.getRows() << " rows: ";
  llvm::interleave(
      op.getStages(), os,
      [&](const kernel::StreamStage &stage) {
        OperationCost one = costOf(stage.op);
        cost.operations += one.operations;
        cost.nominal += one.nominal;
        if (cost.element.empty())
          cost.element = one.element;
        os << one.detail;
      },
      ", ");
  return cost;
}

static OperationCost matmulCost(kernel::MatmulOp op) {
  OperationCost cost;
  MemRefType out = typeOf(op.getInit()), left = typeOf(op.getLhs());
  cost.nominal = cost.operations =
      2 * uint64_t(out.getNumElements()) * left.getShape().back();
  cost.element = textOf(left.getElementType());
  cost.detail = shapeText(op.getLhs()) + " * " + shapeText(op.getRhs());
  return cost;
}

/// One operation an element read.
template <typename Op>
static OperationCost elementCost(Op op) {
  MemRefType in = typeOf(op.getInput());
  OperationCost cost;
  cost.nominal = cost.operations = in.getNumElements();
  cost.element = textOf(in.getElementType());
  cost.detail = flow(op.getInput(), op.getInit());
  return cost;
}

/// As many operations an iteration as its body has arithmetic ones on values.
/// Where the result is of floats, integers there are places in tensors: they
/// change with fewer of the dimensions than the values do.
static OperationCost linalgCost(linalg::LinalgOp op) {
  uint64_t each = 0;
  OperationCost cost;
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(op.getDpsInits().front()));
  op.getBlock()->walk([&](Operation *inner) {
    StringRef dialect = inner->getName().getDialectNamespace();
    if ((dialect != "arith" && dialect != "math") ||
        inner->hasTrait<OpTrait::ConstantLike>())
      return;
    Type type = inner->getResult(0).getType();
    if (isa<IndexType>(type) || (isFloat && !isa<FloatType>(type)))
      return;
    ++each;
    cost.element = textOf(type);
  });
  uint64_t iterations = 1;
  for (int64_t size : op.getStaticLoopRanges())
    iterations *= size;
  cost.nominal = cost.operations = each * iterations;
  Value out = op.getDpsInits().front();
  cost.detail = op.getNumDpsInputs() > 0 &&
                        isa<MemRefType>(op.getDpsInputs().front().getType())
                    ? flow(op.getDpsInputs().front(), out)
                    : shapeText(out);
  return cost;
}

OperationCost costOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, OperationCost>(op)
      .Case([](kernel::ConvOp o) { return convCost(o); })
      .Case([](kernel::WinogradOp o) { return winogradCost(o); })
      .Case([](kernel::DepthwiseOp o) {
        return windowCost(o, {o.getKernelHeight(), o.getKernelWidth()}, 2);
      })
      .Case([](kernel::PoolOp o) { return windowCost(o, o.getKernel(), 1); })
      .Case([](kernel::StreamOp o) { return streamCost(o); })
      .Case([](kernel::MatmulOp o) { return matmulCost(o); })
      .Case([](kernel::SoftmaxOp o) { return elementCost(o); })
      .Case([](kernel::ReduceOp o) { return elementCost(o); })
      .Case([](linalg::LinalgOp o) { return linalgCost(o); })
      .Case([](memref::CopyOp o) {
        OperationCost cost;
        cost.detail = flow(o.getSource(), o.getTarget());
        return cost;
      })
      .Default([](Operation *) { return OperationCost(); });
}

} // namespace mlc
