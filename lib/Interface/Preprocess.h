//===- Preprocess.h - Images as programs have them --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A program has an image as a camera or a decoder gives it, a model takes it in
// another layout and size, normalised. What --io says of an input becomes ops
// of the graph between the two:
//
//   nearest: gather; bilinear: resample both axes, round to the program's type
//   letterbox: pad; scale * (x - zero); (x - mean) / std; channels; transpose
//
//===----------------------------------------------------------------------===//

#ifndef MLC_INTERFACE_PREPROCESS_H
#define MLC_INTERFACE_PREPROCESS_H

#include "Emit/Contract.h"
#include "mlc/Options.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <map>

namespace mlc {

/// What the library does to inputs, by name.
using PreprocessingByName = std::map<std::string, Preprocessing, std::less<>>;

/// Gives arguments of `function`, found by their attribute "nn.name", the form
/// that `types` say; what they say of element types alone stays there for
/// setIoTypes, the rest is done. Reports, at the function, what cannot be, and
/// parts for outputs alone.
llvm::FailureOr<PreprocessingByName>
preprocessInputs(mlir::func::FuncOp function, IoTypesByName &types);

} // namespace mlc

#endif // MLC_INTERFACE_PREPROCESS_H
