//===- Pairs.cpp - Weights whose products fit 16 bits in pairs ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Pairs.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"
#include <cstdlib>
#include <vector>

using namespace mlir::kernel;
using llvm::ArrayRef;
using llvm::SmallVector;

namespace {

constexpr int64_t pool = PairRows::pool, quad = PairRows::quad;
constexpr int64_t mostSum = 128;

/// Pairs of the channels of one pool, by their number within what is read.
struct PoolOrder {
  struct Pair {
    int first, second;
    bool isTooLarge; ///< in some lane
  };
  SmallVector<Pair, 8> pairs;
};

/// A search for pairs that fit: the channel with the fewest partners first.
class Pairing {
public:
  /// Bit j of `fits[i]`: whether channels i and j are a pair that fits.
  explicit Pairing(ArrayRef<uint32_t> fits) : fits(fits) {}

  /// The pairs with the fewest that are too large, as far as a short search
  /// finds them.
  PoolOrder run() {
    uint32_t all = (uint32_t(1) << fits.size()) - 1;
    for (unsigned spared = 0;; ++spared) {
      visits = 0;
      order.pairs.clear();
      if (search(all, spared))
        return order;
    }
  }

private:
  bool search(uint32_t free, unsigned spared) {
    constexpr unsigned mostVisits = 500;
    if (free == 0)
      return true;
    if (++visits > mostVisits && spared * 2 < fits.size())
      return false;
    unsigned scarce = 0, fewest = ~0u;
    for (unsigned i = 0; i < fits.size(); ++i) {
      unsigned partners = llvm::popcount(fits[i] & free);
      if ((free >> i & 1) && partners < fewest) {
        fewest = partners;
        scarce = i;
      }
    }
    uint32_t rest = free & ~(uint32_t(1) << scarce);
    for (uint32_t left = fits[scarce] & rest; left; left &= left - 1)
      if (take(scarce, llvm::countr_zero(left), rest, spared, false))
        return true;
    return spared > 0 &&
           take(scarce, llvm::countr_zero(rest), rest, spared - 1, true);
  }

  bool take(int first, int second, uint32_t rest, unsigned spared,
            bool isTooLarge) {
    order.pairs.push_back({first, second, isTooLarge});
    if (search(rest & ~(uint32_t(1) << second), spared))
      return true;
    order.pairs.pop_back();
    return false;
  }

  ArrayRef<uint32_t> fits;
  PoolOrder order;
  unsigned visits = 0;
};

/// Packs the lanes of one block at one element of the window.
class Packer {
public:
  /// `lane(n)`: the weights of channel 0 of lane n, null where there is none;
  /// those of the next channel are `stride` behind.
  Packer(const PairRows &rows, ArrayRef<const char *> lanes, int64_t stride)
      : rows(rows), lanes(lanes), stride(stride) {}

  /// Extra quads that are needed.
  int64_t plan() {
    int64_t extras = 0;
    for (int64_t p = 0; p < rows.pools(); ++p) {
      orders.push_back(Pairing(fitsOf(p)).run());
      extras += llvm::divideCeil(
          llvm::count_if(orders.back().pairs,
                         [](auto &pair) { return pair.isTooLarge; }),
          2);
    }
    return extras;
  }

  /// Into rows that are zero, with room for as many extra quads.
  void write(const PairRows &withExtras, char *to) {
    rows = withExtras;
    int64_t row = 0, extra = 0;
    for (int64_t p = 0; p < rows.pools(); ++p) {
      writePool(p, row, to);
      writeExtras(p, extra, to);
      row += rows.poolQuads(p);
    }
    for (int64_t i = extra; i < rows.extras; ++i)
      std::fill_n(to + rows.extraOrdersAt() + i * pool, pool, none);
    llvm::support::endian::write32le(to + rows.countAt(), extra);
    for (size_t n = 0; n < lanes.size(); ++n) {
      uint32_t sum = 0;
      for (int64_t c = 0; c < rows.channels; ++c)
        sum += weight(n, c);
      llvm::support::endian::write32le(
          to + ((rows.count() - 1) * rows.block + n) * quad, sum);
    }
  }

private:
  static constexpr char none = char(0x80);

  int weight(size_t lane, int64_t channel) const {
    if (!lanes[lane] || channel >= rows.channels)
      return 0;
    return static_cast<signed char>(lanes[lane][channel * stride]);
  }
  bool isTooLarge(size_t lane, int64_t a, int64_t b) const {
    return std::abs(weight(lane, a) + weight(lane, b)) > mostSum;
  }

  SmallVector<uint32_t, 16> fitsOf(int64_t p) const {
    int64_t size = rows.poolQuads(p) * quad, first = p * pool;
    SmallVector<uint32_t, 16> fits(size, 0);
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < i; ++j) {
        bool fit = true;
        for (size_t n = 0; fit && n < lanes.size(); ++n)
          fit = !isTooLarge(n, first + i, first + j);
        fits[i] |= uint32_t(fit) << j;
        fits[j] |= uint32_t(fit) << i;
      }
    return fits;
  }

  /// Where channel `i` of the pool lies in the 16 bytes that are read.
  char placeOf(int64_t p, int64_t i) const {
    int64_t channel = p * pool + i;
    return channel < rows.channels ? char(channel - rows.poolStart(p)) : none;
  }

  void writePool(int64_t p, int64_t row, char *to) const {
    char *order = to + rows.ordersAt() + p * pool;
    std::fill_n(order, pool, none);
    for (auto [at, pair] : llvm::enumerate(orders[p].pairs)) {
      order[2 * at] = placeOf(p, pair.first);
      order[2 * at + 1] = placeOf(p, pair.second);
      for (size_t n = 0; n < lanes.size(); ++n) {
        int64_t a = p * pool + pair.first, b = p * pool + pair.second;
        char *w = to + ((row + at / 2) * rows.block + n) * quad + at % 2 * 2;
        w[0] = weight(n, a);
        w[1] = isTooLarge(n, a, b) ? 0 : weight(n, b);
      }
    }
  }

  /// What pairs that are too large leave, two of them a quad.
  void writeExtras(int64_t p, int64_t &extra, char *to) const {
    int64_t half = 0;
    for (const PoolOrder::Pair &pair : orders[p].pairs) {
      if (!pair.isTooLarge)
        continue;
      char *order = to + rows.extraOrdersAt() + extra * pool;
      if (half == 0) {
        std::fill_n(order, pool, none);
        llvm::support::endian::write32le(to + rows.startsAt() + extra * quad,
                                         rows.poolStart(p));
      }
      for (int64_t i = 0; i < pool; i += quad)
        order[i + half * 2] = placeOf(p, pair.second);
      for (size_t n = 0; n < lanes.size(); ++n) {
        int64_t a = p * pool + pair.first, b = p * pool + pair.second;
        if (isTooLarge(n, a, b))
          to[((rows.quads() + extra) * rows.block + n) * quad + half * 2] =
              weight(n, b);
      }
      extra += half;
      half = 1 - half;
    }
    extra += half;
  }

  PairRows rows;
  SmallVector<const char *, 16> lanes;
  int64_t stride;
  std::vector<PoolOrder> orders;
};

} // namespace

std::optional<PairedWeights> PairedWeights::get(ArrayRef<char> weights,
                                                ArrayRef<int64_t> shape,
                                                int64_t groups, int64_t block,
                                                int64_t extras) {
  int64_t filters = shape[0] / groups, channels = shape[1];
  int64_t window = shape[2] * shape[3];
  if (channels < pool)
    return std::nullopt;
  if (groups > 1)
    block = std::min<int64_t>(block, llvm::PowerOf2Ceil(filters));
  block = std::max(block, quad);
  int64_t blocks = llvm::divideCeil(filters, block);
  PairedWeights result = {{channels, block, extras}, {}, {}};
  std::vector<Packer> packers;
  for (int64_t g = 0; g < groups; ++g)
    for (int64_t b = 0; b < blocks; ++b)
      for (int64_t tap = 0; tap < window; ++tap) {
        SmallVector<const char *, 16> lanes;
        for (int64_t n = b * block; n < (b + 1) * block; ++n)
          lanes.push_back(n < filters
                              ? weights.data() +
                                    (g * filters + n) * channels * window + tap
                              : nullptr);
        packers.emplace_back(result.rows, lanes, window);
        result.rows.extras =
            std::max(result.rows.extras, packers.back().plan());
      }
  // Few sizes, so that layers of one shape have one kernel.
  int64_t quads = result.rows.quads();
  result.rows.extras =
      llvm::alignTo(result.rows.extras, std::max<int64_t>(1, quads / 16));
  if (result.rows.extras * 5 > quads * 2)
    return std::nullopt;
  int64_t count = result.rows.count(), size = count * block * quad;
  result.shape = {groups, blocks, shape[2], shape[3], count, block, quad};
  result.bytes.resize(packers.size() * size, 0);
  for (auto [i, packer] : llvm::enumerate(packers))
    packer.write(result.rows, result.bytes.data() + i * size);
  return result;
}
