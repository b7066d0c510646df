//===- GraphIndex.h - Who makes and who reads a value -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_GRAPHINDEX_H
#define MLC_CALIBRATE_GRAPHINDEX_H

#include "onnx/onnx_pb.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

#include <optional>
#include <set>
#include <vector>

namespace mlc::calibrate {

/// An operand of a node; -1 where a graph inside of the node reads the value.
struct Reader {
  int node, operand;
};

/// Calls `read` with each value that `node` reads, and with the operand or -1
/// where a graph inside of it does.
void forEachRead(const onnx::NodeProto &node,
                 llvm::function_ref<void(const std::string &, int)> read);

/// The values of a main graph, which must not change meanwhile. Nodes are
/// numbered as they stand.
class GraphIndex {
public:
  explicit GraphIndex(const onnx::GraphProto &graph);

  const onnx::NodeProto &node(int index) const { return graph.node(index); }
  /// The node that makes a value; -1 for inputs and initializers.
  int producer(llvm::StringRef value) const;
  /// Null where it is no initializer.
  const onnx::TensorProto *constant(llvm::StringRef value) const;
  llvm::ArrayRef<Reader> readers(llvm::StringRef value) const;
  bool isOutput(llvm::StringRef value) const;
  /// The only reader of a value that is no output; nullopt where there is none
  /// or several.
  std::optional<Reader> onlyReader(llvm::StringRef value) const;

private:
  struct Value {
    int producer = -1;
    const onnx::TensorProto *constant = nullptr;
    bool isOutput = false;
    llvm::SmallVector<Reader, 2> readers;
  };
  const onnx::GraphProto &graph;
  llvm::StringMap<Value> values;
};

/// Attributes by name, or what holds without them.
int64_t intOf(const onnx::NodeProto &node, llvm::StringRef name,
              int64_t otherwise);
float floatOf(const onnx::NodeProto &node, llvm::StringRef name,
              float otherwise);
std::vector<int64_t> intsOf(const onnx::NodeProto &node, llvm::StringRef name);

/// Sets an attribute that is there or not.
void setAttribute(onnx::NodeProto &node, const std::string &name,
                  int64_t value);
void setAttribute(onnx::NodeProto &node, const std::string &name,
                  llvm::ArrayRef<int64_t> values);
void dropAttribute(onnx::NodeProto &node, llvm::StringRef name);

/// Names that no value of a model has yet.
class NewNames {
public:
  explicit NewNames(const onnx::GraphProto &graph);
  /// `wanted`, or that with a number; it is taken from now on.
  std::string make(const std::string &wanted);

private:
  std::set<std::string> taken;
};

/// The numbers of an f32 initializer; nullopt for anything else.
std::optional<std::vector<float>> floatsOf(const onnx::TensorProto *tensor);

/// An f32 initializer.
onnx::TensorProto makeFloats(const std::string &name,
                             llvm::ArrayRef<int64_t> shape,
                             llvm::ArrayRef<float> values);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_GRAPHINDEX_H
