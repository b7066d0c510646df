//===- Numeric.h - functions and constants on vectors -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_NUMERIC_H
#define MLC_CODEGEN_NUMERIC_H

#include "CodeGen/Emitter.h"

namespace mlc {

/// What every value of the type is at least (-inf for floats) or at most.
Value lowest(Emitter &e, Type type, bool isUnsigned);
Value highest(Emitter &e, Type type, bool isUnsigned);

/// sum / count to nearest, half to even, as `element`. `sum` is a vector of
/// i32, `count` a scalar f32; exact while |sum| < 2^24.
Value roundedQuotient(Emitter &e, Value sum, Value count, Type element);

/// e^x of f32 vectors by a polynomial, within 2 units in the last place, 0
/// below -87.3; other types by math.exp.
Value exponential(Emitter &e, Value x);

/// numerator / (1 + e^x) of f32 vectors, within 2 units in the last place for
/// x <= 87; above, e^x is no more than e^88.7. NaNs stay.
Value logistic(Emitter &e, Value numerator, Value x);

} // namespace mlc

#endif // MLC_CODEGEN_NUMERIC_H
