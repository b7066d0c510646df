//===- Graphs.h - Small ONNX graphs for tests -------------------*- C++ -*-===//

#ifndef MLC_UNITTESTS_CALIBRATE_GRAPHS_H
#define MLC_UNITTESTS_CALIBRATE_GRAPHS_H

#include "Calibrate/GraphIndex.h"

namespace mlc::calibrate {

inline onnx::NodeProto &addNode(onnx::GraphProto &graph, const char *op,
                                std::vector<std::string> inputs,
                                std::vector<std::string> outputs) {
  onnx::NodeProto &node = *graph.add_node();
  node.set_op_type(op);
  node.set_name(outputs.front() + "_node");
  for (const std::string &input : inputs)
    node.add_input(input);
  for (const std::string &output : outputs)
    node.add_output(output);
  return node;
}

inline void setInts(onnx::NodeProto &node, const char *name,
                    std::vector<int64_t> values) {
  onnx::AttributeProto &attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INTS);
  for (int64_t value : values)
    attribute.add_ints(value);
}

inline void setInt(onnx::NodeProto &node, const char *name, int64_t value) {
  onnx::AttributeProto &attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

inline void addInput(onnx::GraphProto &graph, const char *name) {
  graph.add_input()->set_name(name);
}

inline void addOutput(onnx::GraphProto &graph, const char *name) {
  graph.add_output()->set_name(name);
}

/// 1, 2, 3, ... in units of 1/8, which are exact.
inline std::vector<float> addWeights(onnx::GraphProto &graph, const char *name,
                                     std::vector<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(static_cast<float>(i + 1) / 8);
  *graph.add_initializer() = makeFloats(name, shape, values);
  return values;
}

} // namespace mlc::calibrate

#endif // MLC_UNITTESTS_CALIBRATE_GRAPHS_H
