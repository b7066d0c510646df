//===- HeaderParts.h - parts of a model's C header --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/Emit: what Header.cpp writes and is a matter of its own.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_HEADERPARTS_H
#define MLC_EMIT_HEADERPARTS_H

#include "Emit/Contract.h"

namespace mlc {

/// Sentences, a line each, on what a program hands over or takes, and what is
/// done to it.
std::vector<std::string> inWords(const TensorContract &tensor);

/// PREFIX_check_inputs, a static function: the first input that has a value
/// beyond its normal range.
void writeRangeChecks(const ModelContract &contract, llvm::raw_ostream &os);

} // namespace mlc

#endif // MLC_EMIT_HEADERPARTS_H
