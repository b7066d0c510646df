//===- NNInterfaces.td - Interfaces of nn ops --------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NN_INTERFACES_TD
#define NN_INTERFACES_TD

include "mlir/IR/OpBase.td"

def NN_ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::mlir::nn";
  let description = [{
    An op that maps each element of its broadcast operands to one element of its
    single result. `emitScalar` is the one definition of what it computes: the
    lowering, the fused epilogues and the constant folder all call it.
  }];
  let methods = [
    InterfaceMethod<[{
      Emits the op on scalars. `args` has one value an operand, of the operand's
      element type made signless; the result has the result's element type made
      signless. Signedness is read from the op's own types. Emits only
      elementwise-mappable `arith` and `math` ops, through `createOrFold`, so the
      same body serves vectors and folds on constants.
    }], "::mlir::Value", "emitScalar",
    (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
         "::mlir::ValueRange":$args)>,
  ];
}

def NN_LayoutOpInterface : OpInterface<"LayoutOpInterface"> {
  let cppNamespace = "::mlir::nn";
  let description = [{
    An op with an attribute `layout` that says where the channels of its result and
    of some operands are, which the pass nn-layout changes. It has one result.
  }];
  let methods = [
    InterfaceMethod<"Where the channels are.", "::mlir::nn::Layout", "getLayout">,
    InterfaceMethod<"Says where the channels are; the caller transposes.", "void",
                    "setLayout", (ins "::mlir::nn::Layout":$layout)>,
    InterfaceMethod<[{
      The operands whose dimensions the layout orders; the first one, where the op
      does not say otherwise.
    }], "::llvm::SmallVector<::mlir::OpOperand *>", "getLayoutOperands", (ins), "",
    [{ return {&$_op->getOpOperand(0)}; }]>,
  ];
}

#endif // NN_INTERFACES_TD
