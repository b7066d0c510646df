//===- LowerSparse.cpp - Products without their zeros ---------------------===//
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

Value mlc::lowerBySparse(TensorBuilder &t, const LoweringOptions &options,
                         Value x, Value weights, bool channelsFirst,
                         const KernelEpilogue &epilogue,
                         ArrayRef<int64_t> image) {
  if (!options.sparse || !nn::elementOf(x).isF32())
    return {};
  std::optional<SmallVector<float>> floats = constantFloats(weights);
  if (!floats)
    return {};
  SparseProblem problem = {image[0] * image[1] * image[2],
                           nn::shapeOf(x).back(), image[3], options.block};
  problem.nonZeros =
      floats->size() - llvm::count_if(*floats, [](float w) { return w == 0; });
  std::optional<kernel::SparsePlan> plan = planSparse(problem);
  if (!plan)
    return {};
  auto packed = kernel::SparseWeights::pack(
      *floats, problem.outputs, problem.channels, channelsFirst, plan->block);
  if (!isSparseFaster(problem, *plan, packed))
    return {};
  Value init = t.empty(image, epilogue.element);
  Value scratch = t.empty({plan->scratch()}, t.b.getF32Type());
  auto y = kernel::SparseConvOp::create(
      t.b, t.loc, TypeRange{init.getType(), scratch.getType()}, x,
      listOf(t, ArrayRef(packed.values), t.b.getF32Type()),
      listOf(t, ArrayRef(packed.table), t.b.getI8Type()), epilogue.operands,
      init, scratch, plan->block, plan->pixels);
  epilogue.write(t.b, t.loc, y.getEpilogue(), y.getAccumulatorType());
  return y.getResult(0);
}
