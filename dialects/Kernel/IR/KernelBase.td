//===- KernelBase.td - The kernel dialect and its common definitions ----*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_BASE_TD
#define KERNEL_BASE_TD

include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::mlir::kernel";
  let summary = "What costs time, in the layout that the emitters want";
  let description = [{
    Destination-passing operators on statically shaped tensors or memrefs, channels
    last. On tensors an op has one result, tied to its `outs` operand; on memrefs it
    has none and writes that operand, whose old contents are never read.

    Integers are signless: signed, unless a unit attribute of the op says otherwise.

    **Accumulators.** f32 for f16, bf16 and f32 inputs, f64 for f64, i32 for integers.

    **Epilogues.** An optional region is a scalar function applied to each accumulator
    before it is stored: its block has one argument for the accumulator and one for
    each epilogue operand, and `kernel.yield`s a scalar of the out's element type.
    Its ops are elementwise and free of side effects (arith, math); scalars defined
    outside may be used. Epilogue operands are of the out's shape, or [channels], or
    rank 0. Without a region the accumulator itself is stored: floats are converted,
    integers must be i32.

    Constraints shared by all ops:
    (C1) operands are all tensors or all memrefs; (C2) inputs are all floats or all
    integers, and zero points and unsigned flags are for integers only.
    Shared by ops with an epilogue:
    (E1) the block has one argument a value, of the accumulator's and the operands'
    element types; (E2) epilogue operands have one of the three shapes; (E3) ops in
    the epilogue are elementwise, free of side effects, on scalars; (E4) it yields
    one value of the out's element type; (E5) without epilogue there are no epilogue
    operands, and the out is f16, bf16, f32 or f64 for floats and i32 for integers.
    Shared by sliding windows:
    (W1) strides and dilations have 2 entries >= 1, pads 4 (top, left, bottom, right)
    >= 0.
  }];
  let useDefaultAttributePrinterParser = 1;
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

class Kernel_ShapedOf<list<Type> types, list<int> ranks, string summary>
    : ConfinedType<AnyTypeOf<[RankedTensorOf<types>, MemRefOf<types>]>,
        [HasStaticShapePred,
         !if(!empty(ranks), CPred<"true">, HasAnyRankOfPred<ranks>)],
        summary, "::mlir::ShapedType">;

def Kernel_Float : AnyTypeOf<[F16, BF16, F32, F64]>;
def Kernel_Number : AnyTypeOf<[F16, BF16, F32, F64, I8, I16, I32]>;
def Kernel_Any : AnyTypeOf<[F16, BF16, F32, F64, AnySignlessInteger]>;

def Kernel_Image : Kernel_ShapedOf<[Kernel_Number], [4],
    "static image [N, H, W, C] of f16, bf16, f32, f64, i8, i16 or i32">;
def Kernel_OutImage : Kernel_ShapedOf<[Kernel_Any], [4],
    "static image [N, H, W, C] of floats or signless integers">;
def Kernel_PackedWeights : Kernel_ShapedOf<[Kernel_Number], [6],
    "static packed weights [groups, blocks, KH, KW, C / G, block] of f16, bf16, f32, f64, i8, i16 or i32">;
def Kernel_DepthwiseWeights : Kernel_ShapedOf<[Kernel_Number], [3],
    "static depthwise weights [KH, KW, C] of f16, bf16, f32, f64, i8, i16 or i32">;
def Kernel_Matrices : Kernel_ShapedOf<[Kernel_Number], [2, 3, 4, 5, 6],
    "static matrices [batch..., rows, columns] of f16, bf16, f32, f64, i8, i16 or i32">;
def Kernel_OutMatrices : Kernel_ShapedOf<[Kernel_Any], [2, 3, 4, 5, 6],
    "static matrices [batch..., rows, columns] of floats or signless integers">;
def Kernel_FloatRows : Kernel_ShapedOf<[Kernel_Float], [1, 2, 3, 4, 5, 6],
    "static rows [..., n] of f16, bf16, f32 or f64">;
def Kernel_Slab : Kernel_ShapedOf<[Kernel_Number], [3],
    "static slab [outer, n, inner] of f16, bf16, f32, f64, i8, i16 or i32">;
def Kernel_OutSlab : Kernel_ShapedOf<[Kernel_Number], [2],
    "static matrix [outer, inner] of f16, bf16, f32, f64, i8, i16 or i32">;
def Kernel_EpilogueOperand : Kernel_ShapedOf<[Kernel_Any], [],
    "static tensor or memref of floats or signless integers">;

//===----------------------------------------------------------------------===//
// Enums
//===----------------------------------------------------------------------===//

class Kernel_Enum<string name, string summary, list<string> cases>
    : I32Enum<name, summary,
        !foreach(i, !range(!size(cases)), I32EnumCase<cases[i], i>)> {
  let cppNamespace = "::mlir::kernel";
}

def Kernel_PoolKindEnum : Kernel_Enum<"PoolKind", "what a pooling window computes",
    ["max", "average"]>;
def Kernel_PoolKindAttr : EnumAttr<Kernel_Dialect, Kernel_PoolKindEnum, "pool_kind"> {
  let assemblyFormat = "`<` $value `>`";
}

def Kernel_ReduceKindEnum : Kernel_Enum<"ReduceKind", "what a reduction computes",
    ["sum", "mean", "max", "min", "prod", "sum_square", "sum_abs"]>;
def Kernel_ReduceKindAttr : EnumAttr<Kernel_Dialect, Kernel_ReduceKindEnum, "reduce_kind"> {
  let assemblyFormat = "`<` $value `>`";
}

//===----------------------------------------------------------------------===//
// Op bases
//===----------------------------------------------------------------------===//

class Kernel_Op<string mnemonic, list<Trait> traits = []>
    : Op<Kernel_Dialect, mnemonic, traits>;

/// One `init` operand that is written, one result on tensors.
class Kernel_DestinationOp<string mnemonic, list<Trait> traits = []>
    : Kernel_Op<mnemonic, !listconcat(traits, [
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>])> {
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let hasVerifier = 1;
  code destinationDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
  let extraClassDeclaration = destinationDeclaration;
  code destinationDefinition = [{
    void $cppClass::getEffects(::llvm::SmallVectorImpl<
        ::mlir::SideEffects::EffectInstance<::mlir::MemoryEffects::Effect>> &effects) {
      ::mlir::kernel::detail::getDestinationEffects(*this, effects);
    }
  }];
  let extraClassDefinition = destinationDefinition;
}

class Kernel_EpilogueOp<string mnemonic, list<Trait> traits = []>
    : Kernel_DestinationOp<mnemonic, traits> {
  let regions = (region MaxSizedRegion<1>:$epilogue);
  code epilogueDeclaration = destinationDeclaration # [{
    /// f32, f64 or i32: see the dialect's description.
    ::mlir::Type getAccumulatorType() {
      return ::mlir::kernel::accumulatorType(
          ::llvm::cast<::mlir::ShapedType>((*this)->getOperand(0).getType()).getElementType());
    }
    bool hasEpilogue() { return !getEpilogue().empty(); }
  }];
  let extraClassDeclaration = epilogueDeclaration;
}

#endif // KERNEL_BASE_TD
