//===- Interface.cpp - Inputs and outputs of a module ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipeline/Interface.h"

#include "NN/IR/ConstantFold.h"
#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"
#include "NN/Transforms/Passes.h"
#include "Pipeline/CountParameters.h"
#include "Support/Version.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"

using namespace mlir;
using namespace mlc;

mlc_type mlc::runtimeType(Type element) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(element)) {
    bool isSigned = quantized.isSigned();
    unsigned width = quantized.getStorageTypeIntegralWidth();
    element = IntegerType::get(element.getContext(), width,
                               isSigned ? IntegerType::Signless
                                        : IntegerType::Unsigned);
  }
  if (element.isF32())
    return MLC_TYPE_F32;
  if (element.isF64())
    return MLC_TYPE_F64;
  if (element.isF16())
    return MLC_TYPE_F16;
  if (element.isBF16())
    return MLC_TYPE_BF16;
  bool isUnsigned = element.isUnsignedInteger();
  switch (element.getIntOrFloatBitWidth()) {
  case 1:
    return MLC_TYPE_BOOL;
  case 8:
    return isUnsigned ? MLC_TYPE_U8 : MLC_TYPE_I8;
  case 16:
    return isUnsigned ? MLC_TYPE_U16 : MLC_TYPE_I16;
  case 32:
    return isUnsigned ? MLC_TYPE_U32 : MLC_TYPE_I32;
  default:
    return isUnsigned ? MLC_TYPE_U64 : MLC_TYPE_I64;
  }
}

ElementType mlc::hostType(mlc_type type) {
  switch (type) {
  case MLC_TYPE_F16:
    return ElementType::F16;
  case MLC_TYPE_BF16:
    return ElementType::BF16;
  case MLC_TYPE_F64:
    return ElementType::F64;
  case MLC_TYPE_BOOL:
    return ElementType::Bool;
  case MLC_TYPE_I8:
    return ElementType::I8;
  case MLC_TYPE_I16:
    return ElementType::I16;
  case MLC_TYPE_I32:
    return ElementType::I32;
  case MLC_TYPE_I64:
    return ElementType::I64;
  case MLC_TYPE_U8:
    return ElementType::U8;
  case MLC_TYPE_U16:
    return ElementType::U16;
  case MLC_TYPE_U32:
    return ElementType::U32;
  case MLC_TYPE_U64:
    return ElementType::U64;
  default:
    return ElementType::F32;
  }
}

static std::string stringOf(DictionaryAttr dictionary, StringRef key) {
  auto attr = dictionary ? dictionary.getAs<StringAttr>(key) : StringAttr();
  return attr ? attr.str() : std::string();
}

static TensorContract tensorOf(Type type, DictionaryAttr attrs, StringRef kind,
                               unsigned i) {
  TensorContract tensor;
  tensor.name = stringOf(attrs, "nn.name");
  if (tensor.name.empty())
    tensor.name = (kind + Twine(i)).str();
  tensor.doc = stringOf(attrs, "nn.doc");
  auto shaped = cast<RankedTensorType>(type);
  tensor.type = runtimeType(shaped.getElementType());
  tensor.shape.assign(shaped.getShape().begin(), shaped.getShape().end());
  tensor.alignment =
      std::max<int64_t>(1, nn::bytesPerElement(shaped.getElementType()));
  if (auto counted = attrs ? attrs.getAs<DenseI64ArrayAttr>("nn.counted")
                           : DenseI64ArrayAttr())
    for (int64_t i = 0; i + 1 < counted.size(); i += 2)
      tensor.counted.push_back(
          {counted[i], static_cast<size_t>(counted[i + 1])});
  return tensor;
}

/// What BoundValues.h of the importer says; nothing where the attribute is
/// another's.
static std::vector<BoundInput> boundInputsOf(ModuleOp module) {
  std::vector<BoundInput> inputs;
  auto list = module->getAttrOfType<ArrayAttr>("nn.bound");
  for (Attribute item : list ? list.getValue() : ArrayRef<Attribute>()) {
    auto entry = dyn_cast<DictionaryAttr>(item);
    auto value = entry ? entry.getAs<ElementsAttr>("value") : ElementsAttr();
    auto position =
        entry ? entry.getAs<IntegerAttr>("position") : IntegerAttr();
    std::optional<SmallVector<char>> bytes =
        value ? nn::constantBytes(value) : std::nullopt;
    if (!bytes || !position)
      continue;
    auto type = cast<ShapedType>(value.getType());
    llvm::Expected<Tensor> tensor = Tensor::create(
        hostType(runtimeType(type.getElementType())), type.getShape());
    if (!tensor || tensor->sizeInBytes() != bytes->size()) {
      llvm::consumeError(tensor.takeError());
      continue;
    }
    llvm::copy(*bytes, static_cast<char *>(tensor->data()));
    inputs.push_back({stringOf(entry, "name"),
                      static_cast<size_t>(position.getInt()),
                      std::make_shared<const Tensor>(std::move(*tensor))});
  }
  return inputs;
}

ModelContract mlc::contractOf(ModuleOp module, StringRef prefix) {
  ModelContract contract;
  contract.mlcVersion = version();
  contract.prefix = prefix.str();
  auto identity = module->getAttrOfType<DictionaryAttr>("nn.model");
  contract.name = stringOf(identity, "graph");
  if (contract.name.empty())
    contract.name = contract.prefix;
  contract.doc = stringOf(identity, "doc");
  contract.producer = stringOf(identity, "producer");
  if (identity) {
    if (auto opset = identity.getAs<IntegerAttr>("opset"))
      contract.opsets[""] = opset.getInt();
    if (auto metadata = identity.getAs<DictionaryAttr>("metadata"))
      for (NamedAttribute entry : metadata)
        if (auto value = dyn_cast<StringAttr>(entry.getValue()))
          contract.metadata[entry.getName().str()] = value.str();
  }
  contract.bound = boundInputsOf(module);
  auto function = module.lookupSymbol<func::FuncOp>("main");
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    contract.inputs.push_back(tensorOf(function.getArgumentTypes()[i],
                                       function.getArgAttrDict(i), "input", i));
  for (unsigned i = 0; i < function.getNumResults(); ++i) {
    if (function.getResultAttr(i, nn::kValidAttr))
      continue;
    contract.outputs.push_back(tensorOf(function.getResultTypes()[i],
                                        function.getResultAttrDict(i), "output",
                                        i));
  }
  assignIdentifiers(contract);
  contract.macs = countMacs(module);
  contract.parameters = countParameters(module);
  return contract;
}

/// What `attrs` of a tensor of `type` say of its integers.
static void addQuantization(TensorContract &tensor, Type type,
                            DictionaryAttr attrs) {
  auto attr = attrs ? attrs.getAs<TypeAttr>("nn.quantized") : TypeAttr();
  auto uniform =
      attr ? dyn_cast<quant::UniformQuantizedType>(attr.getValue()) : nullptr;
  bool isStored = isa<IntegerType>(getElementTypeOrSelf(type));
  if (uniform && isStored && !tensor.quantization)
    tensor.quantization = {uniform.getScale(), uniform.getZeroPoint()};
}

void mlc::addQuantization(ModuleOp module, ModelContract &contract) {
  auto function = module.lookupSymbol<func::FuncOp>("main");
  for (auto [i, tensor] : llvm::enumerate(contract.inputs))
    ::addQuantization(tensor, function.getArgumentTypes()[i],
                      function.getArgAttrDict(i));
  for (auto [i, tensor] : llvm::enumerate(contract.outputs))
    ::addQuantization(tensor, function.getResultTypes()[i],
                      function.getResultAttrDict(i));
}

static EntryTensor entryTensor(const TensorContract &tensor) {
  EntryTensor entry;
  entry.name = tensor.name;
  entry.type = tensor.type;
  entry.shape = tensor.shape;
  entry.byteSize = tensor.bytes();
  entry.alignment = tensor.alignment;
  return entry;
}

EntrySpec mlc::entryOf(const ModelContract &contract) {
  EntrySpec spec;
  spec.prefix = contract.prefix;
  spec.name = contract.name;
  for (const TensorContract &tensor : contract.inputs)
    spec.inputs.push_back(entryTensor(tensor));
  for (const TensorContract &tensor : contract.outputs)
    spec.outputs.push_back(entryTensor(tensor));
  return spec;
}

uint64_t mlc::countMacs(ModuleOp module) {
  uint64_t macs = 0;
  module.walk([&](nn::LinearOpInterface op) {
    auto type = cast<RankedTensorType>(op.getResult().getType());
    macs += type.getNumElements() * op.getReductionSize();
  });
  return macs;
}
