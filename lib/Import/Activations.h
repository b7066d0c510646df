//===- Activations.h - Functions of recurrent cells --------- ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The functions that RNN, GRU and LSTM name in their attribute 'activations'.
//
//   const ActivationRow *row = findActivation("HardSigmoid");  // null: unknown
//   Activation f{row, row->alpha, row->beta};
//   Value y = f(node, x);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_ACTIVATIONS_H
#define MLC_IMPORT_ACTIVATIONS_H

#include "Import/Node.h"

namespace mlc {

struct Activation;

struct ActivationRow {
  const char *name; ///< in lower case
  mlir::Value (*build)(Node &, mlir::Value, const Activation &);
  /// How many of activation_alpha and activation_beta it takes, in this order,
  /// and what they are by default.
  int parameters;
  double alpha, beta;
};

struct Activation {
  const ActivationRow *row;
  double alpha, beta;
  mlir::Value operator()(Node &node, mlir::Value x) const {
    return row->build(node, x, *this);
  }
};

/// By name, in any case.
const ActivationRow *findActivation(llvm::StringRef name);

} // namespace mlc

#endif // MLC_IMPORT_ACTIVATIONS_H
