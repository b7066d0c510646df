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

def NN_LinearOpInterface : OpInterface<"LinearOpInterface"> {
  let cppNamespace = "::mlir::nn";
  let description = [{
    An op that sums products of its input and its weights, adds a bias and applies an
    epilogue: nn.conv and nn.matmul. Each channel of the result is the sum over the
    channels of the input that one filter of the weights is linked to. All that passes
    ask of such an op without regard to its window is asked here: where channels lie,
    which of them a weight links, which operand is what.

    The zero points are what elements of input and weights hold where they contribute
    nothing; 0 of all but integers.
  }];
  let methods = [
    InterfaceMethod<"The operand that the weights multiply.",
        "::mlir::OpOperand &", "getInputOperand", (ins), "",
        [{ return $_op->getOpOperand(0); }]>,
    InterfaceMethod<"The weights, constant or computed.",
        "::mlir::OpOperand &", "getWeightsOperand", (ins), "",
        [{ return $_op->getOpOperand(1); }]>,
    InterfaceMethod<"[channels of the result], or null.", "::mlir::Value", "getBias">,
    InterfaceMethod<"The bias as it may be assigned.",
        "::mlir::MutableOperandRange", "getBiasMutable">,
    InterfaceMethod<"What the epilogue reads beside the sum.",
        "::mlir::OperandRange", "getEpilogueOperands">,
    InterfaceMethod<"The same as they may be assigned.",
        "::mlir::MutableOperandRange", "getEpilogueOperandsMutable">,
    InterfaceMethod<"The function on each element of the result, empty for none.",
        "::mlir::Region &", "getEpilogue">,
    InterfaceMethod<"The dimension of the result that its channels are along.",
        "int64_t", "getResultChannelDim">,
    InterfaceMethod<"The dimension of the input that its channels are along.",
        "int64_t", "getInputChannelDim">,
    InterfaceMethod<"The dimension of the weights that counts channels of the result.",
        "int64_t", "getWeightsResultDim">,
    InterfaceMethod<[{
      The dimension of the weights that counts channels of the input, or of one group
      of them.
    }], "int64_t", "getWeightsInputDim">,
    InterfaceMethod<"Groups of channels that do not mix.", "uint64_t", "getGroups",
        (ins), "", [{ return 1; }]>,
    InterfaceMethod<"Products that one element of the result is the sum of.", "int64_t",
        "getReductionSize">,
    InterfaceMethod<"Whether padding adds elements that are not in the input.", "bool",
        "hasPadding", (ins), "", [{ return false; }]>,
    InterfaceMethod<"Whether the weights are several matrices.", "bool",
        "hasBatchedWeights", (ins), "", [{ return false; }]>,
    InterfaceMethod<"The zero point of the input.", "int32_t", "getInputZero">,
    InterfaceMethod<"The zero point of the weights.", "int32_t", "getWeightsZero",
        (ins), "", [{ return 0; }]>,
    InterfaceMethod<"Whether the weights may have a zero point.", "bool",
        "canHaveWeightsZero", (ins), "", [{ return false; }]>,
    InterfaceMethod<[{
      The same product of other operands, without an epilogue's region; the caller
      makes one where `operands` has epilogue operands. A zero point of the weights is
      only for ops that can have it.
    }], "::mlir::nn::LinearOpInterface", "createWith",
    (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "::mlir::Type":$type,
         "const ::mlir::nn::LinearOperands &":$operands)>,
  ];
  let extraClassDeclaration = [{
    ::mlir::Value getInput() { return getInputOperand().get(); }
    ::mlir::Value getWeights() { return getWeightsOperand().get(); }
    ::mlir::OpResult getResult() { return (*this)->getOpResult(0); }
    int64_t getResultChannels();
    int64_t getInputChannels();
    /// Each channel by itself: more than one group, of one channel of the input.
    bool isDepthwise();
    ::mlir::nn::WeightChannels getWeightChannels();
  }];
}

#endif // NN_INTERFACES_TD
