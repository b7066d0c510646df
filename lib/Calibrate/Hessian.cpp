//===- Hessian.cpp - How errors of weights show in a layer ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate/Hessian.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace mlc::calibrate {

// One multiplication and one addition an element, in the order of the vectors:
// as wide as the CPU has it, with the same results (lib/Calibrate's
// CMakeLists.txt keeps the compiler from fusing them).
#if defined(__x86_64__)
#define MLC_WIDEST __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define MLC_WIDEST
#endif

namespace {
typedef float Lanes __attribute__((vector_size(64), aligned(4)));
} // namespace

static constexpr int64_t kTile = 64;

/// sums[i][j] += sum over vectors k of a[k][i] * b[k][j], all of them 64 wide.
MLC_WIDEST static void addProducts(const float *a, const float *b,
                                   int64_t vectors, double *sums) {
  constexpr int64_t rows = 4, lanes = 16;
  for (int64_t j = 0; j != kTile; j += lanes) {
    for (int64_t i = 0; i != kTile; i += rows) {
      Lanes sum[rows] = {};
      for (int64_t k = 0; k != vectors; ++k) {
        Lanes right = *reinterpret_cast<const Lanes *>(b + k * kTile + j);
        for (int64_t r = 0; r != rows; ++r)
          sum[r] += a[k * kTile + i + r] * right;
      }
      for (int64_t r = 0; r != rows; ++r)
        for (int64_t l = 0; l != lanes; ++l)
          sums[(i + r) * kTile + j + l] += double(sum[r][l]);
    }
  }
}

Hessian::Hessian(int64_t n)
    : n(n), lower(tiles() * (tiles() + 1) / 2 * tile * tile),
      waiting(tiles() * tile * batch) {
  static_assert(tile == kTile, "the kernel's size is fixed");
}

void Hessian::add(const float *vectors, int64_t count) {
  added += count;
  for (int64_t v = 0; v != count; ++v, vectors += n) {
    for (int64_t t = 0; t != tiles(); ++t)
      std::memcpy(&waiting[(t * batch + waitingCount) * tile],
                  vectors + t * tile,
                  std::min(tile, n - t * tile) * sizeof(float));
    if (++waitingCount == batch) {
      flushTo(lower);
      waitingCount = 0;
    }
  }
}

void Hessian::flushTo(std::vector<double> &sums) const {
  double *at = sums.data();
  for (int64_t i = 0; i != tiles(); ++i)
    for (int64_t j = 0; j <= i; ++j, at += tile * tile)
      addProducts(&waiting[i * batch * tile], &waiting[j * batch * tile],
                  waitingCount, at);
}

std::vector<double> Hessian::sums() const {
  std::vector<double> all = lower;
  flushTo(all);
  return all;
}

std::vector<double> Hessian::diagonal() const {
  std::vector<double> all = sums(), result(n);
  for (int64_t i = 0; i != n; ++i) {
    int64_t t = i / tile, in = i % tile;
    result[i] = all[((t * (t + 1) / 2 + t) * tile + in) * tile + in];
  }
  return result;
}

std::vector<double> Hessian::dense() const {
  std::vector<double> all = sums(), result(n * n);
  for (int64_t i = 0; i != n; ++i) {
    for (int64_t j = 0; j <= i; ++j) {
      int64_t ti = i / tile, tj = j / tile;
      double value =
          all[((ti * (ti + 1) / 2 + tj) * tile + i % tile) * tile + j % tile];
      result[i * n + j] = value;
      result[j * n + i] = value;
    }
  }
  return result;
}

double Hessian::quadraticForm(llvm::ArrayRef<double> error) const {
  std::vector<double> e(tiles() * tile, 0);
  llvm::copy(error, e.begin());
  const double *at = lower.data();
  double sum = 0;
  for (int64_t i = 0; i != tiles(); ++i) {
    for (int64_t j = 0; j <= i; ++j, at += tile * tile) {
      double form = 0;
      for (int64_t r = 0; r != tile; ++r)
        form += e[i * tile + r] * std::inner_product(at + r * tile,
                                                     at + (r + 1) * tile,
                                                     &e[j * tile], 0.0);
      sum += i == j ? form : 2 * form;
    }
  }
  // Of vectors that are in no tile yet, the square of the product with each.
  for (int64_t v = 0; v != waitingCount; ++v) {
    double product = 0;
    for (int64_t t = 0; t != tiles(); ++t) {
      const float *x = &waiting[(t * batch + v) * tile];
      product += std::inner_product(x, x + tile, &e[t * tile], 0.0);
    }
    sum += product * product;
  }
  return sum;
}

} // namespace mlc::calibrate
