//===- ChannelModel.h - Models of which channels are removed ----*- C++ -*-===//

#ifndef MLC_UNITTESTS_CALIBRATE_CHANNELMODEL_H
#define MLC_UNITTESTS_CALIBRATE_CHANNELMODEL_H

#include "Calibrate/ChannelGroups.h"
#include "Calibrate/LayerPruning.h"
#include "Calibrate/RemoveChannels.h"
#include "Calibrate/Squares.h"
#include "Graphs.h"
#include "RandomValues.h"
#include "gtest/gtest.h"

namespace mlc::calibrate {

using Sizes = std::vector<int64_t>;

/// A model of one input x and one output y, with random weights.
class ChannelModel {
public:
  explicit ChannelModel(Sizes input, int opset = 13) {
    model.set_ir_version(8);
    model.add_opset_import()->set_version(opset);
    onnx::ValueInfoProto &x = *graph.add_input();
    x.set_name("x");
    auto &type = *x.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    for (int64_t size : input)
      type.mutable_shape()->add_dim()->set_dim_value(size);
    addOutput(graph, "y");
  }

  onnx::NodeProto &node(const char *op, std::vector<std::string> inputs,
                        std::vector<std::string> outputs) {
    return addNode(graph, op, std::move(inputs), std::move(outputs));
  }
  void constant(const std::string &name, const Sizes &shape) {
    int64_t count = 1;
    for (int64_t size : shape)
      count *= size;
    *graph.add_initializer() = makeFloats(name, shape, random.normals(count));
  }
  void integers(const std::string &name, Sizes values) {
    onnx::TensorProto &tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::INT64);
    tensor.add_dims(int64_t(values.size()));
    for (int64_t value : values)
      tensor.add_int64_data(value);
  }
  /// With weights of that shape, and a bias for each of its rows.
  onnx::NodeProto &conv(const std::string &from, const std::string &to,
                        Sizes shape, int64_t group = 1) {
    constant("w_" + to, shape);
    constant("b_" + to, {shape[0]});
    onnx::NodeProto &made = node("Conv", {from, "w_" + to, "b_" + to}, {to});
    if (group > 1)
      setInt(made, "group", group);
    return made;
  }
  void dense(const std::string &from, const std::string &to, Sizes shape) {
    constant("w_" + to, shape);
    node("MatMul", {from, "w_" + to}, {to});
  }

  void find() {
    plan = makePlan(graph, false);
    *model.mutable_graph() = graph;
    groups = findChannelGroups(model, plan, {});
  }

  size_t layer(const std::string &name) const {
    for (size_t i = 0; i < plan.layers.size(); ++i)
      if (graph.node(plan.layers[i].node).output(0) == name)
        return i;
    ADD_FAILURE() << "no layer " << name;
    return 0;
  }
  /// Whether a unit of each group, and several of all, removed, change nothing
  /// but what the layers that read it see.
  void checkRemoval();

  /// Units of a value; -1 of all channels where it has none.
  std::vector<int> units(const std::string &value) const {
    auto it = groups.values.find(value);
    return it == groups.values.end() ? std::vector<int>() : it->second.units;
  }

  /// With zeros where layers read units that are gone.
  onnx::ModelProto masked(const std::vector<bool> &isGone) const;

  onnx::ModelProto model;
  onnx::GraphProto graph;
  Plan plan;
  ChannelGroups groups;
  Random random{3};

private:
  std::vector<float> run(const onnx::ModelProto &which, Sizes &shape) const;
};

inline std::vector<float> ChannelModel::run(const onnx::ModelProto &which,
                                            Sizes &shape) const {
  auto runner = ModelRunner::create(which, {"y"}, {});
  if (!runner) {
    ADD_FAILURE() << llvm::toString(runner.takeError());
    return {};
  }
  auto inputs = llvm::cantFail(Session::makeInputs((*runner)->inputs()));
  Random values{9};
  std::vector<float> x = values.normals(inputs[0].size());
  llvm::copy(x, inputs[0].values<float>().begin());
  llvm::cantFail((*runner)->run(inputs));
  const Tensor &y = (*runner)->values()[0];
  shape = {y.shape().begin(), y.shape().end()};
  return y.values<float>().vec();
}

inline onnx::ModelProto
ChannelModel::masked(const std::vector<bool> &isGone) const {
  std::vector<FloatLayer> layers;
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    const Layer &of = plan.layers[i];
    layers.push_back(floatLayer(model.graph(), of));
    for (size_t c = 0; c < groups.columns[i].size(); ++c)
      if (int unit = groups.columns[i][c]; unit >= 0 && isGone[unit])
        for (int64_t r = 0; r < of.rows; ++r)
          layers[i].weights[r * of.columns + int64_t(c)] = 0;
  }
  return withLayers(model, plan, layers);
}

inline size_t floatsIn(const onnx::ModelProto &model) {
  size_t count = 0;
  for (const onnx::TensorProto &tensor : model.graph().initializer())
    if (tensor.data_type() == onnx::TensorProto::FLOAT)
      count += tensor.raw_data().size();
  return count;
}

inline void ChannelModel::checkRemoval() {
  std::vector<std::vector<bool>> all;
  std::vector<bool> many(groups.units, false);
  for (int unit = 0; unit < groups.units; ++unit)
    many[unit] = unit % 3 != 1;
  // One of each group, which tells them apart.
  for (const ChannelGroup &group : groups.groups) {
    all.emplace_back(groups.units, false);
    all.back()[group.units[group.units.size() / 2]] = true;
  }
  all.push_back(many);
  size_t tried = 0;
  for (const std::vector<bool> &isGone : all) {
    if (groups.leavesNone(isGone))
      continue;
    ++tried;
    Sizes before, after;
    std::vector<float> wanted = run(masked(isGone), before);
    onnx::ModelProto removed = removeChannels(model, groups, isGone);
    std::vector<float> found = run(removed, after);
    ASSERT_EQ(before, after);
    Squares squares;
    squares.add(wanted, found);
    EXPECT_LT(squares.relative(), 1e-10);
    EXPECT_LT(floatsIn(removed), floatsIn(model));
  }
  EXPECT_GT(tried, 0u);
}

} // namespace mlc::calibrate

#endif // MLC_UNITTESTS_CALIBRATE_CHANNELMODEL_H
