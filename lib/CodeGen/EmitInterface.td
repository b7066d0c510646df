//===- EmitInterface.td - who emits kernel ops -------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_EMITINTERFACE_TD
#define MLC_CODEGEN_EMITINTERFACE_TD

include "mlir/IR/OpBase.td"

def MLC_KernelEmitOpInterface : OpInterface<"KernelEmitOpInterface"> {
  let cppNamespace = "::mlc";
  let description = [{
    Attached to kernel ops by registerEmitters (CodeGen.h). Each method replaces the
    op, which is on memrefs and has a schedule, by loops at its place, or says by
    notifyMatchFailure why it cannot and leaves the op.
  }];
  let methods = [
    InterfaceMethod<"All of it.",
      "::llvm::LogicalResult", "emit",
      (ins "::mlir::RewriterBase &":$rewriter, "const ::mlc::TargetInfo &":$target)>,
    InterfaceMethod<[{
        As the first stage of a stream: the init is some rows only of the result of
        `whole`, from `firstRow` on.
      }],
      "::llvm::LogicalResult", "emitRows",
      (ins "::mlir::RewriterBase &":$rewriter, "const ::mlc::TargetInfo &":$target,
           "::mlir::Value":$firstRow, "::mlir::Operation *":$whole), "", [{
        return rewriter.notifyMatchFailure($_op, "cannot be the first of a stream");
      }]>
  ];
}

#endif // MLC_CODEGEN_EMITINTERFACE_TD
