//===- ProgramInterface.h - A model as a program wants it -------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   ProgramInterface interface(function, options.ioTypes);
//   if (failed(interface.rewrite())) ...
//   ModelContract contract = contractOf(module, prefix);
//   if (Error error = interface.describe(contract)) ...
//
//===----------------------------------------------------------------------===//

#ifndef MLC_INTERFACE_PROGRAMINTERFACE_H
#define MLC_INTERFACE_PROGRAMINTERFACE_H

#include "Interface/Postprocess.h"
#include "Interface/Preprocess.h"

namespace mlc {

class ProgramInterface {
public:
  ProgramInterface(mlir::func::FuncOp function, const IoTypesByName &types)
      : function(function), types(types) {}

  /// Gives inputs and outputs the form that --io says: images (Preprocess.h),
  /// scores (Postprocess.h), element types (IoTypes.h). Reports, at the
  /// function, all that cannot be.
  llvm::LogicalResult rewrite();

  /// Adds to the contract of the rewritten function what --io says: layouts,
  /// pre-processing, ranges, what integers stand for, labels; and the ranges of
  /// inputs that the model quantises. Errors: a file of labels that cannot be
  /// read, or does not fit.
  llvm::Error describe(ModelContract &contract) const;

private:
  llvm::Error describeOutput(TensorContract &output, const IoType &type) const;

  mlir::func::FuncOp function;
  const IoTypesByName &types;
  PreprocessingByName images;
  PostprocessingByName scores;
};

} // namespace mlc

#endif // MLC_INTERFACE_PROGRAMINTERFACE_H
