//===- LibOnnx.cpp - The ONNX reference library without exceptions --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Onnx/LibOnnx.h"

#include "onnx/defs/data_type_utils.h"
#include "onnx/defs/schema.h"
#include "onnx/shape_inference/attribute_binder.h"
#include "onnx/shape_inference/implementation.h"
#include "onnx/version_converter/convert.h"
#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <exception>

using namespace mlc;

/// libonnx ends sentences with full stops and puts context on lines of its own;
/// a diagnostic of ours is one line.
static std::string oneLine(llvm::StringRef text) {
  std::string line;
  for (llvm::StringRef rest = text.trim(); !rest.empty();) {
    auto [head, tail] = rest.split('\n');
    head = head.trim();
    if (!head.empty())
      line += (line.empty() ? "" : "; ") + head.str();
    rest = tail;
  }
  return llvm::StringRef(line).rtrim(". ").str();
}

/// Run `body` and turn whatever it throws into an error that starts with
/// `what`.
template <typename Body>
static llvm::Error guarded(llvm::StringRef what, Body body) {
  std::string reason;
  try {
    body();
    return llvm::Error::success();
  } catch (const std::bad_alloc &) {
    reason = "out of memory";
  } catch (const std::exception &error) {
    reason = oneLine(error.what());
  } catch (...) {
    reason = "unknown failure in libonnx";
  }
  return llvm::createStringError(what + ": " + reason);
}

static std::string canonicalDomain(llvm::StringRef domain) {
  return domain == "ai.onnx" ? std::string() : domain.str();
}

llvm::Error mlc::inferShapes(onnx::ModelProto &model) {
  return guarded("shape inference failed", [&] {
    onnx::ShapeInferenceOptions options(/*check_type_val=*/false,
                                        /*strict_mode_val=*/0,
                                        /*data_prop_val=*/true);
    // Without a place for values, propagation fails at every node, silently.
    onnx::shape_inference::DataValueMap values;
    onnx::shape_inference::InferShapes(
        model, onnx::OpSchemaRegistry::Instance(), options, &values);
  });
}

llvm::Expected<std::unique_ptr<onnx::ModelProto>>
mlc::convertVersion(const onnx::ModelProto &model, int targetOpset) {
  auto converted = std::make_unique<onnx::ModelProto>();
  std::string what =
      "cannot convert the model to opset " + std::to_string(targetOpset);
  if (llvm::Error error = guarded(what, [&] {
        *converted =
            onnx::version_conversion::ConvertVersion(model, targetOpset);
      }))
    return std::move(error);
  // The converter works on its own graph form, which carries the graph alone.
  *converted->mutable_metadata_props() = model.metadata_props();
  *converted->mutable_functions() = model.functions();
  converted->set_doc_string(model.doc_string());
  return std::move(converted);
}

llvm::Expected<std::unique_ptr<onnx::FunctionProto>>
mlc::bindFunction(const onnx::NodeProto &call,
                  const onnx::FunctionProto &function) {
  auto body = std::make_unique<onnx::FunctionProto>(function);
  onnx::NodeProto full = call;
  for (const onnx::AttributeProto &attribute : function.attribute_proto())
    if (llvm::none_of(call.attribute(), [&](const onnx::AttributeProto &given) {
          return given.name() == attribute.name();
        }))
      *full.add_attribute() = attribute;
  llvm::Error error = guarded("cannot expand function " + function.name(), [&] {
    onnx::internal::AttributeBinder::BindAttributes(full, *body);
  });
  if (error)
    return std::move(error);
  return std::move(body);
}

/// A copy of `node` that has every attribute for which `schema` knows a
/// default.
static onnx::NodeProto withDefaults(const onnx::NodeProto &node,
                                    const onnx::OpSchema &schema) {
  onnx::NodeProto full = node;
  for (const auto &[name, attribute] : schema.attributes()) {
    bool hasDefault =
        attribute.default_value.type() != onnx::AttributeProto::UNDEFINED;
    auto isThis = [&, &name = name](const onnx::AttributeProto &given) {
      return given.name() == name;
    };
    if (hasDefault && llvm::none_of(node.attribute(), isThis)) {
      onnx::AttributeProto &added = *full.add_attribute();
      added = attribute.default_value;
      added.set_name(name);
    }
  }
  return full;
}

static bool buildBody(const onnx::OpSchema &schema, const onnx::NodeProto &node,
                      int opset, llvm::ArrayRef<onnx::TypeProto> inputTypes,
                      onnx::FunctionProto &body) {
  if (const onnx::FunctionProto *fixed =
          schema.GetFunction(opset, /*validate=*/false)) {
    body = *fixed;
    return true;
  }
  if (!schema.HasContextDependentFunction())
    return false;
  onnx::FunctionBodyBuildContextImpl context(node, inputTypes.vec());
  return schema.BuildContextDependentFunction(context, body, opset);
}

llvm::Expected<std::unique_ptr<onnx::FunctionProto>>
mlc::functionBody(const onnx::NodeProto &node, int opset,
                  llvm::ArrayRef<onnx::TypeProto> inputTypes) {
  auto body = std::make_unique<onnx::FunctionProto>();
  bool found = false;
  llvm::Error error = guarded("cannot expand operator " + node.op_type(), [&] {
    const onnx::OpSchema *schema = onnx::OpSchemaRegistry::Schema(
        node.op_type(), opset, canonicalDomain(node.domain()));
    if (!schema)
      return;
    onnx::NodeProto full = withDefaults(node, *schema);
    found = buildBody(*schema, full, opset, inputTypes, *body);
    onnx::internal::AttributeBinder::BindAttributes(full, *body);
  });
  if (error)
    return std::move(error);
  if (!found)
    body.reset();
  return std::move(body);
}

static OperatorSchema describe(const onnx::OpSchema &schema) {
  OperatorSchema facts;
  facts.name = schema.Name();
  facts.domain = schema.domain();
  facts.sinceVersion = schema.SinceVersion();
  facts.deprecated = schema.Deprecated();
  facts.hasBody = schema.HasFunction() || schema.HasContextDependentFunction();
  facts.minInputs = schema.min_input();
  facts.maxInputs = schema.max_input();
  facts.minOutputs = schema.min_output();
  facts.maxOutputs = schema.max_output();
  for (const onnx::OpSchema::FormalParameter &input : schema.inputs()) {
    bool isRequired = input.GetOption() == onnx::OpSchema::Single;
    facts.requiredInputs.push_back(isRequired ? input.GetName() : "");
  }
  for (const auto &[name, attribute] : schema.attributes()) {
    facts.attributeTypes[name] = attribute.type;
    if (attribute.required)
      facts.required.push_back(name);
    else if (attribute.default_value.type() != onnx::AttributeProto::UNDEFINED)
      facts.defaults.emplace(name, attribute.default_value);
  }
  std::sort(facts.required.begin(), facts.required.end());
  return facts;
}

std::optional<OperatorSchema> mlc::schemaOf(llvm::StringRef opType,
                                            llvm::StringRef domain, int opset) {
  std::optional<OperatorSchema> facts;
  llvm::Error error = guarded("schema", [&] {
    if (const onnx::OpSchema *schema = onnx::OpSchemaRegistry::Schema(
            opType.str(), opset, canonicalDomain(domain)))
      facts = describe(*schema);
  });
  llvm::consumeError(std::move(error));
  return facts;
}

int mlc::firstOpsetWith(llvm::StringRef opType, llvm::StringRef domain,
                        int opset) {
  for (int later = opset + 1; later <= newestOpset(domain); ++later)
    if (std::optional<OperatorSchema> schema = schemaOf(opType, domain, later);
        schema && !schema->deprecated)
      return later;
  return 0;
}

std::optional<size_t>
mlc::firstRefusedInput(const onnx::NodeProto &node, int opset,
                       llvm::ArrayRef<onnx::TypeProto> inputTypes) {
  std::optional<size_t> refused;
  llvm::Error error = guarded("schema", [&] {
    const onnx::OpSchema *schema = onnx::OpSchemaRegistry::Schema(
        node.op_type(), opset, canonicalDomain(node.domain()));
    if (!schema || schema->inputs().empty())
      return;
    const auto &formal = schema->inputs();
    for (size_t i = 0; i < inputTypes.size() && !refused; ++i)
      if (inputTypes[i].tensor_type().elem_type() !=
              onnx::TensorProto::UNDEFINED &&
          !formal[std::min(i, formal.size() - 1)].GetTypes().count(
              onnx::Utils::DataTypeUtils::ToType(inputTypes[i])))
        refused = i;
  });
  llvm::consumeError(std::move(error));
  return refused;
}

int mlc::newestOpset(llvm::StringRef domain) {
  const auto &released =
      onnx::OpSchemaRegistry::DomainToVersionRange::Instance()
          .LastReleaseVersionMap();
  auto it = released.find(canonicalDomain(domain));
  return it == released.end() ? 0 : it->second;
}
