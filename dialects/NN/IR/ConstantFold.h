//===- ConstantFold.h - Folding of nn ops on constants ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constants in the IR, and the folders that ops share. Folding here is for what
// import needs (shape arithmetic, small tensors, data movement of weights);
// what is large goes through the JIT in the simplify phase, so that the code
// that folds is the code that ships.
//
//===----------------------------------------------------------------------===//

#ifndef NN_IR_CONSTANTFOLD_H
#define NN_IR_CONSTANTFOLD_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir {
namespace nn {

/// Elements above which a constant's bytes live outside the IR's uniquing.
inline constexpr int64_t kMaxInlineElements = 256;

/// Elements up to which elementwise ops fold by interpretation of their scalar
/// definition (about a microsecond an element).
inline constexpr int64_t kMaxInterpretedElements = 4096;

/// Bytes up to which a constant may be made larger than what it is made of:
/// equal elements are kept as one, and a few bytes of a model can stand for
/// more of them than there is memory.
inline constexpr int64_t kMaxGrownBytes = int64_t(1) << 28;

/// A double as an integer, towards zero; the nearest end where it has none, 0
/// for NaN.
int64_t toInteger(double value);

/// Bytes of one element in memory; i1 takes one byte.
int64_t bytesPerElement(Type elementType);

/// The elements of a constant, row-major, as in memory (little endian, i1 as
/// one byte). Expands splats. nullopt where `value` is of a kind that has no
/// bytes, or a splat beyond kMaxGrownBytes.
std::optional<SmallVector<char>> constantBytes(ElementsAttr value);

/// The constant of `type` whose elements are `bytes`; dense when small or a
/// splat, a resource otherwise. bytes.size() = elements * bytesPerElement.
ElementsAttr makeConstant(RankedTensorType type, ArrayRef<char> bytes);

/// Integer elements (any width and sign) widened to int64_t; nullopt for
/// others, and as above.
std::optional<SmallVector<int64_t>> constantIntegers(Attribute value);

/// Float or integer elements as double; nullopt for others.
std::optional<SmallVector<double>> constantDoubles(Attribute value);

/// Elements that are 0 (or -0.0, which adds as little); nullopt as
/// constantBytes.
std::optional<int64_t> countZeros(ElementsAttr value);

/// A tensor whose element i is element source(i) of `input` (linear,
/// row-major). Null where it would grow by more than kMaxGrownBytes.
ElementsAttr foldByIndex(ElementsAttr input, RankedTensorType type,
                         llvm::function_ref<int64_t(int64_t)> source);

/// Row-major strides of a shape, in elements.
SmallVector<int64_t> rowMajorStrides(ArrayRef<int64_t> shape);

namespace detail {
/// Folds an ElementwiseOpInterface op on constants by its scalar definition.
LogicalResult foldElementwise(Operation *op, ArrayRef<Attribute> operands,
                              SmallVectorImpl<OpFoldResult> &results);
} // namespace detail
} // namespace nn

namespace OpTrait {
/// Gives elementwise ops the folder above.
template <typename ConcreteType>
class ElementwiseFold : public TraitBase<ConcreteType, ElementwiseFold> {
public:
  static LogicalResult foldTrait(Operation *op, ArrayRef<Attribute> operands,
                                 SmallVectorImpl<OpFoldResult> &results) {
    return nn::detail::foldElementwise(op, operands, results);
  }
};
} // namespace OpTrait
} // namespace mlir

#endif // NN_IR_CONSTANTFOLD_H
