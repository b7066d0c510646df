//===- Philox.h - Random numbers of a key and a counter ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Philox 4x32-10 (Salmon and others, "Parallel random numbers: as easy as 1, 2,
// 3"): words are a function of a key and of their place, the same on every
// machine.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_PHILOX_H
#define MLC_SUPPORT_PHILOX_H

#include <array>
#include <cmath>
#include <cstdint>

namespace mlc {

class Philox {
public:
  explicit Philox(uint64_t key) : key(key) {}

  /// The four words of block `n`.
  static std::array<uint32_t, 4> blockOf(uint64_t key, uint64_t n) {
    std::array<uint32_t, 4> x = {uint32_t(n), uint32_t(n >> 32), 0, 0};
    uint32_t k0 = uint32_t(key), k1 = uint32_t(key >> 32);
    for (int round = 0; round < 10; ++round) {
      uint64_t p = uint64_t(0xD2511F53) * x[0], q = uint64_t(0xCD9E8D57) * x[2];
      x = {uint32_t(q >> 32) ^ x[1] ^ k0, uint32_t(q),
           uint32_t(p >> 32) ^ x[3] ^ k1, uint32_t(p)};
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    return x;
  }

  /// Uniform in (0, 1), of 52 bits.
  double uniform() {
    uint64_t bits = (uint64_t(word()) << 20) ^ (word() >> 12);
    return (static_cast<double>(bits) + 0.5) * 0x1p-52;
  }

  double normal() {
    double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * M_PI * uniform());
  }

private:
  uint32_t word() {
    if (place == 4) {
      block = blockOf(key, counter++);
      place = 0;
    }
    return block[place++];
  }

  uint64_t key, counter = 0;
  std::array<uint32_t, 4> block{};
  unsigned place = 4;
};

} // namespace mlc

#endif // MLC_SUPPORT_PHILOX_H
