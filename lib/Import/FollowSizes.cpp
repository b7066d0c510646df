//===- FollowSizes.cpp - Sizes through nn ops -----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exporters compute shapes by nodes: a size gathered from a shape, scaled,
// joined with constants. What can be told of such a tensor is told element by
// element.
//
//===----------------------------------------------------------------------===//

#include "Import/Extents.h"

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlc;

namespace {

using Sizes = Extents::Sizes;

/// More elements than a shape has are data.
constexpr int64_t kMostSizes = 64;

class SizeFollower {
public:
  SizeFollower(const Extents &extents, Operation *op)
      : extents(extents), op(op) {}

  std::optional<Sizes> run() {
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type || !isa<IntegerType>(type.getElementType()) ||
        type.getRank() > 1 || type.getNumElements() > kMostSizes)
      return std::nullopt;
    count = type.getNumElements();
    bool isOfSizes = false;
    for (Value v : op->getOperands()) {
      isOfSizes |= extents.sizesOf(v).has_value();
      operands.push_back(elementsOf(v));
    }
    if (!isOfSizes || llvm::is_contained(operands, std::nullopt))
      return std::nullopt;
    return compute();
  }

private:
  std::optional<Sizes> elementsOf(Value v) const {
    if (auto sizes = extents.sizesOf(v))
      return sizes;
    ElementsAttr value;
    if (nn::shapeOf(v).size() > 1 || !matchPattern(v, m_Constant(&value)) ||
        value.getNumElements() > kMostSizes)
      return std::nullopt;
    auto ints = nn::constantIntegers(value);
    if (!ints)
      return std::nullopt;
    return llvm::map_to_vector(*ints, Extent::constant);
  }

  const Extent &at(unsigned operand, int64_t i) const {
    const Sizes &list = *operands[operand];
    return list[list.size() == 1 ? 0 : i];
  }

  std::optional<Sizes>
  each(llvm::function_ref<std::optional<Extent>(int64_t)> element) {
    Sizes result;
    for (int64_t i = 0; i < count; ++i) {
      std::optional<Extent> one = element(i);
      if (!one)
        return std::nullopt;
      result.push_back(*one);
    }
    return result;
  }

  std::optional<Extent> product(const Extent &a, const Extent &b) const {
    if (b.isConstant())
      return b.offset == 0 ? Extent::constant(0) : a.times(b.offset);
    if (a.isConstant())
      return product(b, a);
    return std::nullopt;
  }

  /// Extents are not negative: enough to tell them from -1.
  std::optional<Extent> equality(const Extent &a, const Extent &b) const {
    if (a.isConstant() && b.isConstant())
      return Extent::constant(a.offset == b.offset);
    const Extent &known = a.isConstant() ? a : b;
    if (known.isConstant() && known.offset < 0)
      return Extent::constant(0);
    return isSame(a, b) ? std::optional(Extent::constant(1)) : std::nullopt;
  }

  std::optional<Sizes> compute() {
    using Result = std::optional<Sizes>;
    return llvm::TypeSwitch<Operation *, Result>(op)
        .Case<nn::ReshapeOp, nn::CastOp, nn::BroadcastOp>([&](auto) {
          return each([&](int64_t i) { return std::optional(at(0, i)); });
        })
        .Case<nn::SliceOp>([&](nn::SliceOp slice) -> Result {
          if (slice.getStarts().empty())
            return operands[0];
          return each([&](int64_t i) {
            return std::optional(
                (*operands[0])[slice.getStarts()[0] + i * slice.getSteps()[0]]);
          });
        })
        .Case<nn::ConcatOp>([&](auto) {
          Sizes all;
          for (auto &part : operands)
            all.append(*part);
          return Result(all);
        })
        .Case<nn::GatherOp>([&](auto) -> Result {
          int64_t size = operands[0]->size();
          return each([&](int64_t i) -> std::optional<Extent> {
            Extent index = at(1, i);
            int64_t place = index.offset + (index.offset < 0 ? size : 0);
            if (!index.isConstant() || place < 0 || place >= size)
              return std::nullopt;
            return (*operands[0])[place];
          });
        })
        .Case<nn::AddOp>([&](auto) {
          return each([&](int64_t i) { return sumOf(at(0, i), at(1, i)); });
        })
        .Case<nn::SubOp>([&](auto) {
          return each([&](int64_t i) { return sumOf(at(0, i), at(1, i), -1); });
        })
        .Case<nn::MulOp>([&](auto) {
          return each([&](int64_t i) { return product(at(0, i), at(1, i)); });
        })
        .Case<nn::DivOp>([&](auto) {
          return each([&](int64_t i) -> std::optional<Extent> {
            const Extent &by = at(1, i);
            return by.isConstant() && by.offset > 0 ? at(0, i).over(by.offset)
                                                    : std::nullopt;
          });
        })
        .Case<nn::MinOp>([&](auto) {
          return bounded(std::min(at(0, 0).most, at(1, 0).most));
        })
        .Case<nn::MaxOp>([&](auto) {
          return bounded(std::max(at(0, 0).most, at(1, 0).most));
        })
        .Case<nn::ReduceOp>([&](nn::ReduceOp reduce) { return over(reduce); })
        .Case<nn::EqualOp>([&](auto) {
          return each([&](int64_t i) { return equality(at(0, i), at(1, i)); });
        })
        .Case<nn::SelectOp>([&](auto) {
          return each([&](int64_t i) -> std::optional<Extent> {
            const Extent &condition = at(0, i);
            if (!condition.isConstant())
              return std::nullopt;
            return at(condition.offset ? 1 : 2, i);
          });
        })
        .Default([](Operation *) -> Result { return std::nullopt; });
  }

  /// The lesser or greater of extents and constants is an extent of its own:
  /// the op's result.
  std::optional<Sizes> bounded(int64_t most) const {
    Value v = op->getResult(0);
    if (!nn::shapeOf(v).empty() || !nn::elementOf(v).isSignlessInteger(64))
      return std::nullopt;
    return Sizes{extentOf(v, most)};
  }

  std::optional<Sizes> over(nn::ReduceOp reduce) const {
    const Sizes &list = *operands[0];
    // Along no axis each is what it was.
    if (list.empty() || reduce.getAxes().empty())
      return std::nullopt;
    auto isLess = [](const Extent &a, const Extent &b) {
      return a.most < b.most;
    };
    std::optional<Extent> total = list.front();
    switch (reduce.getKind()) {
    case nn::ReduceKind::min:
      return bounded(llvm::min_element(list, isLess)->most);
    case nn::ReduceKind::max:
      return bounded(llvm::max_element(list, isLess)->most);
    case nn::ReduceKind::sum:
      for (const Extent &size : llvm::drop_begin(list))
        total = total ? sumOf(*total, size) : std::nullopt;
      break;
    case nn::ReduceKind::prod:
      for (const Extent &size : llvm::drop_begin(list))
        total = total ? product(*total, size) : std::nullopt;
      break;
    default:
      return std::nullopt;
    }
    return total ? std::optional(Sizes{*total}) : std::nullopt;
  }

  const Extents &extents;
  Operation *op;
  int64_t count = 0;
  SmallVector<std::optional<Sizes>> operands;
};

} // namespace

std::optional<Sizes> mlc::followSizes(const Extents &extents, Operation *op) {
  return SizeFollower(extents, op).run();
}
