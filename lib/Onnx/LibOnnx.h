//===- LibOnnx.h - ONNX's library without exceptions ------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// libonnx knows the standard: what a valid model is, which shapes follow, how
// an operator changed between opsets and which operators are only functions of
// others. It reports by throwing; this header is the only way into it, and
// nothing here throws. Every call is safe on untrusted models (an error, never
// an abort) and takes time linear in the model, inferShapes once per nesting of
// subgraphs.
//
// A typical reader of models:
//
//   onnx::ModelProto model = ...; // parsed, external data in raw_data
//   ... = mlc::checkGraph(model.graph(), opset); // CheckGraph.h
//   if (llvm::Error e = mlc::inferShapes(model)) return e;
//
//===----------------------------------------------------------------------===//

#ifndef MLC_ONNX_LIBONNX_H
#define MLC_ONNX_LIBONNX_H

#include "onnx/onnx_pb.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mlc {

/// Add to `model`, in `value_info` of each graph, every type and shape that
/// follows from what is already known, propagating the values of shape
/// computations (Shape, Gather, Concat, ...). A node whose shapes do not
/// follow, or contradict declared ones, is left as it is, and so are those
/// after it; errors are initializers that contradict the inputs of the same
/// name, and domains that `opset_import` lacks.
/// How much is propagated depends on the opset (Reshape uses it from 14 on).
llvm::Error inferShapes(onnx::ModelProto &model);

/// `model` rewritten for version `targetOpset` of the default domain, up or
/// down. An error when some operator has no adapter, with libonnx's reason.
/// Metadata, doc strings and model-local functions are copied from `model`.
llvm::Expected<std::unique_ptr<onnx::ModelProto>>
convertVersion(const onnx::ModelProto &model, int targetOpset);

/// The body of a function that the model itself defines, for one call:
/// references to attributes are replaced by the call's, or by the function's
/// defaults, and go where neither has them.
llvm::Expected<std::unique_ptr<onnx::FunctionProto>>
bindFunction(const onnx::NodeProto &call, const onnx::FunctionProto &function);

/// The function body of `node`, an operator that the standard defines by others
/// (LayerNormalization, Celu, ...), for version `opset` of its domain; null
/// when the operator is primitive. References to attributes are replaced by the
/// node's attributes, or by the schema's defaults. The names of inputs, outputs
/// and intermediate values are the function's own: the caller binds
/// `node.input(i)` to `body.input(i)` and so on, an omitted optional input to
/// "". `inputTypes` has one entry per input of `node` (default constructed
/// where unknown or omitted): some bodies depend on element types and shapes.
llvm::Expected<std::unique_ptr<onnx::FunctionProto>>
functionBody(const onnx::NodeProto &node, int opset,
             llvm::ArrayRef<onnx::TypeProto> inputTypes = {});

/// What the standard says about one version of an operator.
struct OperatorSchema {
  std::string name;
  std::string domain; ///< "" is the default domain, ai.onnx.
  int sinceVersion;   ///< The opset that introduced this version.
  bool deprecated;    ///< Removed from the standard at sinceVersion.
  bool hasBody;       ///< functionBody may give one.
  int minInputs;      ///< Inputs that must be given.
  int maxInputs;      ///< INT_MAX when the last one is variadic.
  int minOutputs;
  int maxOutputs;
  std::map<std::string, onnx::AttributeProto>
      defaults; ///< Optional attributes that have a default value.
  std::vector<std::string> required; ///< Attributes that must be given, sorted.
  /// Every attribute's type, an onnx::AttributeProto_AttributeType.
  std::map<std::string, int> attributeTypes;
  /// By position, the operand's name where it must be given, "" else.
  std::vector<std::string> requiredInputs;
};

/// The schema in force for `opType` at version `opset` of `domain` ("ai.onnx"
/// is the same as ""); none when the standard has no such operator.
std::optional<OperatorSchema> schemaOf(llvm::StringRef opType,
                                       llvm::StringRef domain, int opset);

/// The first version of `domain` after `opset` that has `opType`, 0 where none
/// has.
int firstOpsetWith(llvm::StringRef opType, llvm::StringRef domain, int opset);

/// The first input of `node` with an element type that its operator does not
/// take at version `opset` of its domain; none where all are taken, and where
/// the standard has no such operator. `inputTypes` is as for functionBody.
std::optional<size_t>
firstRefusedInput(const onnx::NodeProto &node, int opset,
                  llvm::ArrayRef<onnx::TypeProto> inputTypes);

/// The newest released version of `domain` that this libonnx knows, 0 for an
/// unknown domain.
int newestOpset(llvm::StringRef domain = "");

} // namespace mlc

#endif // MLC_ONNX_LIBONNX_H
