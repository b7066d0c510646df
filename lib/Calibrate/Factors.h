//===- Factors.h - Weights as a product of smaller ones ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer's weights W, rows x columns, are multiplied with vectors x of
// covariance H. Where W is nearly A T(V), a layer V of few results and a layer
// A of these results take its place:
//
//   LayerFactors layer(w, shape, covariance);
//   Factors factors = layer.fit({FactorKind::Spatial, 16}, flops);
//
// The error is that of the results, tr((W - A T(V)) H (W - A T(V))^T). T says
// where V stands in the columns of a window:
//
//   low-rank    V has all columns. A consists of the eigenvectors of W H W^T:
//               no product of that rank is nearer (Davies and Tso, Procedures
//               for Reduced-Rank Regression, 1982; Zhang et al., Accelerating
//               Very Deep Convolutional Networks, 2015)
//   spatial     V has a column of the window and is the same at all of them, A
//               a row of these (Jaderberg et al., Speeding up Convolutional
//               Neural Networks with Low Rank Expansions, 2014)
//   tucker      V has one position of the window, and A has a low rank again
//               (Kim et al., Compression of Deep Convolutional Neural Networks
//               for Fast and Low Power Mobile Applications, 2016)
//   depthwise   V has one channel, by filters of its own, A all of them (Guo et
//               al., Network Decoupling, 2018)
//
// All but the first begin with the eigenvectors for H as it is on average over
// what V sees, and go on by turns: A is the least-squares solution for V, V for
// A is made better by conjugate gradients.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_FACTORS_H
#define MLC_CALIBRATE_FACTORS_H

#include "Calibrate/ColumnFit.h"

#include <memory>

namespace mlc::calibrate {

/// How vectors are distributed: products of their elements, about their means
/// where a bias can shift results. Blocks of columns are taken to have nothing
/// to do with each other.
class InputCovariance {
public:
  /// Of columns that are alike and have nothing to do with each other: what is
  /// minimal is then the error of the weights.
  static InputCovariance identity(int64_t columns);
  InputCovariance();
  ~InputCovariance();
  InputCovariance(InputCovariance &&);

  /// Of the columns behind those that were added before.
  void add(const FitSums &sums);

  class State;
  const State &get() const { return *state; }

private:
  std::unique_ptr<State> state;
};

/// Weights as a Conv has them: rows x (channels x kernel). A fully connected
/// layer has no kernel.
struct FactorShape {
  int64_t rows = 0, channels = 0;
  std::vector<int64_t> kernel;

  int64_t taps() const {
    int64_t taps = 1;
    for (int64_t size : kernel)
      taps *= size;
    return taps;
  }
  int64_t columns() const { return channels * taps(); }
};

enum class FactorKind { LowRank, Spatial, Tucker, Depthwise };
constexpr FactorKind allFactorKinds[] = {
    FactorKind::LowRank, FactorKind::Spatial, FactorKind::Tucker,
    FactorKind::Depthwise};

/// What takes the place of a layer.
struct FactorForm {
  FactorKind kind = FactorKind::LowRank;
  /// Results of the first layer; of depthwise filters, those of each channel.
  int64_t rank = 1;
  int64_t outer = 0; ///< of tucker, results of the second one

  bool operator==(const FactorForm &other) const {
    return kind == other.kind && rank == other.rank && outer == other.outer;
  }
};

/// Whether layers of that shape can be of that kind at all. Of those with more
/// than 8192 columns only a low rank is looked for.
bool canBe(FactorKind kind, const FactorShape &shape);

/// Layers one after the other, each as rows x columns, in the order of weights
/// of a Conv of this shape.
struct FactorStage {
  int64_t rows = 0, channels = 0;
  std::vector<int64_t> kernel;
  /// By dimension of the kernel: strides, dilations and padding are its.
  std::vector<bool> slides;
  int64_t groups = 1;

  int64_t columns() const {
    return FactorShape{rows, channels, kernel}.columns();
  }
};
std::vector<FactorStage> stagesOf(const FactorForm &form,
                                  const FactorShape &shape);

struct Factors {
  std::vector<std::vector<float>> stages; ///< weights
  std::vector<float> product;             ///< the weights that they stand for
  /// Squares of the error over those of the results; infinite where weights are
  /// no numbers.
  double error = 0;
};

/// A layer to factorise.
class LayerFactors {
public:
  /// `w` must outlive this.
  LayerFactors(llvm::ArrayRef<float> w, FactorShape shape,
               InputCovariance covariance);
  ~LayerFactors();
  LayerFactors(LayerFactors &&);

  /// The smallest form of a kind that should lose no more than that share of
  /// the squares: exactly so of low-rank, by each of its sides alone else.
  FactorForm within(FactorKind kind, double share) const;
  /// The best factors of a form, within about so many operations.
  Factors fit(const FactorForm &form, double flops) const;

private:
  class State;
  std::unique_ptr<State> state;
};

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_FACTORS_H
