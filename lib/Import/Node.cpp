//===- Node.cpp - One ONNX node as converters see it ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/GraphImporter.h"

#include "Import/GraphImporter.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlc;

Value Node::input(size_t i) {
  if (hasInput(i))
    return operands[i];
  if (!isFailed)
    error() << "input " << i << " is required";
  return {};
}

const onnx::AttributeProto *Node::findAttr(llvm::StringRef name) const {
  for (const onnx::AttributeProto &attr : proto.attribute())
    if (attr.name() == name)
      return &attr;
  return nullptr;
}

int64_t Node::intAttr(llvm::StringRef name, int64_t otherwise) const {
  const onnx::AttributeProto *attr = findAttr(name);
  return attr ? attr->i() : otherwise;
}

double Node::floatAttr(llvm::StringRef name, double otherwise) const {
  const onnx::AttributeProto *attr = findAttr(name);
  return attr ? attr->f() : otherwise;
}

std::string Node::stringAttr(llvm::StringRef name,
                             llvm::StringRef otherwise) const {
  const onnx::AttributeProto *attr = findAttr(name);
  return attr ? attr->s() : otherwise.str();
}

llvm::SmallVector<int64_t>
Node::intsAttr(llvm::StringRef name, llvm::ArrayRef<int64_t> otherwise) const {
  const onnx::AttributeProto *attr = findAttr(name);
  if (!attr)
    return llvm::SmallVector<int64_t>(otherwise);
  return llvm::SmallVector<int64_t>(attr->ints().begin(), attr->ints().end());
}

llvm::SmallVector<float> Node::floatsAttr(llvm::StringRef name) const {
  const onnx::AttributeProto *attr = findAttr(name);
  if (!attr)
    return {};
  return llvm::SmallVector<float>(attr->floats().begin(), attr->floats().end());
}

ElementsAttr Node::constantOf(Value v) const {
  ElementsAttr value;
  return v && matchPattern(v, m_Constant(&value)) ? value : ElementsAttr();
}

FailureOr<llvm::SmallVector<int64_t>> Node::constantInts(size_t i) {
  Value v = input(i);
  if (!v)
    return failure();
  if (std::optional<SmallVector<int64_t>> ints =
          nn::constantIntegers(constantOf(v)))
    return *ints;
  error() << "input " << i << " ('" << proto.input(i)
          << "') must be integers known at compile time";
  return failure();
}

FailureOr<llvm::SmallVector<double>> Node::constantDoubles(size_t i) {
  Value v = input(i);
  if (!v)
    return failure();
  if (std::optional<SmallVector<double>> values =
          nn::constantDoubles(constantOf(v)))
    return *values;
  error() << "input " << i << " ('" << proto.input(i)
          << "') must be numbers known at compile time";
  return failure();
}

FailureOr<int64_t> Node::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  error() << "axis is " << axis << ", one in [" << -rank << ", " << rank
          << ") is required";
  return failure();
}

FailureOr<llvm::SmallVector<int64_t>>
Node::normalizeAxes(llvm::ArrayRef<int64_t> axes, int64_t rank) {
  llvm::SmallVector<int64_t> result;
  for (int64_t axis : axes) {
    FailureOr<int64_t> normal = normalizeAxis(axis, rank);
    if (mlir::failed(normal))
      return failure();
    result.push_back(*normal);
  }
  llvm::sort(result);
  if (std::adjacent_find(result.begin(), result.end()) == result.end())
    return result;
  error() << "an axis is given twice";
  return failure();
}

Type Node::placeholder() {
  return RankedTensorType::get({}, builder.getI1Type());
}

Value Node::finish(Operation *op) {
  if (auto inferable = dyn_cast<InferTypeOpInterface>(op)) {
    SmallVector<Type> types;
    if (mlir::failed(inferable.inferReturnTypes(
            builder.getContext(), loc, op->getOperands(),
            op->getDiscardableAttrDictionary(), op->getPropertiesStorage(),
            op->getRegions(), types))) {
      isFailed = true;
      op->erase();
      return {};
    }
    op->getResult(0).setType(types[0]);
  }
  auto type = mlir::cast<RankedTensorType>(op->getResult(0).getType());
  if (mlir::failed(tensorType(type.getShape(), type.getElementType()))) {
    op->erase();
    return {};
  }
  if (mlir::failed(mlir::verify(op))) {
    isFailed = true;
    op->erase();
    return {};
  }
  for (Value v : op->getResults())
    importer.extents.forget(v);
  // Not folded, for a constant would not know its extents.
  if (importer.extents.concerns(op)) {
    Value result = importer.extents.follow(*this, op);
    return isFailed ? Value() : result;
  }
  SmallVector<Value> folded;
  SmallVector<Operation *> constants;
  if (mlir::succeeded(builder.tryFold(op, folded, &constants))) {
    // tryFold puts constants where the builder stands, which is behind the op.
    op->erase();
    return folded[0];
  }
  return op->getResult(0);
}

FailureOr<RankedTensorType> Node::tensorType(llvm::ArrayRef<int64_t> shape,
                                             Type element) {
  constexpr int64_t kMaxBytes = int64_t(1) << 40;
  int64_t bytes = nn::bytesPerElement(element);
  for (int64_t dim : shape)
    if (dim < 0 || llvm::MulOverflow(bytes, std::max<int64_t>(dim, 1), bytes) ||
        bytes > kMaxBytes) {
      error() << "makes a tensor with dimension " << dim
              << ", which is negative or passes 2^40 bytes in all";
      return failure();
    }
  return RankedTensorType::get(shape, element);
}

bool Node::affords(double count, int64_t bytesEach) {
  // All that the nodes of a model compute while it is read.
  constexpr double kMaxBytes = double(1 << 29);
  if (isFailed)
    return false;
  double bytes = count * static_cast<double>(bytesEach);
  if (bytes >= 0 && importer.computedBytes + bytes <= kMaxBytes) {
    importer.computedBytes += bytes;
    return true;
  }
  error()
      << "needs a table of " << nn::toInteger(count)
      << " elements at compile time; the tables of a model may take 512 MiB";
  return false;
}

Value Node::constant(ElementsAttr value) {
  if (isFailed)
    return {};
  Value v = nn::ConstantOp::create(builder, loc, value.getType(), value);
  importer.extents.forget(v);
  return v;
}

Value Node::scalar(Type element, double value) {
  auto type = RankedTensorType::get({}, element);
  if (auto floatType = dyn_cast<FloatType>(element))
    return constant(
        DenseElementsAttr::get(type, builder.getFloatAttr(floatType, value)));
  APInt bits(64, static_cast<uint64_t>(nn::toInteger(value)));
  Attribute attr =
      IntegerAttr::get(element, bits.trunc(element.getIntOrFloatBitWidth()));
  return constant(DenseElementsAttr::get(type, attr));
}

Value Node::constantI64(llvm::ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                    builder.getI64Type());
  return constant(DenseElementsAttr::get(type, values));
}

Value Node::reshape(Value v, llvm::ArrayRef<int64_t> shape) {
  if (!v)
    return {};
  return createTyped<nn::ReshapeOp>(
      RankedTensorType::get(shape, nn::elementOf(v)), v);
}

Value Node::cast(Value v, Type element) {
  if (!v)
    return {};
  return createTyped<nn::CastOp>(RankedTensorType::get(nn::shapeOf(v), element),
                                 v, UnitAttr());
}

Value Node::transpose(Value v, llvm::ArrayRef<int64_t> permutation) {
  return create<nn::TransposeOp>(v, permutation);
}

Value Node::slice(Value v, int64_t axis, int64_t start, int64_t size) {
  if (!v)
    return {};
  llvm::SmallVector<int64_t> starts(nn::shapeOf(v).size(), 0),
      sizes(nn::shapeOf(v));
  llvm::SmallVector<int64_t> steps(nn::shapeOf(v).size(), 1);
  starts[axis] = start;
  sizes[axis] = size;
  return create<nn::SliceOp>(v, starts, sizes, steps);
}

InFlightDiagnostic Node::error() {
  isFailed = true;
  return emitError(loc);
}

LogicalResult Node::fail(const llvm::Twine &message) {
  error() << message;
  return failure();
}
