//===- ColumnsTest.cpp - What a layer's weights are multiplied with -------===//

#include "Calibrate/Columns.h"
#include "Graphs.h"
#include "RandomValues.h"
#include "gtest/gtest.h"

using namespace mlc::calibrate;

namespace {

/// A Conv of two dimensions, computed by its definition at one place.
struct Direct {
  int64_t groups, channels, height, width, kernel, stride, dilation, pad;

  float at(llvm::ArrayRef<float> x, int64_t row, int64_t channel, int64_t y0,
           int64_t x0, int64_t ky, int64_t kx) const {
    int64_t y = y0 * stride - pad + ky * dilation,
            z = x0 * stride - pad + kx * dilation;
    if (y < 0 || z < 0 || y >= height || z >= width)
      return 0;
    return x[((row * channels + channel) * height + y) * width + z];
  }
};

void expectColumns(const Direct &d) {
  int64_t inside = d.channels / d.groups, batch = 2;
  Layer layer;
  layer.op = "Conv";
  layer.groups = d.groups;
  layer.shape = {d.groups, inside, d.kernel, d.kernel};
  layer.rows = d.groups;
  layer.columns = inside * d.kernel * d.kernel;
  onnx::NodeProto node;
  setInts(node, "strides", {d.stride, d.stride});
  setInts(node, "dilations", {d.dilation, d.dilation});
  setInts(node, "pads", {d.pad, d.pad, d.pad, d.pad});
  int64_t shape[] = {batch, d.channels, d.height, d.width};
  auto columns = Columns::of(layer, node, shape);
  ASSERT_TRUE(columns.has_value());
  int64_t reach = d.dilation * (d.kernel - 1) + 1;
  int64_t rows = (d.height + 2 * d.pad - reach) / d.stride + 1,
          across = (d.width + 2 * d.pad - reach) / d.stride + 1;
  EXPECT_EQ(columns->positionsPerRow(), rows * across);
  std::vector<float> x =
      Random(1).normals(batch * d.channels * d.height * d.width);
  std::vector<float> found(layer.columns);
  for (int64_t p = 0; p < batch * rows * across; ++p)
    for (int64_t g = 0; g < d.groups; ++g) {
      columns->gather(x, p, g, found.data());
      int64_t at = p % (rows * across), i = 0;
      for (int64_t c = 0; c < inside; ++c)
        for (int64_t ky = 0; ky < d.kernel; ++ky)
          for (int64_t kx = 0; kx < d.kernel; ++kx)
            ASSERT_EQ(found[i++], d.at(x, p / (rows * across), g * inside + c,
                                       at / across, at % across, ky, kx));
    }
}

TEST(Columns, AreTheWindowsOfAConv) {
  expectColumns({1, 3, 6, 5, 3, 1, 1, 1});
  expectColumns({1, 2, 7, 9, 3, 2, 1, 0});
  expectColumns({4, 4, 5, 5, 3, 1, 2, 2});
  expectColumns({2, 6, 4, 6, 1, 2, 1, 0});
}

TEST(Columns, PadAsAutoPadSays) {
  Layer layer;
  layer.op = "Conv";
  layer.shape = {1, 1, 2};
  layer.rows = 1;
  layer.columns = 2;
  onnx::NodeProto node;
  onnx::AttributeProto &pad = *node.add_attribute();
  pad.set_name("auto_pad");
  pad.set_s("SAME_LOWER");
  int64_t shape[] = {1, 1, 3};
  auto columns = Columns::of(layer, node, shape);
  ASSERT_TRUE(columns.has_value());
  EXPECT_EQ(columns->positionsPerRow(), 3);
  float x[] = {1, 2, 3}, found[2];
  columns->gather(x, 0, 0, found);
  EXPECT_EQ(found[0], 0);
  EXPECT_EQ(found[1], 1);
}

TEST(Columns, AreTheRowsOfAMatMul) {
  Layer layer;
  layer.op = "MatMul";
  layer.shape = {3, 5};
  layer.rows = 5;
  layer.columns = 3;
  int64_t shape[] = {2, 2, 3}, wrong[] = {2, 4};
  auto columns = Columns::of(layer, {}, shape);
  ASSERT_TRUE(columns.has_value());
  EXPECT_EQ(columns->positionsPerRow(), 2);
  float x[12], found[3];
  for (int i = 0; i < 12; ++i)
    x[i] = static_cast<float>(i);
  columns->gather(x, 3, 0, found);
  EXPECT_EQ(found[0], 9);
  EXPECT_EQ(found[2], 11);
  EXPECT_FALSE(Columns::of(layer, {}, wrong).has_value());
}

} // namespace
