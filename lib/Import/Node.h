//===- Node.h - One ONNX node as converters see it --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A converter is a function from a Node to the values of its outputs. It reads
// operands and attributes here and builds nn ops through create(), which infers
// the result type, verifies and folds. The first problem is reported at the
// node and makes the Node failed: from then on create() gives null and does
// nothing, so a chain of creates needs one check, at the end or before a null
// would be looked at.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_NODE_H
#define MLC_IMPORT_NODE_H

#include "Import/Item.h"
#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"

#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringRef.h"

namespace mlc {

class GraphImporter;

class Node {
public:
  Node(GraphImporter &importer, const onnx::NodeProto &proto, int64_t opset,
       mlir::OpBuilder &builder, mlir::Location loc,
       llvm::ArrayRef<Item> operands)
      : importer(importer), proto(proto), opsetVersion(opset), builder(builder),
        loc(loc), items(operands.begin(), operands.end()) {
    for (const Item &item : operands)
      this->operands.push_back(item.tensor());
  }

  //===--------------------------------------------------------------------===//
  // What the model says
  //===--------------------------------------------------------------------===//

  llvm::StringRef opType() const { return proto.op_type(); }
  int64_t opset() const { return opsetVersion; }
  size_t numInputs() const { return operands.size(); }
  size_t numOutputs() const { return proto.output_size(); }
  /// Whether output `i` is wanted.
  bool hasOutput(size_t i) const {
    return i < numOutputs() && !proto.output(i).empty();
  }
  bool hasInput(size_t i) const { return i < operands.size() && operands[i]; }
  /// Operand `i`; reports and gives null where it is absent.
  mlir::Value input(size_t i);
  /// Operand `i`, or null where it is absent.
  mlir::Value optionalInput(size_t i) const {
    return hasInput(i) ? operands[i] : mlir::Value();
  }
  llvm::ArrayRef<mlir::Value> inputs() const { return operands; }
  /// Operand `i`, which may be a sequence or an optional (then it is null as a
  /// value), or nothing.
  Item item(size_t i) const { return i < items.size() ? items[i] : Item(); }
  llvm::ArrayRef<Item> inputItems() const { return items; }

  bool hasAttr(llvm::StringRef name) const { return findAttr(name) != nullptr; }
  int64_t intAttr(llvm::StringRef name, int64_t otherwise) const;
  double floatAttr(llvm::StringRef name, double otherwise) const;
  std::string stringAttr(llvm::StringRef name, llvm::StringRef otherwise) const;
  llvm::SmallVector<int64_t>
  intsAttr(llvm::StringRef name, llvm::ArrayRef<int64_t> otherwise = {}) const;
  llvm::SmallVector<float> floatsAttr(llvm::StringRef name) const;
  const onnx::AttributeProto *findAttr(llvm::StringRef name) const;

  /// The integers of operand `i` where it is constant; reports where it is not.
  mlir::FailureOr<llvm::SmallVector<int64_t>> constantInts(size_t i);
  /// The same as doubles, for integers and floats.
  mlir::FailureOr<llvm::SmallVector<double>> constantDoubles(size_t i);
  /// The constant that a value is, or null.
  mlir::ElementsAttr constantOf(mlir::Value v) const;

  /// `axis` counted from the front; reports where it is outside [-rank, rank).
  mlir::FailureOr<int64_t> normalizeAxis(int64_t axis, int64_t rank);
  /// The same for a list, sorted.
  mlir::FailureOr<llvm::SmallVector<int64_t>>
  normalizeAxes(llvm::ArrayRef<int64_t> axes, int64_t rank);

  //===--------------------------------------------------------------------===//
  // Building
  //===--------------------------------------------------------------------===//

  /// An op whose result type is inferred. Null operands and a failed Node give
  /// null.
  template <typename OpTy, typename... Args>
  mlir::Value create(Args &&...args) {
    if (isFailed || (isNull(args) || ...))
      return {};
    return finish(
        OpTy::create(builder, loc, placeholder(), std::forward<Args>(args)...));
  }

  /// An op whose result type is given.
  template <typename OpTy, typename... Args>
  mlir::Value createTyped(mlir::Type type, Args &&...args) {
    if (isFailed || (isNull(args) || ...))
      return {};
    return finish(
        OpTy::create(builder, loc, type, std::forward<Args>(args)...));
  }

  /// The type of `shape`; reports negative dimensions and sizes past 2^40
  /// bytes.
  mlir::FailureOr<mlir::RankedTensorType>
  tensorType(llvm::ArrayRef<int64_t> shape, mlir::Type element);

  /// Whether a table of `count` elements of `bytesEach` may be computed here:
  /// asked before it is. Reports where this one, or all so far, are too much.
  bool affords(double count, int64_t bytesEach = 8);

  mlir::Value constant(mlir::ElementsAttr value);
  /// A rank 0 constant; for integers `value` is truncated.
  mlir::Value scalar(mlir::Type element, double value);
  /// A rank 1 constant of i64.
  mlir::Value constantI64(llvm::ArrayRef<int64_t> values);
  mlir::Value reshape(mlir::Value v, llvm::ArrayRef<int64_t> shape);
  mlir::Value cast(mlir::Value v, mlir::Type element);
  mlir::Value transpose(mlir::Value v, llvm::ArrayRef<int64_t> permutation);
  mlir::Value slice(mlir::Value v, int64_t axis, int64_t start, int64_t size);

  /// Verifies and folds an op that a converter built itself; null on failure.
  mlir::Value finish(mlir::Operation *op);

  /// Makes output `i` something else than a tensor; what the converter returns
  /// for it does not count.
  void give(size_t i, Item item) {
    given.resize(std::max(given.size(), i + 1));
    given[i] = std::move(item);
  }
  /// What was given for output `i`, or nothing.
  Item givenItem(size_t i) const {
    return i < given.size() ? given[i] : Item();
  }

  //===--------------------------------------------------------------------===//
  // Problems
  //===--------------------------------------------------------------------===//

  /// Reports at the node and fails it. Lower case, no full stop.
  mlir::InFlightDiagnostic error();
  mlir::LogicalResult fail(const llvm::Twine &message);
  bool failed() const { return isFailed; }

  GraphImporter &importer;
  const onnx::NodeProto &proto;
  int64_t opsetVersion;
  mlir::OpBuilder &builder;
  mlir::Location loc;

private:
  static bool isNull(mlir::Value v) { return !v; }
  template <typename T>
  static bool isNull(const T &) {
    return false;
  }
  mlir::Type placeholder();

  Items items;
  llvm::SmallVector<mlir::Value> operands; ///< the items that are tensors
  Items given;
  bool isFailed = false;
};

} // namespace mlc

#endif // MLC_IMPORT_NODE_H
