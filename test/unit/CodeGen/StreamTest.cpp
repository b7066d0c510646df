//===- StreamTest.cpp - chains of kernels against their definition --------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Kernel.h"
#include "KernelCase.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"
#include <memory>

using namespace mlc;

namespace {

enum class Kind { conv, depthwise, maximum, average };

struct Stage {
  Kind kind = Kind::conv;
  int64_t channels = 0; ///< of a dense convolution
  int64_t kernel = 1, stride = 1, dilation = 1;
  int64_t padTop = 0, padBottom = 0;
  bool bias = false, residual = false;
  int64_t zero = 0;
  int64_t tile = 0; ///< of Winograd's F(tile, kernel), 0: direct

  int64_t outSize(int64_t in) const {
    return (in + padTop + padBottom - dilation * (kernel - 1) - 1) / stride + 1;
  }
};

struct Chain {
  int64_t h, w, c;
  int64_t rows;
  std::vector<Stage> stages;
  std::string type = "f32";
};

/// An image of [H, W, C] doubles.
struct Image {
  int64_t h, w, c;
  std::vector<double> values;

  Image(int64_t h, int64_t w, int64_t c)
      : h(h), w(w), c(c), values(h * w * c) {}
  double &at(int64_t y, int64_t x, int64_t k) {
    return values[(y * w + x) * c + k];
  }
};

constexpr int64_t block = 16;

/// Calls `body` with each element of the window at (y, x) that is inside.
template <typename Body>
void forEachTap(const Stage &s, const Image &in, int64_t y, int64_t x,
                Body body) {
  for (int64_t kh = 0; kh < s.kernel; ++kh)
    for (int64_t kw = 0; kw < s.kernel; ++kw) {
      int64_t ih = y * s.stride - s.padTop + kh * s.dilation;
      int64_t iw = x * s.stride - s.padTop + kw * s.dilation;
      if (ih >= 0 && ih < in.h && iw >= 0 && iw < in.w)
        body(kh, kw, ih, iw);
    }
}

double resultAt(const Stage &s, Image &in, const Buffer *weights, int64_t y,
                int64_t x, int64_t k) {
  double sum = 0, largest = -1e30;
  int64_t taps = 0;
  forEachTap(s, in, y, x, [&](int64_t kh, int64_t kw, int64_t ih, int64_t iw) {
    ++taps;
    if (s.kind == Kind::depthwise)
      sum += (in.at(ih, iw, k) - s.zero) * weights->get({kh, kw, k});
    else if (s.kind == Kind::conv)
      for (int64_t i = 0; i < in.c; ++i)
        sum += (in.at(ih, iw, i) - s.zero) *
               weights->get({0, k / block, kh, kw, i, k % block});
    else
      sum += in.at(ih, iw, k);
    largest = std::max(largest, in.at(ih, iw, k));
  });
  return s.kind == Kind::maximum   ? largest
         : s.kind == Kind::average ? sum / taps
                                   : sum;
}

/// The op's text, its arguments and its result, stage by stage.
class Builder {
public:
  explicit Builder(const Chain &chain, unsigned seed)
      : chain(chain), seed(seed), image(chain.h, chain.w, chain.c) {
    Buffer x(chain.type, {1, chain.h, chain.w, chain.c});
    add(x);
    for (size_t i = 0; i < image.values.size(); ++i)
      image.values[i] = c.arguments[0].at1(i);
    for (size_t i = 0; i < chain.stages.size(); ++i)
      addStage(i);
  }

  Case take() {
    std::string out = memref(image);
    size_t arguments = c.arguments.size();
    std::string init = "%a" + std::to_string(arguments + 1);
    for (size_t at; (at = body.find("%out")) != std::string::npos;)
      body.replace(at, 4, init);
    auto text = [&](int64_t bytes) {
      return "kernel.stream {rows = " + std::to_string(chain.rows) +
             " : i64} outs(" + init + ", %a" + std::to_string(arguments) +
             " : " + out + ", memref<" + std::to_string(bytes) +
             "xi8>) {\n^bb0(" + windows + "):\n" + body + "}";
    };
    std::string function = "func.func @f(";
    for (size_t i = 0; i < arguments; ++i)
      function +=
          "%a" + std::to_string(i) + ": " + c.arguments[i].memref() + ", ";
    auto whole = [&](int64_t bytes) {
      return function + "%a" + std::to_string(arguments) + ": memref<" +
             std::to_string(bytes) + "xi8>, " + init + ": " + out + ") {\n" +
             text(bytes) + "\nreturn\n}";
    };
    int64_t bytes = scratchBytes(whole(1));
    c.arguments.push_back(Buffer("i8", {bytes}));
    c.arguments.push_back(Buffer(lastType(), {1, image.h, image.w, image.c}));
    c.op = text(bytes);
    auto expected = std::make_shared<Image>(image);
    c.expected = [expected](const Shape &at) {
      return expected->at(at[1], at[2], at[3]);
    };
    c.name = "chain of " + std::to_string(chain.stages.size()) + " by " +
             std::to_string(chain.rows);
    return std::move(c);
  }

private:
  std::string typeAfter(size_t stages) const {
    return chain.type == "f32" || stages == 0 ? chain.type : "i32";
  }
  std::string lastType() const { return typeAfter(chain.stages.size()); }
  std::string memref(const Image &of, size_t stages = ~size_t(0)) const {
    return Buffer(stages == ~size_t(0) ? lastType() : typeAfter(stages),
                  {1, of.h, of.w, of.c})
        .memref();
  }

  size_t add(Buffer buffer) {
    buffer.fill(seed + c.arguments.size());
    c.arguments.push_back(buffer);
    return c.arguments.size() - 1;
  }

  size_t addWeights(const Stage &s) {
    if (s.kind == Kind::depthwise)
      return add(Buffer(chain.type == "f32" ? "f32" : "i8",
                        {s.kernel, s.kernel, image.c}));
    int64_t blocks = (s.channels + block - 1) / block;
    size_t index = add(Buffer(chain.type == "f32" ? "f32" : "i8",
                              {1, blocks, s.kernel, s.kernel, image.c, block}));
    forEach(c.arguments[index].shape, [&](const Shape &at) {
      if (at[1] * block + at[5] >= s.channels)
        c.arguments[index].set(at, 0);
    });
    return index;
  }

  size_t addScratch(const Stage &s, const Image &out) {
    int64_t size[] = {1, out.h, out.w, out.c};
    auto plan = mlir::kernel::WinogradPlan::get(size, image.c, block,
                                                {s.tile, s.kernel});
    return add(Buffer("f32", {plan.scratch()}));
  }

  void addStage(size_t index) {
    const Stage &s = chain.stages[index];
    bool isPool = s.kind == Kind::maximum || s.kind == Kind::average;
    Image out(s.outSize(image.h), s.outSize(image.w),
              s.kind == Kind::conv ? s.channels : image.c);
    std::string in = index ? "%m" + std::to_string(index - 1) : "%a0";
    std::string inType = memref(image, index), outType = memref(out, index + 1);
    size_t weights = isPool ? 0 : addWeights(s);
    auto pair = [](int64_t v) { return array({v, v}); };
    std::string attributes =
        "strides = " + pair(s.stride) + ", dilations = " + pair(s.dilation) +
        ", pads = " + array({s.padTop, s.padTop, s.padBottom, s.padBottom});
    if (s.zero)
      attributes += ", input_zero_point = " + std::to_string(s.zero) + " : i32";
    if (index == 0 && chain.type == "u8")
      attributes += ", input_unsigned";
    std::string destination = "%m" + std::to_string(index);
    if (index + 1 == chain.stages.size())
      destination = "%out";
    else
      windows += (index ? ", " : "") + destination + ": " + outType;
    std::string w = "%a" + std::to_string(weights);
    if (isPool)
      body += std::string("kernel.pool {kind = #kernel.pool_kind<") +
              (s.kind == Kind::maximum ? "max" : "average") +
              ">, kernel = " + pair(s.kernel) + ", " + attributes + "} ins(" +
              in + " : " + inType + ")";
    else if (s.tile)
      body += "kernel.winograd {tile = " + std::to_string(s.tile) +
              " : i64, pads = " +
              array({s.padTop, s.padTop, s.padBottom, s.padBottom}) + "} ins(" +
              in + ", " + w + " : " + inType + ", " +
              c.arguments[weights].memref() + ")";
    else
      body += std::string(s.kind == Kind::conv ? "kernel.conv {"
                                               : "kernel.depthwise {") +
              attributes + "} ins(" + in + ", " + w + " : " + inType + ", " +
              c.arguments[weights].memref() + ")";
    compute(s, out, isPool ? nullptr : &c.arguments[weights]);
    std::string region = addEpilogue(s, out);
    body += " outs(" + destination;
    if (s.tile) {
      size_t scratch = addScratch(s, out);
      body += ", %a" + std::to_string(scratch);
      outType += ", " + c.arguments[scratch].memref();
    }
    body += " : " + outType + ")" + region + "\n";
    image = out;
  }

  void compute(const Stage &s, Image &out, const Buffer *weights) {
    for (int64_t y = 0; y < out.h; ++y)
      for (int64_t x = 0; x < out.w; ++x)
        for (int64_t k = 0; k < out.c; ++k)
          out.at(y, x, k) = resultAt(s, image, weights, y, x, k);
  }

  /// A bias with relu, or an image to add.
  std::string addEpilogue(const Stage &s, Image &out) {
    if (!s.bias && !s.residual)
      return "";
    size_t index = add(
        Buffer("f32", s.bias ? Shape{out.c} : Shape{1, out.h, out.w, out.c}));
    const Buffer &operand = c.arguments[index];
    for (size_t i = 0; i < out.values.size(); ++i) {
      double sum = out.values[i] + operand.at1(s.bias ? i % out.c : i);
      out.values[i] = s.bias ? std::max(0.0, sum) : sum;
    }
    body +=
        " epilogue(%a" + std::to_string(index) + " : " + operand.memref() + ")";
    return std::string(" {\n^bb0(%acc: f32, %b: f32):\n"
                       "%0 = arith.addf %acc, %b : f32\n"
                       "%z = arith.constant ") +
           (s.bias ? "0.0" : "0xFF800000") +
           " : f32\n%1 = arith.maximumf %0, %z : f32\nkernel.yield %1 : f32\n}";
  }

  /// As the plan says, which wants the op.
  static int64_t scratchBytes(const std::string &text) {
    mlir::DialectRegistry registry;
    registry.insert<mlir::kernel::KernelDialect, mlir::func::FuncDialect,
                    mlir::arith::ArithDialect, mlir::memref::MemRefDialect>();
    mlir::MLIRContext context(registry);
    mlir::ParserConfig config(&context, /*verifyAfterParse=*/false);
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, config);
    int64_t bytes = 0;
    if (module)
      module->walk(
          [&](mlir::kernel::StreamOp op) { bytes = op.getPlan().bytes; });
    EXPECT_GT(bytes, 0) << text;
    return bytes;
  }

  const Chain &chain;
  unsigned seed;
  Image image; ///< so far
  Case c;
  std::string windows, body;
};

void runAll(const std::vector<Chain> &chains) {
  runOnTargets(chains.size(),
               [&](size_t i) { return Builder(chains[i], i * 10).take(); });
}

Stage conv(int64_t channels, int64_t kernel = 1, int64_t stride = 1,
           int64_t pad = 0) {
  Stage s;
  s.channels = channels;
  s.kernel = kernel;
  s.stride = stride;
  s.padTop = s.padBottom = pad;
  s.bias = true;
  return s;
}

Stage window(Kind kind, int64_t kernel, int64_t stride, int64_t padTop,
             int64_t padBottom) {
  Stage s;
  s.kind = kind;
  s.kernel = kernel;
  s.stride = stride;
  s.padTop = padTop;
  s.padBottom = padBottom;
  return s;
}

/// Strides, windows and pads of the middle stage; all steps from one row to the
/// whole image.
TEST(StreamEmitter, ExpandDepthwiseProject) {
  std::vector<Chain> chains;
  for (int64_t kernel : {3, 5})
    for (int64_t stride : {1, 2})
      for (int64_t pad : {0, 1, 2})
        for (int64_t rows : {1, 2, 3, 6}) {
          int64_t h = 6 * stride + kernel - 2 * pad - stride;
          if (h < 1)
            continue;
          Stage last = conv(7);
          last.bias = false;
          last.residual = true;
          chains.push_back(
              {h,
               6,
               5,
               rows,
               {conv(20), window(Kind::depthwise, kernel, stride, pad, pad),
                last}});
        }
  runAll(chains);
}

/// The end of the image is not the end of the last window.
TEST(StreamEmitter, UnevenPads) {
  runAll({{9, 7, 3, 2, {conv(17), window(Kind::depthwise, 3, 2, 0, 1)}},
          {10, 7, 3, 1, {conv(17), window(Kind::depthwise, 3, 2, 0, 1)}},
          {9, 5, 3, 3, {conv(17), window(Kind::depthwise, 3, 3, 2, 0)}},
          {8, 5, 3, 2, {conv(17), window(Kind::depthwise, 2, 2, 0, 0)}},
          {12, 5, 3, 2, {conv(17), window(Kind::depthwise, 1, 3, 0, 0)}}});
}

/// The first stage has a window and padding itself.
TEST(StreamEmitter, ConvPool) {
  runAll(
      {{15, 15, 3, 2, {conv(16, 3, 2, 1), window(Kind::maximum, 3, 2, 1, 1)}},
       {29, 13, 3, 1, {conv(9, 7, 2, 3), window(Kind::maximum, 3, 2, 0, 0)}},
       {8, 8, 3, 2, {conv(33, 3, 1, 1), window(Kind::average, 2, 2, 0, 0)}},
       {12, 9, 2, 4, {conv(8, 5, 1, 2), window(Kind::maximum, 3, 3, 0, 0)}}});
}

/// Blocks of tiles, the outer of which read padding.
TEST(StreamEmitter, WinogradPool) {
  std::vector<Chain> chains;
  for (int64_t tile : {2, 4}) {
    Stage first = conv(16, 3, 1, 1);
    first.tile = tile;
    Stage pool = window(Kind::maximum, 2, 2, 0, 0);
    chains.push_back({32, 9, 16, 8, {first, pool}});
    chains.push_back({32, 100, 20, 4, {first, pool}});
    chains.push_back({32, 100, 5, 8, {first, pool}});
  }
  runAll(chains);
}

/// Several windows, of which one is carried along while another is not.
TEST(StreamEmitter, LongChains) {
  Stage dilated = window(Kind::depthwise, 3, 1, 2, 2);
  dilated.dilation = 2;
  Stage dense = conv(9, 3, 1, 1), point = conv(12);
  dense.bias = point.bias = false;
  runAll({{16,
           9,
           3,
           1,
           {conv(8, 3, 2, 1), window(Kind::depthwise, 3, 1, 1, 1), point,
            window(Kind::depthwise, 3, 2, 1, 1)}},
          {16, 9, 3, 2, {conv(8), dense, dense}},
          {12, 9, 4, 3, {conv(16), dilated, window(Kind::maximum, 2, 2, 0, 0)}},
          {8, 5, 4, 8, {conv(16), window(Kind::depthwise, 3, 1, 1, 1)}}});
}

/// Padding is the zero point of the stage that reads it.
TEST(StreamEmitter, Integers) {
  Stage first, middle = window(Kind::depthwise, 3, 1, 1, 1);
  first.channels = 19;
  first.zero = 7;
  middle.zero = 5;
  runAll({{6, 5, 3, 2, {first, middle}, "u8"},
          {6, 5, 3, 2, {first, window(Kind::maximum, 3, 1, 1, 1)}, "u8"}});
}

} // namespace
