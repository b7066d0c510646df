//===- GraphImporter.h - Graphs of nodes to nn ops --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks a graph in topological order, looks each node up in the converter table
// and binds its outputs. Subgraphs are imported with the enclosing names in
// scope.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_GRAPHIMPORTER_H
#define MLC_IMPORT_GRAPHIMPORTER_H

#include "Import/Importer.h"
#include "Import/Node.h"

#include "Import/Extents.h"
#include "Onnx/CheckGraph.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"

namespace mlc {

class Bindings;
class LocalFunctions;
struct LocalFunction;

class GraphImporter {
public:
  GraphImporter(mlir::OpBuilder &builder, llvm::StringRef modelName,
                int64_t opset, const ModelOptions &options,
                const LocalFunctions &functions)
      : builder(builder), modelName(modelName), opset(opset), options(options),
        functions(functions) {}

  /// Reports what is wrong with the graph. Nodes that have errors are not
  /// imported, and the import goes on without them, to report what else there
  /// is. Failure if any is an error.
  mlir::LogicalResult report(llvm::ArrayRef<GraphProblem> problems);

  /// Imports the model's main graph as a function @main at the builder's place.
  /// Reports every problem; failure if there was any.
  mlir::LogicalResult importMain(const onnx::GraphProto &graph);

  /// Imports a subgraph at the builder's place with `inputs` bound to its
  /// inputs and gives its outputs; for converters of If, Loop and Scan. Reports
  /// and fails.
  mlir::FailureOr<Items> importSubgraph(Node &node,
                                        const onnx::GraphProto &graph,
                                        llvm::ArrayRef<Item> inputs);

  /// Whether `name` is a constant of 2 or 4 bits, whose value has bytes.
  bool isPacked(llvm::StringRef name) const;

  mlir::OpBuilder &builder;
  /// The version of ai.onnx.ml; 0 where the model says none.
  int64_t mlOpset = 0;
  /// What is known of dimensions that are as long as the data say.
  Extents extents;

  /// How many of `possible` rows NonMaxSuppression gives, and the others find,
  /// at most.
  int64_t mostBoxes(int64_t possible) const {
    return std::min(options.maxBoxes.value_or(possible), possible);
  }
  int64_t mostFound(int64_t possible) const {
    return std::min(options.maxFound.value_or(possible), possible);
  }

  /// Whether the model has more nodes than one may have; that is reported where
  /// the last one was met.
  bool hasTooManyNodes() const;
  /// Counts what `node` makes beside itself; reports at it where that is too
  /// much.
  mlir::LogicalResult countNodes(Node &node, int64_t more);

private:
  /// Nesting of subgraphs and function bodies above which a model is refused.
  static constexpr unsigned kMaxDepth = 32;
  /// What is wrong with an output of them, behind its name.
  static constexpr const char *kPackedOutput =
      "' has 2- or 4-bit integers, which only Cast and DequantizeLinear can "
      "read";

  struct Scope {
    llvm::StringMap<Item> values;
    /// Initializers of 2 or 4 bits, widened to bytes: no type says their range.
    llvm::StringMap<Item> packed;
    llvm::StringSet<> poisoned; ///< outputs of nodes that failed
    llvm::StringSet<> absent;   ///< inputs of a body that its node omits
  };

  /// Results that count rows of outputs.
  struct Counts {
    llvm::SmallVector<mlir::Value> values;
    llvm::SmallVector<std::string> names;
    llvm::SmallVector<int64_t> axes;
    llvm::StringSet<> taken; ///< names
  };
  mlir::LogicalResult countRows(mlir::Location loc, llvm::StringRef name,
                                mlir::Value &result, Counts &counts);
  /// Makes @main with the inputs of `graph`; reports those that cannot be, and
  /// poisons them.
  mlir::FailureOr<mlir::func::FuncOp> beginMain(const onnx::GraphProto &graph);
  mlir::LogicalResult finishMain(mlir::func::FuncOp function,
                                 const onnx::GraphProto &graph);
  mlir::LogicalResult
  importNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes);
  mlir::LogicalResult importNode(const onnx::NodeProto &proto, int64_t index);
  int64_t opsetOf(const onnx::NodeProto &proto, mlir::Location loc);
  /// Converts a node of an opset from 7 on; nothing for outputs it lacks.
  mlir::LogicalResult convert(Node &node, Items &results);
  /// Imports the body of an operator that is defined by others.
  mlir::LogicalResult importFunctionBody(Node &node);
  /// Imports the body of a function of the model.
  mlir::LogicalResult importCall(Node &node, const LocalFunction &function);
  mlir::LogicalResult importBody(Node &node, const onnx::FunctionProto &body);
  mlir::LogicalResult importInitializers(const onnx::GraphProto &graph);
  mlir::LogicalResult bindOutputs(const onnx::NodeProto &proto,
                                  llvm::ArrayRef<Item> results);
  void poisonOutputs(const onnx::NodeProto &proto);
  /// Whether an operator has a converter or a body.
  bool isSupported(const onnx::NodeProto &proto) const;
  mlir::LogicalResult reportUnsupported(const onnx::NodeProto &proto,
                                        mlir::Location loc) const;
  /// Reports operators inside of `proto`, which is not imported.
  void reportUnsupportedInside(const onnx::NodeProto &proto);
  /// Whether a value this node needs comes from a failed one.
  bool isPoisoned(const onnx::NodeProto &proto) const;
  bool isAbsent(llvm::StringRef name) const;
  Item lookup(llvm::StringRef name) const;
  mlir::Value lookupPacked(llvm::StringRef name) const;
  mlir::LogicalResult resolveInputs(const onnx::NodeProto &proto,
                                    mlir::Location loc, bool takesItems,
                                    Items &inputs);
  mlir::Location nodeLocation(const onnx::NodeProto &proto,
                              int64_t index) const;
  mlir::FailureOr<mlir::Type> inputType(const onnx::ValueInfoProto &input,
                                        const Bindings &bindings);

  std::string modelName;
  int64_t opset;
  llvm::DenseSet<const onnx::NodeProto *> refused;
  llvm::StringSet<> newerOperators; ///< warned of
  llvm::DenseSet<const onnx::FunctionProto *> reported;
  /// The calls around what is imported: "layer0/attention/".
  std::string callPath;
  const ModelOptions &options;
  const LocalFunctions &functions;
  std::vector<Scope> scopes;
  unsigned depth = 0;
  int64_t importedNodes = 0;

public:
  /// Of the tables that converters made: see Node::affords.
  double computedBytes = 0;

private:
};

} // namespace mlc

#endif // MLC_IMPORT_GRAPHIMPORTER_H
