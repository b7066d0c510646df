//===- ConvertMovement.cpp - Data movement of ONNX ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/BoundedMovement.h"
#include "Import/Converters.h"
#include "Import/GraphImporter.h"
#include "Import/Indices.h"
#include "Import/TensorImport.h"

#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;
using namespace mlc;

namespace {

/// A list given as attribute `attr` in older opsets and as input `index` in
/// newer.
FailureOr<llvm::SmallVector<int64_t>>
listArgument(Node &node, llvm::StringRef attr, size_t index) {
  if (node.hasInput(index))
    return node.constantInts(index);
  return node.intsAttr(attr);
}

int64_t elements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  return count;
}

/// A shape that an operand gives; where its sizes are known at run time only,
/// at most.
struct TargetShape {
  llvm::SmallVector<int64_t> sizes;
  Extents::Dims dims;
};

FailureOr<TargetShape> targetShape(Node &node, size_t index) {
  FailureOr<Extents::Sizes> given = sizesOfInput(node, index);
  if (failed(given))
    return failure();
  TargetShape shape;
  for (auto [axis, size] : llvm::enumerate(*given)) {
    shape.sizes.push_back(size.most);
    if (!size.isConstant())
      shape.dims.push_back({static_cast<int64_t>(axis), size});
  }
  return shape;
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

Values constantOfShape(Node &node) {
  FailureOr<TargetShape> shape = targetShape(node, 0);
  if (failed(shape))
    return {};
  ElementsAttr value;
  if (const onnx::AttributeProto *attr = node.findAttr("value")) {
    llvm::Expected<ElementsAttr> tensor =
        importTensor(attr->t(), node.builder.getContext());
    if (!tensor) {
      node.error() << llvm::toString(tensor.takeError());
      return {};
    }
    value = *tensor;
  } else {
    auto type = RankedTensorType::get({1}, node.builder.getF32Type());
    value = DenseElementsAttr::get(type, 0.0f);
  }
  Type element = value.getElementType();
  if (failed(node.tensorType(shape->sizes, element)))
    return {};
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense || dense.getNumElements() != 1) {
    node.error() << "attribute 'value' must hold one element";
    return {};
  }
  auto type = RankedTensorType::get(shape->sizes, element);
  Value v = node.constant(
      DenseElementsAttr::get(type, *dense.value_begin<Attribute>()));
  return {bounded(node, v, shape->dims)};
}

//===----------------------------------------------------------------------===//
// Reshaping
//===----------------------------------------------------------------------===//

/// 0 copies the input's dimension (unless allowzero), one -1 is inferred.
Values reshape(Node &node) {
  Value x = node.input(0);
  FailureOr<TargetShape> target = targetShape(node, 1);
  if (!x || failed(target))
    return {};
  ArrayRef<int64_t> input = nn::shapeOf(x);
  bool allowZero = node.intAttr("allowzero", 0);
  llvm::SmallVector<int64_t> shape(target->sizes);
  int64_t known = 1, inferred = -1;
  for (auto [i, dim] : llvm::enumerate(shape)) {
    if (dim == 0 && !allowZero && i < input.size())
      dim = input[i];
    if (dim == -1 && inferred < 0)
      inferred = i;
    else if (dim < 0 || llvm::MulOverflow(known, dim, known)) {
      node.error() << "target shape holds " << dim << " at " << i;
      return {};
    }
  }
  if (inferred >= 0) {
    if (known == 0 || elements(input) % known != 0) {
      node.error() << elements(input) << " elements do not fill a multiple of "
                   << known;
      return {};
    }
    shape[inferred] = elements(input) / known;
  }
  return {node.reshape(x, shape)};
}

Values flatten(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  ArrayRef<int64_t> input = nn::shapeOf(x);
  int64_t rank = input.size(), axis = node.intAttr("axis", 1);
  if (axis < -rank || axis > rank) {
    node.error() << "axis is " << axis << ", one in [" << -rank << ", " << rank
                 << "] is required";
    return {};
  }
  axis += axis < 0 ? rank : 0;
  return {node.reshape(
      x, {elements(input.take_front(axis)), elements(input.drop_front(axis))})};
}

Values squeeze(Node &node) {
  Value x = node.input(0);
  FailureOr<llvm::SmallVector<int64_t>> given = listArgument(node, "axes", 1);
  if (!x || failed(given))
    return {};
  ArrayRef<int64_t> input = nn::shapeOf(x);
  bool isAll = !node.hasInput(1) && !node.hasAttr("axes");
  FailureOr<llvm::SmallVector<int64_t>> axes =
      node.normalizeAxes(*given, input.size());
  if (failed(axes))
    return {};
  llvm::SmallVector<int64_t> shape;
  for (auto [i, dim] : llvm::enumerate(input)) {
    bool isNamed = llvm::is_contained(*axes, static_cast<int64_t>(i));
    if (isNamed && dim != 1) {
      node.error() << "squeezes dimension " << i << " of size " << dim;
      return {};
    }
    if (!isNamed && !(isAll && dim == 1))
      shape.push_back(dim);
  }
  return {node.reshape(x, shape)};
}

Values unsqueeze(Node &node) {
  Value x = node.input(0);
  FailureOr<llvm::SmallVector<int64_t>> given = listArgument(node, "axes", 1);
  if (!x || failed(given))
    return {};
  ArrayRef<int64_t> input = nn::shapeOf(x);
  int64_t rank = input.size() + given->size();
  FailureOr<llvm::SmallVector<int64_t>> axes = node.normalizeAxes(*given, rank);
  if (failed(axes))
    return {};
  llvm::SmallVector<int64_t> shape;
  const int64_t *next = input.begin();
  for (int64_t i = 0; i < rank; ++i)
    shape.push_back(llvm::is_contained(*axes, i) ? 1 : *next++);
  return {node.reshape(x, shape)};
}

Values transpose(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  auto reversed = llvm::to_vector(
      llvm::reverse(llvm::seq<int64_t>(0, nn::shapeOf(x).size())));
  return {node.transpose(x, node.intsAttr("perm", reversed))};
}

Values expand(Node &node) {
  Value x = node.input(0);
  FailureOr<TargetShape> target = targetShape(node, 1);
  if (!x || failed(target))
    return {};
  FailureOr<llvm::SmallVector<int64_t>> shape =
      nn::broadcastShapes(nn::shapeOf(x), target->sizes);
  if (failed(shape)) {
    node.error() << x.getType() << " does not broadcast to the target shape";
    return {};
  }
  FailureOr<RankedTensorType> type = node.tensorType(*shape, nn::elementOf(x));
  if (failed(type))
    return {};
  Value y = node.createTyped<nn::BroadcastOp>(*type, x);
  if (!y || target->dims.empty())
    return {y};
  Extents::Dims dims(node.importer.extents.dimsOf(y));
  int64_t lead = shape->size() - target->sizes.size();
  for (const BoundedDim &dim : target->dims)
    if (!node.importer.extents.along(y, dim.axis + lead))
      dims.push_back({dim.axis + lead, dim.extent});
  return {bounded(node, y, dims)};
}

//===----------------------------------------------------------------------===//
// Parts and joins
//===----------------------------------------------------------------------===//

Values concat(Node &node) {
  if (node.numInputs() == 0 || !node.input(0))
    return {};
  FailureOr<int64_t> axis = node.normalizeAxis(
      node.intAttr("axis", 1), nn::shapeOf(node.input(0)).size());
  if (failed(axis))
    return {};
  llvm::SmallVector<Value> inputs;
  for (size_t i = 0; i < node.numInputs(); ++i)
    if (Value v = node.input(i))
      inputs.push_back(v);
  return {node.create<nn::ConcatOp>(ValueRange(inputs),
                                    node.builder.getI64IntegerAttr(*axis))};
}

/// Sizes of the parts: given, or as equal as possible with a smaller last one.
FailureOr<llvm::SmallVector<int64_t>> splitSizes(Node &node, int64_t size) {
  FailureOr<llvm::SmallVector<int64_t>> sizes = listArgument(node, "split", 1);
  if (failed(sizes))
    return failure();
  int64_t count = node.numOutputs();
  if (sizes->empty()) {
    int64_t part = llvm::divideCeil(size, count);
    for (int64_t i = 0, left = size; i < count; ++i, left -= part)
      sizes->push_back(std::clamp<int64_t>(left, 0, part));
  }
  int64_t sum = 0;
  for (int64_t s : *sizes)
    sum += s < 0 || s > size ? size + 1 : s;
  if (static_cast<int64_t>(sizes->size()) != count || sum != size) {
    node.error() << "splits " << size << " elements into " << sizes->size()
                 << " parts for " << count << " outputs that do not add up";
    return failure();
  }
  return sizes;
}

Values split(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 0), nn::shapeOf(x).size());
  if (failed(axis))
    return {};
  if (node.importer.extents.along(x, *axis)) {
    node.error() << "splits a dimension as long as what is found at run time; "
                    "take a fixed number of rows before (TopK)";
    return {};
  }
  FailureOr<llvm::SmallVector<int64_t>> sizes =
      splitSizes(node, nn::shapeOf(x)[*axis]);
  if (failed(sizes))
    return {};
  Values parts;
  int64_t start = 0;
  for (int64_t size : *sizes) {
    parts.push_back(node.slice(x, *axis, start, size));
    start += size;
  }
  return parts;
}

/// One axis of Slice: start and end clamped as NumPy does.
void sliceAxis(int64_t dim, int64_t step, int64_t &start, int64_t end,
               int64_t &size) {
  auto fromFront = [&](int64_t i) { return i < 0 ? i + dim : i; };
  if (step > 0) {
    start = std::clamp<int64_t>(fromFront(start), 0, dim);
    end = std::clamp<int64_t>(end < -dim ? 0 : fromFront(end), 0, dim);
    size = std::max<int64_t>(
        0, llvm::divideCeil(std::max<int64_t>(0, end - start), step));
  } else {
    start =
        std::clamp<int64_t>(start < -dim ? -1 : fromFront(start), -1, dim - 1);
    end = std::clamp<int64_t>(end < -dim ? -1 : fromFront(end), -1, dim - 1);
    size = start <= end ? 0 : (start - end - 1) / -step + 1;
  }
}

/// A list of Slice or Pad: an attribute in older opsets, an operand in newer.
FailureOr<Extents::Sizes>
sliceArgument(Node &node, llvm::StringRef attr, size_t index,
              FailureOr<Extents::Sizes> (*read)(Node &, size_t)) {
  if (node.hasInput(index))
    return read(node, index);
  return llvm::map_to_vector(node.intsAttr(attr), Extent::constant);
}

Values slice(Node &node) {
  Value x = node.input(0);
  FailureOr<Extents::Sizes> starts =
      sliceArgument(node, "starts", 1, placesOfInput);
  FailureOr<Extents::Sizes> ends =
      sliceArgument(node, "ends", 2, placesOfInput);
  FailureOr<llvm::SmallVector<int64_t>> axes = listArgument(node, "axes", 3);
  FailureOr<llvm::SmallVector<int64_t>> steps = listArgument(node, "steps", 4);
  if (!x || failed(starts) || failed(ends) || failed(axes) || failed(steps))
    return {};
  llvm::SmallVector<int64_t> input(nn::shapeOf(x));
  if (axes->empty())
    axes = llvm::to_vector(llvm::seq<int64_t>(0, starts->size()));
  if (steps->empty())
    steps->assign(starts->size(), 1);
  if (ends->size() != starts->size() || axes->size() != starts->size() ||
      steps->size() != starts->size()) {
    node.error() << "has " << starts->size() << " starts, " << ends->size()
                 << " ends, " << axes->size() << " axes and " << steps->size()
                 << " steps";
    return {};
  }
  llvm::SmallVector<int64_t> from(input.size(), 0), sizes(input),
      by(input.size(), 1);
  llvm::SmallVector<std::pair<int64_t, size_t>> dynamic; // axis, place in lists
  for (size_t i = 0; i < starts->size(); ++i) {
    FailureOr<int64_t> axis = node.normalizeAxis((*axes)[i], input.size());
    if (failed(axis))
      return {};
    int64_t &step = (*steps)[i];
    if (step == 0 || step == std::numeric_limits<int64_t>::min()) {
      node.error() << "step is " << step << ", another number is required";
      return {};
    }
    // Steps beyond the dimension all mean one element.
    step = std::clamp<int64_t>(step, -input[*axis] - 1, input[*axis] + 1);
    if (isDynamicSlice(node, x, *axis, (*starts)[i], (*ends)[i], step)) {
      dynamic.push_back({*axis, i});
      continue;
    }
    from[*axis] = (*starts)[i].offset;
    by[*axis] = step;
    sliceAxis(input[*axis], step, from[*axis], (*ends)[i].offset, sizes[*axis]);
    if (sizes[*axis] == 0)
      from[*axis] = 0;
  }
  x = node.create<nn::SliceOp>(x, from, sizes, by);
  for (auto [axis, i] : dynamic)
    if (x)
      x = sliceDynamic(node, x, axis, (*starts)[i], (*ends)[i], (*steps)[i]);
  return {x};
}

/// What is left of x where pads are negative, which become 0. ONNX does not say
/// of which elements a period then consists; onnxruntime and PyTorch repeat
/// what is left.
Value crop(Node &node, Value x, llvm::MutableArrayRef<int64_t> pads) {
  llvm::SmallVector<int64_t> sizes(nn::shapeOf(x));
  size_t rank = sizes.size();
  llvm::SmallVector<int64_t> from(rank, 0), steps(rank, 1);
  for (size_t d = 0; d < rank; ++d) {
    int64_t least = std::numeric_limits<int64_t>::min();
    for (int64_t *pad : {&pads[d], &pads[rank + d]}) {
      if (*pad >= 0)
        continue;
      int64_t cut = *pad == least ? sizes[d] : std::min(-*pad, sizes[d]);
      from[d] = pad == &pads[d] ? cut : from[d];
      sizes[d] -= cut;
      *pad = 0;
    }
    if (sizes[d] == 0)
      from[d] = 0;
  }
  return node.create<nn::SliceOp>(x, from, sizes, steps);
}

Values pad(Node &node) {
  Value x = node.input(0);
  if (!x)
    return {};
  FailureOr<Extents::Sizes> given =
      sliceArgument(node, "pads", 1, sizesOfInput);
  std::optional<nn::PadMode> mode =
      nn::symbolizePadMode(node.stringAttr("mode", "constant"));
  if (failed(given))
    return {};
  if (!mode) {
    node.error() << "mode '" << node.stringAttr("mode", "")
                 << "' is not supported";
    return {};
  }
  int64_t rank = nn::shapeOf(x).size();
  llvm::SmallVector<int64_t> axes =
      llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (node.hasInput(3)) {
    FailureOr<llvm::SmallVector<int64_t>> listed = node.constantInts(3);
    if (failed(listed))
      return {};
    axes = *listed;
  }
  if (given->size() != 2 * axes.size()) {
    node.error() << "has " << given->size() << " pads, " << 2 * axes.size()
                 << " are required";
    return {};
  }
  Extents::Sizes wanted(2 * rank, Extent::constant(0));
  for (auto [i, axis] : llvm::enumerate(axes)) {
    FailureOr<int64_t> normal = node.normalizeAxis(axis, rank);
    if (failed(normal))
      return {};
    wanted[*normal] = (*given)[i];
    wanted[rank + *normal] = (*given)[axes.size() + i];
  }
  Value value;
  if (*mode == nn::PadMode::constant)
    value = node.hasInput(2)
                ? node.reshape(node.inputs()[2], {})
                : node.scalar(nn::elementOf(x), node.floatAttr("value", 0));
  if (node.failed())
    return {};
  if (value &&
      !llvm::all_of(wanted, [](const Extent &pad) { return pad.isConstant(); }))
    return {padDynamic(node, x, wanted, value)};
  auto pads =
      llvm::map_to_vector(wanted, [](const Extent &pad) { return pad.offset; });
  bool cuts = llvm::any_of(pads, [](int64_t pad) { return pad < 0; });
  if (*mode == nn::PadMode::wrap && cuts)
    x = crop(node, x, pads);
  if (!x)
    return {};
  llvm::SmallVector<int64_t> shape(nn::shapeOf(x));
  for (int64_t d = 0; d < rank; ++d)
    if (llvm::AddOverflow(shape[d], pads[d], shape[d]) ||
        llvm::AddOverflow(shape[d], pads[rank + d], shape[d])) {
      node.error() << "pads overflow";
      return {};
    }
  for (int64_t &dim : shape)
    dim = std::max<int64_t>(dim, 0);
  if (failed(node.tensorType(shape, nn::elementOf(x))))
    return {};
  if (value)
    if (Value joined = padSizes(node, x, pads, value))
      return {joined};
  return {node.finish(nn::PadOp::create(node.builder, node.loc, x.getType(), x,
                                        value, pads, *mode))};
}

Values gather(Node &node) {
  Value x = node.input(0), indices = node.input(1);
  if (!x || !indices)
    return {};
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 0), nn::shapeOf(x).size());
  if (failed(axis))
    return {};
  requireIndices(node, indices, nn::shapeOf(x)[*axis]);
  return {node.create<nn::GatherOp>(x, indices,
                                    node.builder.getI64IntegerAttr(*axis))};
}

} // namespace

llvm::ArrayRef<Converter> mlc::movementConverters() {
  static const Converter table[] = {
      {"Concat", concat},       {"ConstantOfShape", constantOfShape},
      {"Expand", expand},       {"Flatten", flatten},
      {"Gather", gather},       {"Pad", pad},
      {"Reshape", reshape},     {"Slice", slice},
      {"Split", split},         {"Squeeze", squeeze},
      {"Transpose", transpose}, {"Unsqueeze", unsqueeze},
  };
  return table;
}
