//===- FactorNodesTest.cpp - Layers as several nodes ----------------------===//

#include "Calibrate/FactorNodes.h"
#include "Calibrate/LayerFactoring.h"
#include "Calibrate/OutputError.h"
#include "ChannelModel.h"
#include "Samples/Synthetic.h"

#include "gmock/gmock.h"

using namespace mlc;
using namespace mlc::calibrate;
using testing::ElementsAre;

namespace {

/// Of images where they are four-dimensional, noise else.
Session sessionOf(const Sizes &shape) {
  Samples::Wanted wanted{"x", ElementType::F32, {shape.begin(), shape.end()}};
  SyntheticInput input;
  if (shape.size() == 4) {
    input.look = SyntheticInput::Look::Images;
    input.low = -1;
    input.high = 1;
  }
  RunOptions options;
  options.name = "net.onnx";
  return Session(options, Samples::synthetic(wanted, input, 64), {});
}

/// Makes the first layer of `m` one of each kind that it can be, and compares
/// with the layer that has the product for weights. How many kinds there are.
int checkKinds(ChannelModel &m, const Sizes &input) {
  m.plan = makePlan(m.graph, false);
  *m.model.mutable_graph() = m.graph;
  const Layer &layer = m.plan.layers.front();
  FloatLayer numbers = floatLayer(m.model.graph(), layer);
  FactorShape shape = shapeOf(layer);
  LayerFactors factors(numbers.weights, shape,
                       InputCovariance::identity(shape.columns()));
  Session session = sessionOf(input);
  int kinds = 0;
  for (FactorKind kind : allFactorKinds) {
    if (!canBe(kind, shape))
      continue;
    SCOPED_TRACE(name(kind).str());
    ++kinds;
    FactorForm form{kind, 2, kind == FactorKind::Tucker ? 3 : 0};
    FactoredLayer made{form, factors.fit(form, 1e9)};
    FloatLayer product{made.factors.product, numbers.bias};
    std::vector<FloatLayer> all = {product};
    for (size_t i = 1; i < m.plan.layers.size(); ++i)
      all.push_back(floatLayer(m.model.graph(), m.plan.layers[i]));
    onnx::ModelProto whole = withLayers(m.model, m.plan, all);
    onnx::ModelProto factored = withFactors(whole, m.plan, {{0, made}});
    llvm::Error error = checkSame(session, whole, factored, "");
    EXPECT_FALSE(bool(error)) << llvm::toString(std::move(error));
    // Not by chance: the layer itself is something else.
    error = checkSame(session, m.model, factored, "");
    EXPECT_TRUE(bool(error));
    llvm::consumeError(std::move(error));
    // Costs are those that the compiler tells, and weights those of the file.
    const onnx::NodeProto &node = m.model.graph().node(layer.node);
    auto before = ModelRunner::create(m.model, {"y"}, {}),
         after = ModelRunner::create(factored, {"y"}, {});
    if (!before || !after) {
      ADD_FAILURE() << "no runner";
      return kinds;
    }
    LayerCost own = costOf(layer, node, input),
              others = costOf(form, layer, node, input);
    EXPECT_EQ(int64_t(others.macs) - int64_t(own.macs),
              int64_t((*after)->macs()) - int64_t((*before)->macs()));
    EXPECT_EQ(4 * (int64_t(others.weights) - int64_t(own.weights)),
              int64_t(floatsIn(factored)) - int64_t(floatsIn(m.model)));
    uint64_t weights = 0;
    for (const std::vector<int64_t> &each : shapesOf(form, layer, node)) {
      uint64_t count = 1;
      for (int64_t size : each)
        count *= size;
      weights += count;
    }
    EXPECT_EQ(weights, others.weights);
  }
  return kinds;
}

struct Window {
  Sizes strides = {}, dilations = {}, pads = {};
  const char *automatic = nullptr;
};

int checkConv(const Sizes &input, const Sizes &weights, const Window &window) {
  ChannelModel m(input);
  onnx::NodeProto &node = m.conv("x", "y", weights);
  if (!window.strides.empty())
    setInts(node, "strides", window.strides);
  if (!window.dilations.empty())
    setInts(node, "dilations", window.dilations);
  if (!window.pads.empty())
    setInts(node, "pads", window.pads);
  if (window.automatic) {
    onnx::AttributeProto &attribute = *node.add_attribute();
    attribute.set_name("auto_pad");
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(window.automatic);
  }
  return checkKinds(m, input);
}

TEST(FactorNodes, ComputeWhatTheirProductDoes) {
  EXPECT_EQ(checkConv({1, 5, 11, 9}, {7, 5, 3, 3}, {}), 4);
  EXPECT_EQ(checkConv({2, 5, 11, 9}, {7, 5, 3, 3}, {{}, {}, {1, 1, 1, 1}}), 4);
  EXPECT_EQ(checkConv({1, 3, 13, 11}, {8, 3, 5, 3}, {{2, 1}, {}, {2, 0, 1, 3}}),
            4);
  EXPECT_EQ(
      checkConv({1, 4, 15, 12}, {5, 4, 3, 2}, {{1, 3}, {2, 1}, {0, 1, 2, 0}}),
      4);
  for (const char *automatic : {"SAME_UPPER", "SAME_LOWER", "VALID"}) {
    EXPECT_EQ(
        checkConv({1, 3, 14, 9}, {6, 3, 4, 3}, {{3, 2}, {}, {}, automatic}), 4);
    EXPECT_EQ(
        checkConv({1, 3, 14, 9}, {6, 3, 3, 3}, {{}, {2, 1}, {}, automatic}), 4);
  }
  // Of one dimension, of three, and without a window.
  EXPECT_EQ(checkConv({1, 4, 21}, {6, 4, 5}, {{2}, {}, {1, 2}}), 3);
  EXPECT_EQ(checkConv({1, 3, 5, 6, 7}, {6, 3, 3, 2, 3}, {{1, 2, 1}}), 3);
  EXPECT_EQ(checkConv({1, 6, 9, 9}, {7, 6, 1, 1}, {{2, 2}}), 1);
  EXPECT_EQ(checkConv({1, 5, 9, 9}, {7, 5, 1, 3}, {{2, 1}, {}, {0, 1, 0, 1}}),
            3);
  // From one channel nothing is left to mix.
  EXPECT_EQ(checkConv({1, 1, 12, 10}, {9, 1, 4, 5}, {{2, 2}}), 2);
}

TEST(FactorNodes, ProductsKeepTheirFormAndBias) {
  for (int64_t isTransposed : {0, 1}) {
    ChannelModel m({3, 11}, /*opset=*/9);
    m.constant("w", isTransposed ? Sizes{6, 11} : Sizes{11, 6});
    m.constant("b", {6});
    setInt(m.node("Gemm", {"x", "w", "b"}, {"y"}), "transB", isTransposed);
    EXPECT_EQ(checkKinds(m, {3, 11}), 1);
  }
  ChannelModel m({2, 5, 11});
  m.dense("x", "m", {11, 7});
  m.constant("b", {7});
  m.node("Add", {"m", "b"}, {"y"});
  EXPECT_EQ(checkKinds(m, {2, 5, 11}), 1);
}

TEST(FactorNodes, NamesAndValuesStay) {
  ChannelModel m({1, 3, 6, 6});
  m.conv("x", "a", {6, 3, 3, 3}).set_name("first");
  // Names that are taken already.
  m.constant("w_a_1", {6});
  m.node("Relu", {"a"}, {"a_1"});
  m.conv("a_1", "y", {4, 6, 1, 1});
  m.plan = makePlan(m.graph, false);
  *m.model.mutable_graph() = m.graph;
  const Layer &layer = m.plan.layers[0];
  FloatLayer numbers = floatLayer(m.model.graph(), layer);
  LayerFactors factors(numbers.weights, shapeOf(layer),
                       InputCovariance::identity(27));
  FactorForm form{FactorKind::Tucker, 2, 3};
  onnx::ModelProto made =
      withFactors(m.model, m.plan, {{0, {form, factors.fit(form, 0)}}});
  std::vector<std::string> names, outputs;
  for (const onnx::NodeProto &node : made.graph().node()) {
    names.push_back(node.name());
    outputs.push_back(node.output(0));
  }
  EXPECT_THAT(names,
              ElementsAre("first_1", "first_2", "first", "a_1_node", "y_node"));
  EXPECT_THAT(outputs, ElementsAre("a_1_1", "a_2", "a", "a_1", "y"));
  for (const onnx::TensorProto &tensor : made.graph().initializer())
    EXPECT_NE(tensor.name(), "w_a");
}

//===----------------------------------------------------------------------===//
// Layers of a model
//===----------------------------------------------------------------------===//

/// x -> 12 channels, which see few directions -> Relu -> 16 -> Relu -> 6.
ChannelModel network() {
  ChannelModel m({1, 6, 8, 8});
  m.conv("x", "a", {3, 6, 1, 1});
  m.conv("a", "b", {12, 3, 1, 1});
  m.node("Relu", {"b"}, {"r"});
  setInts(m.conv("r", "c", {16, 12, 3, 3}), "pads", {1, 1, 1, 1});
  m.node("Relu", {"c"}, {"s"});
  m.conv("s", "g", {16, 4, 3, 3}, /*group=*/4);
  m.conv("g", "y", {6, 16, 1, 1});
  m.plan = makePlan(m.graph, false);
  *m.model.mutable_graph() = m.graph;
  return m;
}

class Factoring : public testing::Test {
protected:
  Factoring() {
    options.factorCost = FactorCost::Macs;
    factoring.emplace(session, m.model, m.plan, options);
  }
  void begin() {
    llvm::Error error = factoring->begin({}, /*hasSamples=*/true);
    ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
  }
  std::vector<double> sqnr(llvm::ArrayRef<FloatLayer> layers,
                           const std::vector<std::string> &values) {
    auto found = valueSqnr(session, m.model,
                           withLayers(m.model, m.plan, layers), values);
    return found ? *found : std::vector<double>();
  }

  ChannelModel m = network();
  Session session = sessionOf({1, 6, 8, 8});
  FactorizeOptions options;
  std::optional<LayerFactoring> factoring;
};

TEST_F(Factoring, KnowsCostsAndReasons) {
  begin();
  ASSERT_EQ(factoring->costs().size(), 5u);
  EXPECT_EQ(factoring->costs()[2].macs, 16u * 12 * 9 * 64);
  EXPECT_EQ(factoring->costs()[3].weights, 16u * 4 * 9);
  EXPECT_EQ(factoring->whyNot(2), "");
  EXPECT_EQ(factoring->whyNot(3), "has groups");
  EXPECT_EQ(factoring->unitsOf({5, 6, 7e-3}), 5u);
  options.factorCost = FactorCost::Weights;
  EXPECT_EQ(factoring->unitsOf({5, 6, 7e-3}), 6u);
  options.factorCost = FactorCost::Ms;
  EXPECT_EQ(factoring->unitsOf({5, 6, 7e-3}), 7000u);
}

TEST(LayerFactoring, LeavesProductsOfVectors) {
  ChannelModel m({11});
  m.dense("x", "y", {11, 7});
  m.plan = makePlan(m.graph, false);
  *m.model.mutable_graph() = m.graph;
  Session session = sessionOf({11});
  FactorizeOptions options;
  options.factorCost = FactorCost::Macs;
  LayerFactoring factoring(session, m.model, m.plan, options);
  ASSERT_FALSE(bool(factoring.begin({}, /*hasSamples=*/false)));
  EXPECT_EQ(factoring.whyNot(0), "multiplies a vector");
  options.factorKinds = "depthwise";
  ChannelModel dense({3, 11});
  dense.dense("x", "y", {11, 7});
  dense.plan = makePlan(dense.graph, false);
  *dense.model.mutable_graph() = dense.graph;
  LayerFactoring other(session, dense.model, dense.plan, options);
  ASSERT_FALSE(bool(other.begin({}, /*hasSamples=*/false)));
  EXPECT_EQ(other.whyNot(0), "none of the kinds fits its weights");
}

TEST_F(Factoring, CandidatesCostEverLessAndLoseEverMore) {
  begin();
  int measured = 0;
  auto measure = [&](llvm::ArrayRef<FloatLayer> layers) {
    ++measured;
    int changed = 0;
    for (size_t i = 0; i < layers.size(); ++i)
      changed += layers[i].weights != factoring->floats()[i].weights;
    EXPECT_EQ(changed, 1);
    return std::pow(10, -sqnr(layers, {"y"}).front() / 10);
  };
  auto candidates = factoring->explore(measure);
  ASSERT_TRUE(bool(candidates));
  EXPECT_TRUE((*candidates)[3].empty());
  const auto &third = (*candidates)[2];
  ASSERT_GE(third.size(), 5u);
  EXPECT_LT(third.front().cost.macs, factoring->costs()[2].macs);
  for (size_t i = 1; i < third.size(); ++i) {
    EXPECT_LT(third[i].cost.macs, third[i - 1].cost.macs);
    EXPECT_GE(third[i].error, third[i - 1].error);
    EXPECT_GE(third[i].outputs, third[i - 1].outputs);
  }
  EXPECT_GT(third.back().outputs, 0);
  EXPECT_GT(measured, 4);
}

TEST_F(Factoring, LayersBehindMakeUpForIt) {
  begin();
  // What the third layer reads has three directions before the Relu.
  std::map<size_t, FactorForm> forms = {{2, {FactorKind::LowRank, 8}}};
  std::map<size_t, FactoredLayer> made;
  auto repaired = factoring->factor(forms, made);
  ASSERT_TRUE(bool(repaired));
  ASSERT_EQ(made.count(2), 1u);
  EXPECT_EQ((*repaired)[2].weights, made[2].factors.product);
  EXPECT_EQ((*repaired)[0].weights, factoring->floats()[0].weights);
  EXPECT_EQ((*repaired)[1].weights, factoring->floats()[1].weights);
  EXPECT_NE((*repaired)[3].weights, factoring->floats()[3].weights);
  // By the weights alone, without repair.
  std::vector<FloatLayer> plain = factoring->floats();
  LayerFactors factors(plain[2].weights, {16, 12, {3, 3}},
                       InputCovariance::identity(108));
  std::vector<float> product = factors.fit(forms[2], 0).product;
  plain[2].weights = product;
  std::vector<double> ours = sqnr(*repaired, {"c", "y"}),
                      theirs = sqnr(plain, {"c", "y"});
  ASSERT_EQ(ours.size(), 2u);
  EXPECT_GT(ours[0], theirs[0] + 3);
  EXPECT_GT(ours[1], theirs[1] + 3);
}

TEST_F(Factoring, OnlyWhatIsExactNeedsNoSamples) {
  FloatLayer third = floatLayer(m.model.graph(), m.plan.layers[2]);
  FactorShape shape{16, 12, {3, 3}};
  LayerFactors factors(third.weights, shape, InputCovariance::identity(108));
  FactorForm form{FactorKind::Spatial, 3};
  std::vector<FloatLayer> layers = factoring->floats();
  layers[2].weights = factors.fit(form, 0).product;
  m.model = withLayers(m.model, m.plan, layers);
  factoring.emplace(session, m.model, m.plan, options);
  llvm::Error error = factoring->begin({}, /*hasSamples=*/false);
  ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
  auto exact = factoring->exact();
  ASSERT_TRUE(bool(exact));
  ASSERT_EQ(exact->size(), 1u);
  EXPECT_EQ(exact->begin()->first, 2u);
  EXPECT_EQ(exact->begin()->second.of.form, form);
  options.factorKinds = "depthwise";
  factoring.emplace(session, m.model, m.plan, options);
  ASSERT_FALSE(bool(factoring->begin({}, false)));
  exact = factoring->exact();
  ASSERT_TRUE(bool(exact));
  EXPECT_TRUE(exact->empty());
}

TEST_F(Factoring, TimesAreThoseOfTheMachine) {
  auto shapes = layerShapes(m.model, m.plan, {});
  ASSERT_TRUE(bool(shapes));
  EXPECT_THAT((*shapes)[2], ElementsAre(1, 12, 8, 8));
  LayerTimes times(m.model, m.plan, *shapes, {});
  LayerFactors factors(factoring->floats()[2].weights, {16, 12, {3, 3}},
                       InputCovariance::identity(108));
  FactorForm form{FactorKind::LowRank, 4};
  FactoredLayer made{form, factors.fit(form, 0)};
  auto first = times.of(2), second = times.of(2, made),
       third = times.of(2, made);
  ASSERT_TRUE(first && second && third);
  EXPECT_EQ(first->size(), 1u);
  EXPECT_GT(first->front(), 0);
  // What is known is not measured again.
  EXPECT_EQ(second->front(), first->front());
  EXPECT_EQ(*second, *third);
  EXPECT_GT(second->back(), 0);
}

} // namespace
