//===- FiguresTest.cpp - What a report tells of models -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report/Figures.h"
#include "llvm/Support/raw_ostream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace {

OperatorRow row(const char *node, const char *element, double ms, uint64_t macs,
                uint64_t bytes, uint64_t weightBytes) {
  OperatorRow result;
  result.node = node;
  result.kernel = "conv";
  result.element = element;
  result.ms = ms;
  result.visits = 1;
  result.macs = macs;
  result.operations = result.nominal = 2 * macs;
  result.bytes = bytes;
  result.weightBytes = weightBytes;
  return result;
}

/// On a machine of 100 GFLOP/s a core, 10 GB/s and 1 MB of L2.
ModelFigures figures(const char *name, double ms) {
  ModelFigures model;
  model.name = name;
  model.parameters = 2000000;
  model.nonZeroParameters = 500000;
  model.parameterBits = 16000000;
  model.macs = 100000000;
  model.weightsBytes = 4000000;
  model.codeBytes = 96;
  model.arenaBytes = 1000;
  model.stackBytes = 24;
  model.bench.target = "znver3";
  model.bench.l2Bytes = 1000000;
  model.bench.machine.cpu = "a processor";
  model.bench.machine.peakGflops = 100;
  model.bench.machine.readGBs = 10;
  model.bench.times = {ms, ms, ms > 0 ? 3u : 0u};
  model.bench.rows = {row("first", "f32", ms, 80000000, 3000000, 100000),
                      row("last", "i8", ms, 10000000, 4100000, 4000000)};
  return model;
}

ModelScore percent(double value) {
  ModelScore score;
  score.value = value;
  score.samples = 100;
  return score;
}

TEST(Figures, AreSumsOfRows) {
  ModelFigures model = figures("m", 1);
  EXPECT_EQ(model.executedMacs(), 90000000u);
  EXPECT_EQ(model.movedBytes(), 7100000u);
  EXPECT_EQ(model.flashBytes(), 4000096u);
  EXPECT_EQ(model.memoryBytes(), 1024u);
  EXPECT_EQ(model.bitWeightedParameters(), 500000);
  EXPECT_DOUBLE_EQ(model.energy().total(),
                   model.energyOf(model.bench.rows[0]).total() +
                       model.energyOf(model.bench.rows[1]).total());
}

TEST(Figures, EstimateByTheLimitsOfTheMachine) {
  ModelFigures model = figures("m", 1);
  // 160 M operations; what L2 does not hold is less: 0.3 ms.
  EXPECT_DOUBLE_EQ(model.estimatedMs(model.bench.rows[0]), 1.6);
  // Weights of 4 MB; 20 M operations on bytes, four in the place of one f32.
  EXPECT_DOUBLE_EQ(model.estimatedMs(model.bench.rows[1]), 0.4);
  EXPECT_DOUBLE_EQ(model.estimatedMs(), 2.0);
  model.bench.l2Bytes = 8000000;
  EXPECT_DOUBLE_EQ(model.estimatedMs(model.bench.rows[1]), 0.05);
}

TEST(Figures, ScoreByEachCountOfParameters) {
  ModelFigures model = figures("m", 1);
  EXPECT_EQ(model.netScoreWith(model.parameters), std::nullopt);
  model.score = percent(80);
  EXPECT_DOUBLE_EQ(*model.netScoreWith(model.parameters), netScore(80, 2, 0.1));
  EXPECT_DOUBLE_EQ(*model.netScoreWith(model.bitWeightedParameters()),
                   netScore(80, 0.5, 0.1));
  EXPECT_DOUBLE_EQ(*model.densityWith(model.parameters), 40);
  EXPECT_EQ(model.netScoreWith(0), std::nullopt);
  model.score->metric = ScoreMetric::Mse;
  EXPECT_EQ(model.densityWith(model.parameters), std::nullopt);
}

TEST(Figures, OfTheFrontAreBetterInSomething) {
  ModelReport report;
  report.models = {figures("slow", 3), figures("fast", 1), figures("mid", 2)};
  EXPECT_THAT(report.front(), ElementsAre(false, true, false));
  report.models[0].score = percent(90);
  report.models[1].score = report.models[2].score = percent(70);
  EXPECT_THAT(report.front(), ElementsAre(true, true, false));
  // A score that only some have does not count.
  report.models[2].score.reset();
  EXPECT_THAT(report.front(), ElementsAre(false, true, false));
}

TEST(Figures, AreShownWithoutTimesWhereNothingRan) {
  ModelReport report;
  report.models = {figures("m", 0)};
  std::string text;
  raw_string_ostream os(text);
  report.writeText(os);
  EXPECT_THAT(text, Not(HasSubstr("measured")));
  EXPECT_THAT(text, ContainsRegex("MACs, millions +100.0\n"));
  EXPECT_EQ(report.toJSON()
                .getAsObject()
                ->getArray("models")
                ->front()
                .getAsObject()
                ->get("time"),
            nullptr);
}

TEST(Figures, NeedNothingFromElsewhereAsAPage) {
  ModelReport report;
  report.models = {figures("<b>a&b", 1), figures("other", 2)};
  report.models[0].bench.rows[0].node = "<script>";
  std::string page;
  raw_string_ostream os(page);
  report.writeHtml(os);
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;a&amp;b"));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  for (const char *foreign : {"<b>", "<script", "src=", "href=", "http"})
    EXPECT_THAT(page, Not(HasSubstr(foreign)));
  for (const char *wanted :
       {"speed", "size", "memory", "battery", "<polyline", "</html>"})
    EXPECT_THAT(page, HasSubstr(wanted));
}

} // namespace
