//===- Networks.cpp - Arena problems as networks pose them ----------------===//

#include "Networks.h"
#include <algorithm>
#include <random>
#include <set>

using namespace mlc;

namespace {
/// Builds a problem operation by operation; a buffer lives from the operation
/// that first writes it to the one that last reads it.
class Network {
public:
  struct Tensor {
    BufferId id;
    int64_t height, width, channels;
  };

  /// A buffer without a writer yet.
  Tensor allocate(std::string name, int64_t height, int64_t width,
                  int64_t channels) {
    BufferId id = buffers.size();
    buffers.push_back(
        {std::move(name), height * width * channels * 4, 64, -1, -1});
    return {id, height, width, channels};
  }

  Tensor input(int64_t height, int64_t width, int64_t channels) {
    Tensor tensor = allocate("input", height, width, channels);
    run({}, tensor);
    return tensor;
  }

  /// One operation at its own program point.
  void run(std::vector<Tensor> reads, Tensor write) {
    for (Tensor read : reads)
      buffers[read.id].last = point;
    ArenaBuffer &buffer = buffers[write.id];
    if (buffer.first < 0)
      buffer.first = point;
    buffer.last = std::max(buffer.last, point);
    ++point;
  }

  Tensor convolve(Tensor in, int64_t channels, int64_t stride = 1) {
    Tensor out = allocate("conv" + std::to_string(point), in.height / stride,
                          in.width / stride, channels);
    run({in}, out);
    return out;
  }

  Tensor pool(Tensor in, int64_t stride = 2) {
    return convolve(in, in.channels, stride);
  }

  Tensor add(Tensor a, Tensor b) {
    Tensor out =
        allocate("add" + std::to_string(point), a.height, a.width, a.channels);
    run({a, b}, out);
    wanted.push_back({a.id, out.id});
    wanted.push_back({b.id, out.id});
    return out;
  }

  ArenaProblem finish() {
    ArenaProblem problem;
    for (ArenaBuffer &buffer : buffers)
      problem.addBuffer(buffer);
    // An operand that is read again later cannot be overwritten.
    for (InPlacePair pair : wanted)
      if (buffers[pair.from].last == buffers[pair.to].first)
        problem.allowInPlace(pair.from, pair.to);
    return problem;
  }

private:
  std::vector<ArenaBuffer> buffers;
  std::vector<InPlacePair> wanted;
  int64_t point = 0;
};
using Tensor = Network::Tensor;
} // namespace

ArenaProblem mlc::test::makeVgg16() {
  Network network;
  Tensor x = network.input(224, 224, 3);
  for (auto [channels, count] : {std::pair<int64_t, int>{64, 2},
                                 {128, 2},
                                 {256, 3},
                                 {512, 3},
                                 {512, 3}}) {
    for (int i = 0; i != count; ++i)
      x = network.convolve(x, channels);
    x = network.pool(x);
  }
  for (int64_t features : {4096, 4096, 1000})
    x = network.convolve(x, features, x.height);
  return network.finish();
}

ArenaProblem mlc::test::makeResNet50() {
  Network network;
  Tensor x = network.pool(network.convolve(network.input(224, 224, 3), 64, 2));
  int64_t stride = 1;
  for (auto [channels, count] :
       {std::pair<int64_t, int>{64, 3}, {128, 4}, {256, 6}, {512, 3}}) {
    for (int i = 0; i != count; ++i) {
      Tensor skip = x;
      x = network.convolve(x, channels);
      x = network.convolve(x, channels, stride);
      x = network.convolve(x, channels * 4);
      if (i == 0)
        skip = network.convolve(skip, channels * 4, stride);
      x = network.add(x, skip);
      stride = 1;
    }
    stride = 2;
  }
  network.convolve(network.pool(x, 7), 1000);
  return network.finish();
}

ArenaProblem mlc::test::makeDenseNet121() {
  Network network;
  Tensor x = network.pool(network.convolve(network.input(224, 224, 3), 64, 2));
  for (int count : {6, 12, 24, 16}) {
    Tensor block = network.allocate("block" + std::to_string(count), x.height,
                                    x.width, x.channels + 32 * count);
    network.run({x}, block);
    for (int i = 0; i != count; ++i) {
      Tensor normalised =
          network.allocate("norm", x.height, x.width, x.channels + 32 * i);
      network.run({block}, normalised);
      Tensor narrow = network.convolve(normalised, 128);
      network.run({narrow, block}, block);
    }
    x = network.convolve(block, block.channels / 2);
    if (x.height > 7)
      x = network.pool(x);
  }
  network.convolve(network.pool(x, 7), 1000);
  return network.finish();
}

ArenaProblem mlc::test::makeInception() {
  Network network;
  Tensor x = network.convolve(network.input(224, 224, 3), 64, 2);
  x = network.pool(network.convolve(network.pool(x), 192));
  struct Module {
    int64_t c1, r3, c3, r5, c5, p;
    bool poolAfter;
  };
  for (const Module &m : {Module{64, 96, 128, 16, 32, 32, false},
                          {128, 128, 192, 32, 96, 64, true},
                          {192, 96, 208, 16, 48, 64, false},
                          {160, 112, 224, 24, 64, 64, false},
                          {128, 128, 256, 24, 64, 64, false},
                          {112, 144, 288, 32, 64, 64, false},
                          {256, 160, 320, 32, 128, 128, true},
                          {256, 160, 320, 32, 128, 128, false},
                          {384, 192, 384, 48, 128, 128, false}}) {
    Tensor concat =
        network.allocate("concat", x.height, x.width, m.c1 + m.c3 + m.c5 + m.p);
    // The reductions of all branches come first, as a breadth-first export has
    // them: more is live at once.
    Tensor reduce3 = network.convolve(x, m.r3);
    Tensor reduce5 = network.convolve(x, m.r5);
    Tensor pooled = network.pool(x, 1);
    network.run({x}, concat);
    for (Tensor branch : {reduce3, reduce5, pooled})
      network.run({branch, concat}, concat);
    x = m.poolAfter ? network.pool(concat) : concat;
  }
  network.convolve(network.pool(x, 7), 1000);
  return network.finish();
}

ArenaProblem mlc::test::makeUNet() {
  Network network;
  Tensor x = network.input(256, 256, 3);
  std::vector<Tensor> skips;
  for (int64_t channels : {64, 128, 256, 512}) {
    x = network.convolve(network.convolve(x, channels), channels);
    skips.push_back(x);
    x = network.pool(x);
  }
  x = network.convolve(network.convolve(x, 1024), 1024);
  for (; !skips.empty(); skips.pop_back()) {
    Tensor skip = skips.back();
    Tensor up = network.allocate("up", skip.height, skip.width, skip.channels);
    network.run({x}, up);
    Tensor concat =
        network.allocate("concat", skip.height, skip.width, skip.channels * 2);
    network.run({up, skip}, concat);
    x = network.convolve(network.convolve(concat, skip.channels),
                         skip.channels);
  }
  network.convolve(x, 2);
  return network.finish();
}

ArenaProblem mlc::test::makeMobileNetV2() {
  Network network;
  Tensor x = network.convolve(network.input(224, 224, 3), 32, 2);
  struct Stage {
    int64_t expansion, channels;
    int count;
    int64_t stride;
  };
  for (const Stage &stage : {Stage{1, 16, 1, 1},
                             {6, 24, 2, 2},
                             {6, 32, 3, 2},
                             {6, 64, 4, 2},
                             {6, 96, 3, 1},
                             {6, 160, 3, 2},
                             {6, 320, 1, 1}})
    for (int i = 0; i != stage.count; ++i) {
      Tensor skip = x;
      if (stage.expansion != 1)
        x = network.convolve(x, x.channels * stage.expansion);
      x = network.convolve(x, x.channels, i == 0 ? stage.stride : 1);
      x = network.convolve(x, stage.channels);
      if (i != 0)
        x = network.add(x, skip);
    }
  network.convolve(network.pool(network.convolve(x, 1280), 7), 1000);
  return network.finish();
}

ArenaProblem mlc::test::makeRandomCells(uint64_t seed) {
  std::mt19937_64 random(seed);
  Network network;
  Tensor x = network.convolve(network.input(224, 224, 3), 32, 2);
  for (int cell = 0; cell != 12; ++cell) {
    std::vector<Tensor> results = {x, network.convolve(x, x.channels)};
    for (int node = 0; node != 5; ++node) {
      Tensor a = results[random() % results.size()];
      Tensor b = results[random() % results.size()];
      results.push_back(network.add(network.convolve(a, a.channels), b));
    }
    Tensor concat = network.allocate("concat", x.height, x.width,
                                     x.channels * results.size());
    network.run(results, concat);
    x = network.convolve(concat, x.channels);
    if (cell % 3 == 2)
      x = network.pool(network.convolve(x, x.channels * 3 / 2));
  }
  return network.finish();
}

ArenaProblem mlc::test::makeRandom(RandomShape shape, uint64_t seed) {
  std::mt19937_64 random(seed);
  auto pick = [&](int64_t count) { return int64_t(random() % count); };
  ArenaProblem problem;
  for (unsigned i = 0; i != shape.count; ++i) {
    int64_t first = pick(shape.points);
    int64_t alignment = int64_t(1) << pick(shape.numAlignments);
    problem.addBuffer({"random" + std::to_string(i), 1 + pick(shape.maxSize),
                       alignment, first, first + pick(shape.maxDuration)});
  }
  llvm::ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  for (BufferId a = 0; a != shape.count; ++a)
    for (BufferId b = 0; b != shape.count; ++b)
      if (buffers[a].last == buffers[b].first &&
          buffers[a].first < buffers[b].first && pick(2) == 0)
        problem.allowInPlace(a, b);
  return problem;
}
