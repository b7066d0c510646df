//===- BoundValues.cpp - Inputs that --value makes constants --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/BoundValues.h"

#include "Import/Bindings.h"
#include "Import/TensorImport.h"
#include "Onnx/BindInputs.h"
#include "TensorIO/TensorFile.h"
#include "TensorIO/TensorProto.h"
#include "TensorIO/TensorText.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlc;

namespace {
class ValueBinder {
public:
  ValueBinder(onnx::ModelProto &model, const ModelOptions &options,
              Location loc)
      : model(model), options(options), loc(loc),
        bindings(model.graph(), options) {}

  FailureOr<ArrayAttr> run() {
    llvm::StringSet<> defaults;
    for (const onnx::TensorProto &tensor : model.graph().initializer())
      defaults.insert(tensor.name());
    // In the order of the file. All are read before the first is bound, which
    // takes an input away.
    std::vector<std::pair<std::string, onnx::TensorProto>> values;
    bool isValid = checkNames();
    int64_t position = 0;
    for (const onnx::ValueInfoProto &input : model.graph().input()) {
      bool isDefault = defaults.contains(input.name());
      if (auto text = options.values.find(input.name());
          text != options.values.end()) {
        FailureOr<onnx::TensorProto> value = valueOf(input, text->second);
        isValid &= succeeded(value) &&
                   succeeded(describe(input.name(), position, *value));
        if (succeeded(value))
          values.emplace_back(input.name(), std::move(*value));
      }
      position += !isDefault;
    }
    if (!isValid)
      return failure();
    for (const auto &[name, value] : values)
      if (llvm::Error error = bindInput(model, name, value))
        return FailureOr<ArrayAttr>(emitError(loc)
                                    << "--value=" << name << "=...: "
                                    << llvm::toString(std::move(error)));
    return ArrayAttr::get(loc.getContext(), descriptions);
  }

private:
  InFlightDiagnostic refuse(llvm::StringRef name) {
    return emitError(loc) << "--value=" << name << "=...: ";
  }

  bool checkNames() {
    std::set<std::string> unknown;
    for (const auto &[name, text] : options.values)
      unknown.insert(name);
    std::string known;
    for (const onnx::ValueInfoProto &input : model.graph().input()) {
      unknown.erase(input.name());
      known += (known.empty() ? "'" : ", '") + input.name() + "'";
    }
    for (const std::string &name : unknown)
      refuse(name) << "no such input; the model has "
                   << (known.empty() ? "none" : known);
    return unknown.empty();
  }

  /// A file has its own shape, which must be one of the input's; a list is of
  /// the shape that is bound, or as long as it is where that is open.
  FailureOr<onnx::TensorProto> valueOf(const onnx::ValueInfoProto &input,
                                       llvm::StringRef text) {
    const onnx::TypeProto::Tensor &declared = input.type().tensor_type();
    std::optional<ElementType> type = elementTypeFromOnnx(declared.elem_type());
    if (!type)
      return FailureOr<onnx::TensorProto>(refuse(input.name())
                                          << "the input is of "
                                          << dataTypeName(declared.elem_type())
                                          << ", which is not supported");
    llvm::Expected<Tensor> value = Tensor();
    if (text.consume_front("@")) {
      value = readTensor(text);
    } else {
      FailureOr<llvm::SmallVector<int64_t>> shape = shapeOf(input, text);
      if (failed(shape))
        return failure();
      value = parseTensor(text, *type, *shape);
    }
    if (!value)
      return FailureOr<onnx::TensorProto>(refuse(input.name())
                                          << llvm::toString(value.takeError()));
    return toTensorProto(*value);
  }

  FailureOr<llvm::SmallVector<int64_t>>
  shapeOf(const onnx::ValueInfoProto &input, llvm::StringRef text) {
    const onnx::TensorShapeProto &shape = input.type().tensor_type().shape();
    bool isOpenList = shape.dim_size() == 1 && shape.dim(0).dim_value() <= 0 &&
                      !options.shapes.count(input.name());
    if (isOpenList && shape.dim(0).dim_param().empty())
      return llvm::SmallVector<int64_t>{countElements(text)};
    Location at = NameLoc::get(
        StringAttr::get(loc.getContext(), "input '" + input.name() + "'"), loc);
    return bindings.shapeOf(input, at);
  }

  LogicalResult describe(const std::string &name, int64_t position,
                         const onnx::TensorProto &proto) {
    Builder b(loc.getContext());
    llvm::Expected<ElementsAttr> value = importTensor(proto, loc.getContext());
    if (!value)
      return refuse(name) << llvm::toString(value.takeError());
    descriptions.push_back(b.getDictionaryAttr(
        {b.getNamedAttr("name", b.getStringAttr(name)),
         b.getNamedAttr("position", b.getI64IntegerAttr(position)),
         b.getNamedAttr("value", *value)}));
    return success();
  }

  onnx::ModelProto &model;
  const ModelOptions &options;
  Location loc;
  Bindings bindings;
  llvm::SmallVector<Attribute> descriptions;
};
} // namespace

FailureOr<ArrayAttr> mlc::bindValues(onnx::ModelProto &model,
                                     const ModelOptions &options,
                                     Location loc) {
  return ValueBinder(model, options, loc).run();
}
