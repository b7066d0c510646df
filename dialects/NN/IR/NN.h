//===- NN.h - All ops of the nn dialect -------------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NN_IR_NN_H
#define NN_IR_NN_H

#include "NN/IR/NNDialect.h"

#define GET_OP_CLASSES
#include "NN/IR/NNBounded.h.inc"
#define GET_OP_CLASSES
#include "NN/IR/NNCore.h.inc"
#define GET_OP_CLASSES
#include "NN/IR/NNControl.h.inc"
#define GET_OP_CLASSES
#include "NN/IR/NNElementwise.h.inc"
#define GET_OP_CLASSES
#include "NN/IR/NNIndexing.h.inc"
#define GET_OP_CLASSES
#include "NN/IR/NNLinear.h.inc"
#define GET_OP_CLASSES
#include "NN/IR/NNMovement.h.inc"
#define GET_OP_CLASSES
#include "NN/IR/NNQuant.h.inc"
#define GET_OP_CLASSES
#include "NN/IR/NNReduction.h.inc"
#define GET_OP_CLASSES
#include "NN/IR/NNSpatial.h.inc"

#endif // NN_IR_NN_H
