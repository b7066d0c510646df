//===- Rounding.h - Which integers weights become ---------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer's weights, rows x cols in row-major order, one row an output channel,
// become integers q in [low, high] with w ~ scale[row] * q. All functions are
// deterministic, on every CPU.
//
//   std::vector<float> scales = searchRowScales(w, rows, cols, -7, 7, &h);
//   roundWithHessian(w, rows, cols, scales, h, -7, 7, q);
//
// A scale of 0 stands for a row of zeros; its integers are 0. low <= 0 <= high,
// both within int8_t, and high > 0.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_ROUNDING_H
#define MLC_CALIBRATE_ROUNDING_H

#include "Calibrate/Hessian.h"

namespace mlc::calibrate {

/// The scales with which each row's largest magnitude just fits: no weight is
/// clipped. Finite and positive, but 0 for rows of zeros.
std::vector<float> maxRowScales(llvm::ArrayRef<float> w, int64_t rows,
                                int64_t cols, int low, int high);

/// Scales that minimise each row's squared error when rounded to nearest; with
/// `h`, each column's squares count as much as its element of the diagonal.
std::vector<float> searchRowScales(llvm::ArrayRef<float> w, int64_t rows,
                                   int64_t cols, int low, int high,
                                   const Hessian *h = nullptr);

/// The scales that suit these integers best: of each row the one with the least
/// quadratic error, where that is positive; else as it was.
void fitRowScales(llvm::ArrayRef<float> w, int64_t rows, int64_t cols,
                  llvm::ArrayRef<int8_t> q, const Hessian &h,
                  llvm::MutableArrayRef<float> rowScales);

/// Each to the nearest, ties to even.
void roundToNearest(llvm::ArrayRef<float> w, int64_t rows, int64_t cols,
                    llvm::ArrayRef<float> rowScales, int low, int high,
                    llvm::MutableArrayRef<int8_t> q);

struct HessianRounding {
  /// Added to the diagonal, in units of its mean: keeps what the vectors say
  /// little about from being bent to their noise.
  double damping = 0.01;
  /// How often each column is looked at again when all are rounded.
  int sweeps = 4;
};

/// Rounds column after column, those with the largest diagonal first, and lets
/// later ones make up for the errors of earlier ones (Frantar et al., GPTQ,
/// 2022; in the form of Chee et al., QuIP, 2023: a Cholesky factor of H is all
/// it takes). Then changes single integers as long as that helps. No row has a
/// larger e^T H e than rounded to nearest. Takes n^3 / 3 + rows n^2
/// multiplications and 16 n^2 bytes, n = cols: some 20 seconds for n = 4608.
void roundWithHessian(llvm::ArrayRef<float> w, int64_t rows, int64_t cols,
                      llvm::ArrayRef<float> rowScales, const Hessian &h,
                      int low, int high, llvm::MutableArrayRef<int8_t> q,
                      const HessianRounding &options = {});

/// e^T H e of each row, e = w - scale q.
std::vector<double> quadraticErrors(llvm::ArrayRef<float> w, int64_t rows,
                                    int64_t cols,
                                    llvm::ArrayRef<float> rowScales,
                                    llvm::ArrayRef<int8_t> q, const Hessian &h);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_ROUNDING_H
