//===- ChannelPruningTest.cpp - Models without some channels --------------===//

#include "Calibrate/ChannelPruning.h"
#include "Calibrate/OutputError.h"
#include "ChannelModel.h"
#include "Samples/Synthetic.h"

using namespace mlc;
using namespace mlc::calibrate;

namespace {

/// x -> 6 channels, of which 4 is three times 1 and 5 never changes -> Relu ->
/// 4
/// -> Relu -> 2.
ChannelModel planted() {
  ChannelModel m({1, 3, 6, 6});
  m.conv("x", "a", {6, 3, 1, 1});
  m.node("Relu", {"a"}, {"r"});
  m.conv("r", "b", {4, 6, 1, 1});
  m.node("Relu", {"b"}, {"s"});
  m.conv("s", "y", {2, 4, 1, 1});
  m.find();
  FloatLayer first = floatLayer(m.model.graph(), m.plan.layers[0]);
  for (int c = 0; c < 3; ++c) {
    first.weights[4 * 3 + c] = 3 * first.weights[1 * 3 + c];
    first.weights[5 * 3 + c] = 0;
  }
  first.bias[4] = 3 * first.bias[1];
  first.bias[5] = 0.75f;
  std::vector<FloatLayer> layers = {std::move(first)};
  for (size_t i : {1, 2})
    layers.push_back(floatLayer(m.model.graph(), m.plan.layers[i]));
  m.model = withLayers(m.model, m.plan, layers);
  return m;
}

Session sessionOf(const ChannelModel &) {
  Samples::Wanted wanted{"x", ElementType::F32, {1, 3, 6, 6}};
  SyntheticInput input;
  RunOptions options;
  options.name = "net.onnx";
  return Session(options, Samples::synthetic(wanted, input, 24), {});
}

TEST(ChannelPruning, WhatIsWorthNothingGoesFirst) {
  ChannelModel m = planted();
  Session session = sessionOf(m);
  ChannelPruning pruning(session, m.model, m.plan, m.groups, true);
  ASSERT_FALSE(bool(pruning.begin()));
  ASSERT_EQ(m.groups.groups.size(), 2u);
  std::vector<std::pair<size_t, size_t>> visited;
  auto visit = [&](size_t group, size_t gone, llvm::ArrayRef<FloatLayer> now) {
    visited.emplace_back(group, gone);
    EXPECT_EQ(now.size(), 3u);
    EXPECT_EQ(now[0].weights, pruning.floats()[0].weights);
    return llvm::Error::success();
  };
  auto orders = pruning.explore({{2, 5}, {1}}, visit);
  ASSERT_TRUE(bool(orders));
  EXPECT_EQ(visited,
            (std::vector<std::pair<size_t, size_t>>{{0, 2}, {0, 5}, {1, 1}}));
  const UnitOrder &order = (*orders)[0];
  // All but the last one.
  ASSERT_EQ(order.units.size(), 5u);
  std::vector<int> first = {order.units[0], order.units[1]};
  EXPECT_TRUE(llvm::is_contained(first, m.units("a")[5]));
  EXPECT_TRUE(llvm::is_contained(first, m.units("a")[4]) ||
              llvm::is_contained(first, m.units("a")[1]));
  EXPECT_LT(order.losses[1], 1e-4);
  EXPECT_GT(order.losses[2], 1e-3);
  EXPECT_TRUE(std::is_sorted(order.losses.begin(), order.losses.end()));
}

TEST(ChannelPruning, RepairsAllLayersBehind) {
  ChannelModel m = planted();
  Session session = sessionOf(m);
  ChannelPruning pruning(session, m.model, m.plan, m.groups, true);
  ASSERT_FALSE(bool(pruning.begin()));
  EXPECT_EQ(pruning.countPasses(), 3u);
  std::vector<bool> isGone(m.groups.units, false);
  isGone[m.units("a")[4]] = isGone[m.units("a")[5]] = true;
  auto layers = pruning.repair(isGone);
  ASSERT_TRUE(bool(layers));
  EXPECT_EQ((*layers)[0].weights, pruning.floats()[0].weights);
  for (int row = 0; row < 4; ++row) {
    EXPECT_EQ((*layers)[1].weights[row * 6 + 4], 0);
    EXPECT_EQ((*layers)[1].weights[row * 6 + 5], 0);
  }
  onnx::ModelProto masked = withLayers(m.model, m.plan, *layers);
  auto sqnr = valueSqnr(session, m.model, masked, {"b", "y"});
  ASSERT_TRUE(bool(sqnr));
  EXPECT_GT((*sqnr)[0], 100);
  EXPECT_GT((*sqnr)[1], 100);
  onnx::ModelProto removed = removeChannels(masked, m.groups, isGone);
  llvm::Error error = checkRemoved(session, masked, removed);
  EXPECT_FALSE(bool(error)) << llvm::toString(std::move(error));
  // One more, of which something is lost, but less than without repair.
  isGone[m.units("a")[0]] = true;
  auto more = pruning.repair(isGone);
  ASSERT_TRUE(bool(more));
  std::vector<std::string> values = {"b", "y"};
  auto repaired =
      valueSqnr(session, m.model, withLayers(m.model, m.plan, *more), values);
  auto plain = valueSqnr(session, m.model, m.masked(isGone), values);
  ASSERT_TRUE(repaired && plain);
  EXPECT_LT(repaired->back(), 60);
  EXPECT_GT(repaired->front(), plain->front() + 10);
  EXPECT_GT(repaired->back(), plain->back() + 2);
}

TEST(ChannelPruning, NothingGoesUnseen) {
  ChannelModel m = planted();
  Session session = sessionOf(m);
  std::vector<bool> isGone(m.groups.units, false);
  isGone[m.units("a")[0]] = true;
  // What its readers have not left out changes the outputs.
  onnx::ModelProto removed = removeChannels(m.model, m.groups, isGone);
  EXPECT_EQ(llvm::toString(checkRemoved(session, m.model, removed)),
            "net.onnx: output 'y' changes where channels that nothing reads "
            "are removed: their dependencies are not understood");
  llvm::Error none =
      checkRemoved(session, m.masked(isGone),
                   removeChannels(m.masked(isGone), m.groups, isGone));
  EXPECT_FALSE(bool(none)) << llvm::toString(std::move(none));
}

TEST(LayerRunner, RunsWithAnyNumbers) {
  ChannelModel m = planted();
  Session session = sessionOf(m);
  auto runner = LayerRunner::create(session, m.model, m.plan, {"s", "y"}, 24);
  ASSERT_TRUE(bool(runner));
  std::vector<FloatLayer> first, second;
  for (const Layer &layer : m.plan.layers)
    first.push_back(floatLayer(m.model.graph(), layer));
  second = first;
  for (float &weight : second[1].weights)
    weight *= 0.5f;
  std::vector<std::vector<float>> found, wanted;
  auto keep = [](std::vector<std::vector<float>> &to) {
    return [&to](llvm::ArrayRef<Tensor> one, llvm::ArrayRef<Tensor> other,
                 BatchPart) {
      for (llvm::ArrayRef<Tensor> all : {one, other})
        for (const Tensor &each : all)
          to.push_back(each.values<float>().vec());
      return llvm::Error::success();
    };
  };
  SampleRange range = session.spread(3);
  ASSERT_FALSE(bool(runner->run(first, second, range, "", keep(found))));
  ASSERT_FALSE(bool(session.runPair(m.model, {"s", "y"},
                                    withLayers(m.model, m.plan, second),
                                    {"s", "y"}, range, "", keep(wanted))));
  ASSERT_EQ(found.size(), wanted.size());
  for (size_t i = 0; i < found.size(); ++i) {
    Squares squares;
    squares.add(wanted[i], found[i]);
    EXPECT_LT(squares.relative(), 1e-10);
  }
}

} // namespace
