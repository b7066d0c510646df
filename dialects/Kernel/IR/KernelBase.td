//===- KernelBase.td - The kernel dialect and its common definitions ----*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_BASE_TD
#define KERNEL_BASE_TD

include "Kernel/IR/KernelInterfaces.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
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
  let hasOperationAttrVerify = 1;
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
def Kernel_PackedWeights : Kernel_ShapedOf<[Kernel_Number], [6, 7],
    "static packed weights [groups, blocks, KH, KW, C / G, block] of f16, bf16, f32, f64, i8, i16 or i32, [groups, blocks, KH, KW, quads + 1, block, 4] of i8, or [groups, blocks, KH, KW, halves, block, 2] of bf16">;
def Kernel_DepthwiseWeights : Kernel_ShapedOf<[Kernel_Number], [3, 6],
    "static depthwise weights [KH, KW, C] of f16, bf16, f32, f64, i8, i16 or i32, or [blocks, KH + 1, quads, 4, 16, 4] of i8">;
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
def Kernel_Bytes : Kernel_ShapedOf<[I8], [1, 2, 3, 4, 5, 6],
    "static tensor or memref of i8">;
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
// Layouts
//===----------------------------------------------------------------------===//

def Kernel_WeightsKindEnum : Kernel_Enum<"WeightsKind",
    "what weights are packed as",
    ["conv", "matmul", "matmul_transposed", "depthwise"]>;
def Kernel_PackStepEnum : Kernel_Enum<"PackStep",
    "what lies side by side in a lane",
    ["single", "halves", "quads", "octets", "nibbles"]>;

def Kernel_LayoutAttr : AttrDef<Kernel_Dialect, "Layout"> {
  let mnemonic = "layout";
  let summary = "in which order a kernel reads constant weights";
  let description = [{
    What `kernel::PackedWeights` (Pack.h) is made of, for weights of any shape.

    ```mlir
    #kernel.layout<kind = conv, step = quads, groups = 2, block = 32>
    ```

    - `kind`: conv [O, I, KH, KW], matmul [K, N], matmul_transposed [N, K], both of
      these as the weights of a 1x1 convolution, or depthwise [C, 1, KH, KW].
    - `step`: input channels side by side: single ones, two (halves, of bf16), four or
      eight (quads, octets, of bytes), eight of 4 bits (nibbles); of depthwise weights
      four columns of the window (quads).
    - `groups`: of a convolution.
    - `block`: output channels of a packed block, at most; of depthwise weights none.
  }];
  let parameters = (ins
    "::mlir::kernel::WeightsKind":$kind,
    DefaultValuedParameter<"::mlir::kernel::PackStep", "::mlir::kernel::PackStep::single">:$step,
    DefaultValuedParameter<"int64_t", "1">:$groups,
    DefaultValuedParameter<"int64_t", "0">:$block);
  let builders = [AttrBuilder<(ins "const ::mlir::kernel::WeightLayout &":$layout), [{
    return $_get($_ctxt, layout.kind, layout.step, layout.groups, layout.block);
  }]>];
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    ::mlir::kernel::WeightLayout getLayout() const {
      return {getKind(), getStep(), getGroups(), getBlock()};
    }
  }];
}

def Kernel_PackedAttr : AttrDef<Kernel_Dialect, "Packed", [ElementsAttrInterface]> {
  let mnemonic = "packed";
  let summary = "constant weights that are still to be packed";
  let description = [{
    The elements of `value` in the order that `layout` says: a constant of the shape
    that a kernel reads, of which no bytes are made before the library's constants are
    laid out. Until then another layout costs nothing, and equal ones are one. Its
    elements cannot be read.

    ```mlir
    %w = arith.constant #kernel.packed<dense<0.5> : tensor<20x3x3x3xf32>,
                                       <kind = conv, block = 32>>
        : tensor<1x1x3x3x3x32xf32>
    ```
  }];
  let parameters = (ins AttributeSelfTypeParameter<"", "::mlir::ShapedType">:$type,
    "::mlir::ElementsAttr":$value, "::mlir::kernel::LayoutAttr":$layout);
  let builders = [AttrBuilderWithInferredContext<(ins
    "::mlir::ElementsAttr":$value, "::mlir::kernel::LayoutAttr":$layout), [{
    return $_get(value.getContext(), packedType(value.getShapedType(), layout), value,
                 layout);
  }]>];
  let assemblyFormat = "`<` $value `,` $layout `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The type of packed weights.
    static ::mlir::ShapedType packedType(::mlir::ShapedType weights,
                                         ::mlir::kernel::LayoutAttr layout);
    /// How the bytes of the value are packed.
    ::mlir::kernel::PackedWeights getPacked() const;
  }];
}

//===----------------------------------------------------------------------===//
// Schedules
//===----------------------------------------------------------------------===//

def Kernel_LoopOrderEnum : Kernel_Enum<"LoopOrder",
    "which loop of a kernel is outside", ["channels", "rows"]>;
def Kernel_DivisionEnum : Kernel_Enum<"Division",
    "what threads divide among them", ["channels", "pixels"]>;
def Kernel_MergeEnum : Kernel_Enum<"Merge",
    "which pixels are one row, tiles crossing from one into the next",
    ["none", "rows", "images"]>;
def Kernel_PrefetchEnum : I32BitEnum<"Prefetch", "what is fetched before its turn", [
    I32BitEnumCaseNone<"none">, I32BitEnumCaseBit<"weights", 0>,
    I32BitEnumCaseBit<"inputs", 1>, I32BitEnumCaseBit<"rows", 2>,
    I32BitEnumCaseBit<"outputs", 3>]> {
  let cppNamespace = "::mlir::kernel";
  let separator = "|";
}

def Kernel_UnitEnum : Kernel_Enum<"Unit",
    "what of the CPU multiplies", ["vectors", "matrices"]>;

def Kernel_ScheduleAttr : AttrDef<Kernel_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "how a kernel op is computed on one CPU";
  let description = [{
    All that an emitter may choose. The pass `kernel-schedule` makes it from the op
    and the CPU, as the discardable attribute `kernel.schedule`; emitters obey it.
    What an op's kind does not use is left out, as is what has its default.

    ```mlir
    kernel.conv {kernel.schedule = #kernel.schedule<lanes = 16,
        tile = [6, 4], rest = [14, 2], divide = pixels,
        prefetch = weights|outputs>, ...}
    ```

    - `lanes`: elements of a vector.
    - `tile`: the accumulators at once: pixels by vectors of channels; of a
      depthwise convolution rows by columns of pixels; of a product whose right
      side is transposed rows by columns.
    - `rest`: tiles, one pair of sizes each, for the vectors that are left where
      tiles do not divide all; in a Winograd kernel for its last block.
    - `merge`: pixels of the image, or of all images, that are one row to tiles.
    - `order`: the loop that is outside: chunks of channels, or rows of pixels.
    - `divide`: what threads divide.
    - `prefetch`: weights of the next chunk, inputs of the next group, the row
      below where the window skips pixels, lines of the out before they are
      written.
    - `window_registers`: kernel columns share the inputs that they have in common
      where a tile's accumulators and the weights of one kernel row fit so many
      registers; 0: they never do.
    - `least_sums`: a tile of fewer accumulators has two sets of them.
    - `unroll`: steps of a reduction written out; of a depthwise convolution, the
      most window elements that are.
    - `steps`: input channels of a group at once, for vectors of `lanes` lanes, of
      half as many and so on.
    - `epilogue`: vectors that a long epilogue takes at a time, and how many are
      all taken at once.
    - `unit`: vectors, or the registers of a matrix unit (Intel AMX). Then `tile` and
      `rest` count these registers: of pixels, up to 16 each, by vectors of
      channels; and the first of `steps` is how many words of 32 bits of input
      channels a register takes. A second one is the width of the window: then these
      are of all its columns, side by side in the band.
    - `band`: rows of the out whose input is copied, with its padding, before they
      are computed by matrices; 0: what is read has no padding, and is read as it
      lies.
    - `terms`: if not 0, f16 are multiplied and summed in f16, by vectors of `lanes` of
      them; behind so many products, at most, what they sum to is added to sums of
      f32. 0: f16 become f32 before they are multiplied.
  }];
  let parameters = (ins
    DefaultValuedParameter<"int64_t", "1">:$lanes,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$tile,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$rest,
    DefaultValuedParameter<"::mlir::kernel::Merge", "::mlir::kernel::Merge::none">:$merge,
    DefaultValuedParameter<"::mlir::kernel::LoopOrder", "::mlir::kernel::LoopOrder::channels">:$order,
    DefaultValuedParameter<"::mlir::kernel::Division", "::mlir::kernel::Division::channels">:$divide,
    DefaultValuedParameter<"::mlir::kernel::Prefetch", "::mlir::kernel::Prefetch::none">:$prefetch,
    DefaultValuedParameter<"int64_t", "0">:$window_registers,
    DefaultValuedParameter<"int64_t", "0">:$least_sums,
    DefaultValuedParameter<"int64_t", "4">:$unroll,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$steps,
    OptionalParameter<"::mlir::DenseI64ArrayAttr">:$epilogue,
    DefaultValuedParameter<"::mlir::kernel::Unit", "::mlir::kernel::Unit::vectors">:$unit,
    DefaultValuedParameter<"int64_t", "0">:$band,
    DefaultValuedParameter<"int64_t", "0">:$terms);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Op bases
//===----------------------------------------------------------------------===//

class Kernel_Op<string mnemonic, list<Trait> traits = []>
    : Op<Kernel_Dialect, mnemonic, traits>;

class Kernel_Interface<list<string> methods>
    : DeclareOpInterfaceMethods<Kernel_KernelOpInterface, methods>;

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
