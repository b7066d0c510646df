//===- DenseHessian.h - A Hessian as a matrix of Eigen's --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_DENSEHESSIAN_H
#define MLC_CALIBRATE_DENSEHESSIAN_H

#include "Calibrate/Hessian.h"

#include <Eigen/Cholesky>

namespace mlc::calibrate {

using Matrix = Eigen::MatrixXd; ///< columns are contiguous

/// Eigen cuts products by the sizes of the machine's caches, and so would add
/// up in another order on another CPU.
inline void fixEigenBlocking() {
  static const bool once = [] {
    Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 4 << 20);
    return true;
  }();
  (void)once;
}

inline Matrix denseOf(const Hessian &h) {
  std::vector<double> all = h.dense();
  return Eigen::Map<Matrix>(all.data(), h.size(), h.size());
}

/// e^T H e of each row of errors.
inline Eigen::VectorXd rowForms(const Matrix &errors, const Matrix &h) {
  return (errors * h).cwiseProduct(errors).rowwise().sum();
}

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_DENSEHESSIAN_H
