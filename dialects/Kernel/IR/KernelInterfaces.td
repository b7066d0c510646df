//===- KernelInterfaces.td - What all kernel ops answer ----*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_INTERFACES_TD
#define KERNEL_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Kernel_KernelOpInterface : OpInterface<"KernelOpInterface"> {
  let cppNamespace = "::mlir::kernel";
  let description = [{
    What passes ask of a kernel op, whichever it is. How it is scheduled and
    emitted are interfaces of lib/Schedule and lib/CodeGen, attached from there.
  }];
  let methods = [
    InterfaceMethod<"What one run of it costs. Requires memrefs.",
      "::mlir::kernel::KernelCost", "getCost", (ins)>,
    InterfaceMethod<"The key of measured schedules; nothing for an op of which "
        "none are kept.",
      "::std::optional<::mlir::kernel::Problem>", "getProblem", (ins), "", [{
        return ::std::nullopt;
      }]>,
    InterfaceMethod<"How its rows depend on those of its input; nothing for an "
        "op that is not computed by rows of one image.",
      "::std::optional<::mlir::kernel::StreamStage>", "getStage", (ins), "", [{
        return ::std::nullopt;
      }]>,
    InterfaceMethod<"Its epilogue's operands.",
      "::llvm::SmallVector<::mlir::OpOperand *>", "getEpilogueUses", (ins), "", [{
        return {};
      }]>,
    InterfaceMethod<"Whether it takes some channels of many pixels, and then "
        "others.",
      "bool", "takesFewChannels", (ins), "", [{
        return false;
      }]>
  ];
}

#endif // KERNEL_INTERFACES_TD
