//===- ConvertIndexing.cpp - Operators on positions and orders ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"
#include "Import/GraphImporter.h"
#include "Import/TensorImport.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

namespace {

//===----------------------------------------------------------------------===//
// Extremes and orders
//===----------------------------------------------------------------------===//

template <bool isMax>
Values argMinMax(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(x));
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 0), shape.size());
  if (failed(axis))
    return {};
  Value y =
      argExtreme(node, x, *axis, isMax, node.intAttr("select_last_index", 0));
  if (node.intAttr("keepdims", 1))
    return {y};
  shape.erase(shape.begin() + *axis);
  return {node.reshape(y, shape)};
}

/// 1 at the first largest element of each row, 0 elsewhere. Before opset 13 the
/// input is flattened to two dimensions at `axis` (default 1).
Values hardmax(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(x)), rows(shape);
  bool isOld = node.opset() < 13;
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", isOld ? 1 : -1), shape.size());
  if (failed(axis))
    return {};
  if (isOld) {
    rows = {dimProduct(ArrayRef(shape).take_front(*axis)),
            dimProduct(ArrayRef(shape).drop_front(*axis))};
    axis = 1;
    x = node.reshape(x, rows);
  }
  Value best = argExtreme(node, x, *axis, true, false);
  Value places =
      iota(node, rows[*axis], node.builder.getI64Type(), *axis, rows.size());
  Value isBest = node.create<nn::EqualOp>(places, best);
  if (!isBest)
    return {};
  return {node.reshape(node.cast(isBest, nn::elementOf(x)), shape)};
}

/// The `k` of TopK, which may be a size.
FailureOr<Extent> countArgument(Node &node) {
  FailureOr<Extents::Sizes> given =
      node.hasInput(1) ? sizesOfInput(node, 1)
                       : Extents::Sizes{Extent::constant(node.intAttr("k", 0))};
  if (failed(given))
    return failure();
  if (given->size() != 1)
    return node.fail("input 1 has " + llvm::Twine(given->size()) +
                     " elements, 1 is required");
  return given->front();
}

Values topK(Node &node) {
  Value x = node.input(0);
  FailureOr<Extent> k = countArgument(node);
  if (!x || failed(k))
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(x));
  int64_t rank = shape.size();
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", -1), rank);
  if (failed(axis))
    return {};
  int64_t n = shape[*axis];
  if (k->isConstant() ? k->offset < 0 || k->offset > n : k->most < 0) {
    node.error() << "takes " << k->most << " of " << n << " elements";
    return {};
  }
  Builder &b = node.builder;
  Value found;
  if (k->isConstant() && k->offset == 1 && isa<FloatType>(nn::elementOf(x)))
    found = argExtreme(node, x, *axis, node.intAttr("largest", 1), false);
  else
    found = node.create<nn::OrderOp>(
        x, b.getI64IntegerAttr(*axis),
        b.getI64IntegerAttr(std::min(k->most, n)),
        node.intAttr("largest", 1) ? b.getUnitAttr() : UnitAttr());
  if (found && !k->isConstant()) {
    found = released(node, found, *axis);
    Extents::Dims dims(node.importer.extents.dimsOf(found));
    dims.push_back({*axis, cap(node, *k, n)});
    found = bounded(node, found, dims);
  }
  Value flat = node.reshape(x, {dimProduct(shape)});
  Value values =
      gatherRows(node, flat, elementPositions(node, found, shape, *axis));
  return {values, found};
}

/// CumSum and CumProd.
template <typename OpTy, int neutral>
Values cumulate(Node &node) {
  Value x = node.input(0);
  FailureOr<llvm::SmallVector<int64_t>> given = node.constantInts(1);
  if (!x || failed(given))
    return {};
  if (given->size() != 1) {
    node.error() << "has " << given->size() << " axes, 1 is required";
    return {};
  }
  FailureOr<int64_t> axis =
      node.normalizeAxis(given->front(), nn::shapeOf(x).size());
  if (failed(axis))
    return {};
  int64_t n = nn::shapeOf(x)[*axis];
  bool isReverse = node.intAttr("reverse", 0);
  Value y = node.intAttr("exclusive", 0) && n > 0
                ? shifted(node, x, *axis, 1, isReverse, neutral)
                : x;
  return {cumulative<OpTy>(node, y, *axis, isReverse, neutral)};
}

/// Of every sequence its first `length` elements in reverse.
Values reverseSequence(Node &node) {
  Value x = node.input(0), lengths = node.input(1);
  if (!x || !lengths)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(x));
  int64_t batch = node.intAttr("batch_axis", 1),
          time = node.intAttr("time_axis", 0);
  if (shape.size() < 2 || batch + time != 1 || batch * time != 0 ||
      nn::shapeOf(lengths) != ArrayRef{shape[batch]}) {
    node.error() << "axes 0 and 1 for batch and time, and a length a sequence "
                    "are required";
    return {};
  }
  Type i64 = node.builder.getI64Type();
  int64_t steps = shape[time], sequences = shape[batch];
  Value own = iota(node, steps, i64, time, 2);
  Value length =
      node.reshape(node.cast(lengths, i64),
                   {batch == 0 ? sequences : 1, batch == 0 ? 1 : sequences});
  Value mirrored =
      withScalar<nn::SubOp>(node, node.create<nn::SubOp>(length, own), 1);
  Value isInside = node.create<nn::LessOp>(own, length);
  Value source = node.create<nn::SelectOp>(isInside, mirrored, own);
  Value row = withScalar<nn::MulOp>(node, source, time == 0 ? sequences : 1);
  row = node.create<nn::AddOp>(
      row, iota(node, sequences, i64, batch, 2, 0, batch == 0 ? steps : 1));
  Value flat = node.reshape(
      x, {steps * sequences, dimProduct(ArrayRef(shape).drop_front(2))});
  return {node.reshape(gatherRows(node, flat, row), shape)};
}

//===----------------------------------------------------------------------===//
// Tensors made of indices
//===----------------------------------------------------------------------===//

Values oneHot(Node &node) {
  Value indices = node.input(0), values = node.input(2);
  FailureOr<llvm::SmallVector<double>> depth = node.constantDoubles(1);
  if (!indices || !values || failed(depth))
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(indices));
  int64_t rank = shape.size() + 1;
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", -1), rank);
  if (failed(axis))
    return {};
  if (depth->size() != 1 || !((*depth)[0] >= 0 && (*depth)[0] < 1e9) ||
      nn::shapeOf(values) != ArrayRef<int64_t>{2}) {
    node.error() << "one depth and two values are required";
    return {};
  }
  int64_t size = static_cast<int64_t>((*depth)[0]);
  Value place =
      wrapIndices(node, node.cast(indices, node.builder.getI64Type()), size);
  shape.insert(shape.begin() + *axis, 1);
  Value isHot = node.create<nn::EqualOp>(
      node.reshape(place, shape),
      iota(node, size, node.builder.getI64Type(), *axis, rank));
  return {node.create<nn::SelectOp>(
      isHot, node.reshape(node.slice(values, 0, 1, 1), {}),
      node.reshape(node.slice(values, 0, 0, 1), {}))};
}

Values trilu(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  int64_t k = 0, rank = nn::shapeOf(x).size();
  if (node.hasInput(1)) {
    FailureOr<llvm::SmallVector<int64_t>> given = node.constantInts(1);
    if (failed(given))
      return {};
    if (given->size() != 1) {
      node.error() << "has " << given->size() << " diagonals, 1 is required";
      return {};
    }
    k = given->front();
  }
  if (rank < 2) {
    node.error() << "input has rank " << rank << ", at least 2 is required";
    return {};
  }
  int64_t rows = nn::shapeOf(x)[rank - 2], columns = nn::shapeOf(x)[rank - 1];
  k = std::clamp(k, -rows - 1, columns + 1);
  Type i64 = node.builder.getI64Type();
  Value row = iota(node, rows, i64, rank - 2, rank, k);
  Value column = iota(node, columns, i64, rank - 1, rank);
  Value stays = node.intAttr("upper", 1)
                    ? node.create<nn::GreaterOrEqualOp>(column, row)
                    : node.create<nn::LessOrEqualOp>(column, row);
  return {
      node.create<nn::SelectOp>(stays, x, node.scalar(nn::elementOf(x), 0))};
}

/// 0, 1, ... below a size; null for other ranges.
Value countUp(Node &node) {
  auto limit = node.importer.extents.sizesOf(node.inputs()[1]);
  auto start = nn::constantIntegers(node.constantOf(node.inputs()[0])),
       step = nn::constantIntegers(node.constantOf(node.inputs()[2]));
  if (!limit || !start || !step || limit->size() != 1 || start->size() != 1 ||
      step->size() != 1 || start->front() != 0 || step->front() != 1)
    return {};
  Value v =
      iota(node, limit->front().most, nn::elementOf(node.inputs()[1]), 0, 1);
  return bounded(node, v, {{0, limit->front()}});
}

Values range(Node &node) {
  if (!node.input(0) || !node.input(1) || !node.input(2))
    return {};
  Type element = nn::elementOf(node.inputs()[0]);
  bool isFloat = isa<FloatType>(element);
  if (Value counted = countUp(node))
    return {counted};
  double ends[3];
  int64_t wholes[3] = {0, 0, 1};
  for (int i = 0; i < 3; ++i) {
    FailureOr<llvm::SmallVector<double>> value = node.constantDoubles(i);
    if (failed(value))
      return {};
    if (value->size() != 1) {
      node.error() << "input " << i << " has " << value->size()
                   << " elements, 1 is required";
      return {};
    }
    ends[i] = value->front();
    if (!isFloat)
      wholes[i] = node.constantInts(i)->front();
  }
  double size = ends[2] == 0 ? -1 : std::ceil((ends[1] - ends[0]) / ends[2]);
  bool isExact =
      isFloat || (std::fabs(ends[0]) < 0x1p53 && std::fabs(ends[1]) < 0x1p53);
  if (!(size <= (1 << 28)) || ends[2] == 0 || !isExact) {
    node.error() << "a step other than 0, ends within 2^53 and at most 2^28 "
                    "elements are required";
    return {};
  }
  int64_t count = static_cast<int64_t>(std::max(0.0, size));
  if (!isFloat)
    return {iota(node, count, element, 0, 1, wholes[0], wholes[2])};
  if (!node.affords(static_cast<double>(count)))
    return {};
  llvm::SmallVector<double> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(ends[0] + static_cast<double>(i) * ends[2]);
  return {floatConstant(node, values, {count}, element)};
}

Values eyeLike(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(x));
  Type element = nn::elementOf(x);
  if (node.hasAttr("dtype"))
    element =
        importElementType(node.intAttr("dtype", 0), node.builder.getContext());
  if (shape.size() != 2 || !element) {
    node.error() << "rank 2 and a supported element type are required";
    return {};
  }
  int64_t k = std::clamp<int64_t>(node.intAttr("k", 0), -shape[0], shape[1]);
  Type i64 = node.builder.getI64Type();
  Value isOne = node.create<nn::EqualOp>(iota(node, shape[0], i64, 0, 2, k),
                                         iota(node, shape[1], i64, 1, 2));
  return {node.cast(isOne, element)};
}

Values tile(Node &node) {
  Value x = node.input(0);
  FailureOr<llvm::SmallVector<int64_t>> repeats = node.constantInts(1);
  if (!x || failed(repeats))
    return {};
  ArrayRef<int64_t> shape = nn::shapeOf(x);
  if (repeats->size() != shape.size()) {
    node.error() << "has " << repeats->size() << " repeats, " << shape.size()
                 << " are required";
    return {};
  }
  llvm::SmallVector<int64_t> apart, wide, joined;
  for (auto [size, count] : llvm::zip(shape, *repeats)) {
    if (count < 0 || count > (int64_t(1) << 31)) {
      node.error() << "repeats " << count << " times, 0 to 2^31 are supported";
      return {};
    }
    llvm::append_values(apart, 1, size);
    llvm::append_values(wide, count, size);
    joined.push_back(count * size);
  }
  if (failed(node.tensorType(joined, nn::elementOf(x))))
    return {};
  return {node.reshape(broadcast(node, node.reshape(x, apart), wide), joined)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::indexingConverters() {
  static const Converter table[] = {
      {"ArgMax", argMinMax<true>},
      {"ArgMin", argMinMax<false>},
      {"CumProd", cumulate<nn::MulOp, 1>},
      {"CumSum", cumulate<nn::AddOp, 0>},
      {"EyeLike", eyeLike},
      {"Hardmax", hardmax},
      {"OneHot", oneHot},
      {"Range", range},
      {"ReverseSequence", reverseSequence},
      {"Tile", tile},
      {"TopK", topK},
      {"Trilu", trilu},
  };
  return table;
}
