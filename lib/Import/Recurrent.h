//===- Recurrent.h - RNN, GRU and LSTM --------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A recurrent network is one matrix product for the input's part of all gates
// in all steps, and an nn.scan whose region has the product with the state and
// the gates' elementwise ops. Weights are constants outside of the loop. How
// products are made is left to those who derive: weights may be quantised.
//
// Names are ONNX's: T steps, B batch, H hidden size, D directions; x W^T is the
// input's part of a gate, h R^T the state's.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_RECURRENT_H
#define MLC_IMPORT_RECURRENT_H

#include "Import/Activations.h"
#include "Import/Node.h"

namespace mlc {

enum class Cell { rnn, gru, lstm };

/// What one direction's loop computes with.
struct Direction {
  int64_t index;
  bool isReversed;
  mlir::Value inputPart;     ///< [T, B, gates * H]
  mlir::Value r;             ///< [gates * H, H], or without GRU's candidate
  mlir::Value rCandidate;    ///< of GRU, where the reset gate comes before
  mlir::Value recurrentBias; ///< of the state's part, or null
  llvm::SmallVector<mlir::Value>
      p; ///< peepholes [H] of the gates i, o, f, or none
  llvm::SmallVector<mlir::Value> init; ///< [B, H]: h, and c of LSTM
  llvm::ArrayRef<Activation> activations;
};

class RecurrentConverter {
public:
  RecurrentConverter(Node &node, Cell cell) : node(node), cell(cell) {}
  virtual ~RecurrentConverter() = default;
  Values convert();

protected:
  /// Whether W and R are of the shapes that `hidden` asks for, which it sets.
  virtual bool readWeights();
  /// The input's part of all gates of direction `d` in all steps, with a bias
  /// that may be null.
  virtual mlir::Value inputProduct(int64_t d, mlir::Value bias);
  /// The state's part of all gates in one step.
  virtual mlir::Value stateProduct(const Direction &direction, mlir::Value h);
  bool checkShape(size_t input, llvm::ArrayRef<int64_t> shape);
  /// Direction `d` of operand `i`, without that dimension.
  mlir::Value part(size_t i, int64_t d);

  Node &node;
  mlir::Value x; ///< [T, B, input size]
  int64_t steps = 0, batch = 0, hidden = 0, gates = 0;
  llvm::SmallVector<bool, 2> reversed; ///< one element a direction

private:
  bool readShapes();
  bool readDirections();
  bool readActivations();
  bool checkOperands();
  mlir::Value initialState(size_t i, int64_t d);
  Direction prepare(int64_t d);
  llvm::SmallVector<mlir::Value> loop(const Direction &direction);
  llvm::SmallVector<mlir::Value> step(const Direction &direction, mlir::Value x,
                                      llvm::ArrayRef<mlir::Value> state);
  llvm::SmallVector<mlir::Value> rnnStep(const Direction &d, mlir::Value x,
                                         mlir::Value h);
  llvm::SmallVector<mlir::Value> gruStep(const Direction &d, mlir::Value x,
                                         mlir::Value h);
  llvm::SmallVector<mlir::Value> lstmStep(const Direction &d, mlir::Value x,
                                          mlir::Value h, mlir::Value c);
  /// Keeps the state, and gives 0, behind the end of a sequence.
  void mask(const Direction &d, mlir::Value step,
            llvm::ArrayRef<mlir::Value> before,
            llvm::SmallVectorImpl<mlir::Value> &next, mlir::Value &output);
  mlir::Value lengths();
  bool needsMask();
  mlir::Value stacked(llvm::ArrayRef<mlir::Value> parts,
                      llvm::ArrayRef<int64_t> shape,
                      llvm::ArrayRef<int64_t> permutation);

  mlir::Value add(mlir::Value a, mlir::Value b) {
    return node.create<mlir::nn::AddOp>(a, b);
  }
  mlir::Value mul(mlir::Value a, mlir::Value b) {
    return node.create<mlir::nn::MulOp>(a, b);
  }
  mlir::Value oneMinus(mlir::Value a) {
    return node.create<mlir::nn::SubOp>(node.scalar(element, 1), a);
  }
  mlir::Value gate(mlir::Value gates, int64_t i, int64_t count = 1) {
    return node.slice(gates, 1, i * hidden, count * hidden);
  }
  mlir::Value clipped(mlir::Value v) {
    if (clip <= 0)
      return v;
    return node.create<mlir::nn::ClampOp>(v, node.scalar(element, -clip),
                                          node.scalar(element, clip));
  }
  mlir::Value product(mlir::Value x, mlir::Value weights, mlir::Value bias) {
    if (node.failed() || !x || !weights)
      return {};
    return node.finish(mlir::nn::MatmulOp::create(node.builder, node.loc,
                                                  x.getType(), x, weights, bias,
                                                  mlir::ValueRange(),
                                                  /*transpose_rhs=*/true));
  }

  Cell cell;
  mlir::Type element;
  bool isBatchFirst = false;
  double clip = 0;
  llvm::SmallVector<Activation> activations;
  mlir::Value sequenceLengths; ///< [B, 1] of i64, or null: all are whole
};

/// Operands of all three, and of LSTM.
struct RecurrentInput {
  static constexpr size_t x = 0, w = 1, r = 2, bias = 3, lengths = 4, h = 5,
                          c = 6, peepholes = 7;
};

} // namespace mlc

#endif // MLC_IMPORT_RECURRENT_H
