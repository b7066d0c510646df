//===- LowerSparse.cpp - Convolutions without their zeros -----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/LowerSparse.h"

#include "Conversion/PackWeights.h"
#include "Kernel/IR/Kernel.h"
#include "NN/IR/NN.h"
#include "NN/IR/ScalarEmitter.h"
#include "Schedule/ConvAlgorithm.h"

using namespace mlir;
using namespace mlc;

/// A list as a constant of one dimension.
template <typename T>
static Value listOf(TensorBuilder &t, ArrayRef<T> values, Type element) {
  ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()),
                       values.size() * sizeof(T));
  auto type = RankedTensorType::get({int64_t(values.size())}, element);
  return t.constant(cast<TypedAttr>(nn::makeConstant(type, bytes)));
}

/// With its padding, which is copied: the kernel has none.
static Value padded(TensorBuilder &t, const SparseSource &source,
                    ArrayRef<int64_t> shape) {
  if (shape == nn::shapeOf(source.x))
    return source.x;
  return t.insert(source.x, t.filled(shape, t.zero(nn::elementOf(source.x))),
                  {0, source.pads[0], source.pads[1], 0});
}

Value mlc::lowerBySparse(TensorBuilder &t, const LoweringOptions &options,
                         const SparseSource &source,
                         const KernelEpilogue &epilogue,
                         ArrayRef<int64_t> image) {
  if (!options.sparse || !nn::elementOf(source.x).isF32())
    return {};
  std::optional<SmallVector<float>> floats = constantFloats(source.weights);
  if (!floats)
    return {};
  SmallVector<int64_t> shape(nn::shapeOf(source.x));
  for (unsigned d : {0, 1})
    shape[d + 1] += source.pads[d] + source.pads[d + 2];
  bool isPadded = ArrayRef(shape) != nn::shapeOf(source.x);
  SparseProblem problem = {image[0] * image[1] * image[2],
                           shape[3],
                           image[3],
                           source.window[0] * source.window[1],
                           options.block,
                           source.products,
                           isPadded ? ShapedType::getNumElements(shape) : 0};
  problem.nonZeros =
      floats->size() - llvm::count_if(*floats, [](float w) { return w == 0; });
  std::optional<kernel::SparsePlan> plan = planSparse(problem);
  if (!plan)
    return {};
  auto packed =
      kernel::SparseWeights::pack(*floats, *plan, source.channelsFirst);
  if (!isSparseFaster(problem, *plan, packed))
    return {};
  auto sizes = [&](std::array<int64_t, 2> values) {
    return values == std::array<int64_t, 2>{1, 1}
               ? DenseI64ArrayAttr()
               : t.b.getDenseI64ArrayAttr(values);
  };
  Value init = t.empty(image, epilogue.element);
  Value scratch = t.empty({plan->scratch()}, t.b.getF32Type());
  auto y = kernel::SparseConvOp::create(
      t.b, t.loc, TypeRange{init.getType(), scratch.getType()},
      padded(t, source, shape),
      listOf(t, ArrayRef(packed.values), t.b.getF32Type()),
      listOf(t, ArrayRef(packed.table), t.b.getI8Type()), epilogue.operands,
      init, scratch, plan->block / plan->taps, plan->pixels, plan->parts,
      sizes(source.window), sizes(source.strides));
  epilogue.write(t.b, t.loc, y.getEpilogue(), y.getAccumulatorType());
  return y.getResult(0);
}
