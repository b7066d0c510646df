//===- NNBase.td - The nn dialect and its common definitions ----*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every op family shares: the dialect, tensor type constraints, enums and
// the base classes. One op family a file; this one is included by all of them.
//
//===----------------------------------------------------------------------===//

#ifndef NN_BASE_TD
#define NN_BASE_TD

include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

include "NN/IR/NNInterfaces.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::mlir::nn";
  let summary = "Neural network operators on statically shaped tensors";
  let description = [{
    The graph level of mlc. Operators follow ONNX in meaning, with every implicit
    default made explicit: pads instead of auto_pad, axes in [0, rank), one
    version an operator. Tensors have static shapes and value semantics.

    Element types: floats; `i1` for booleans; signless integers are signed
    (`i8` is ONNX int8), unsigned ones are spelt `ui8`. Quantised types come
    from the `quant` dialect.

    Constraints are numbered `(C1)` in an op's description; its verifier and its
    tests use the same numbers.
  }];
  let dependentDialects = ["arith::ArithDialect", "math::MathDialect"];
  let hasConstantMaterializer = 1;
  let useDefaultAttributePrinterParser = 1;
  // One method an op family, defined beside its ops.
  let extraClassDeclaration = [{
    void addBoundedOps();
    void addControlOps();
    void addCoreOps();
    void addElementwiseOps();
    void addIndexingOps();
    void addLinearOps();
    void addMovementOps();
    void addQuantOps();
    void addReductionOps();
    void addSpatialOps();
  }];
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

def NN_StaticShape : And<[HasRankPred, HasStaticShapePred]>;

class NN_TensorOf<list<Type> types, string summary>
    : ConfinedType<RankedTensorOf<types>, [HasStaticShapePred], summary,
                   "::mlir::RankedTensorType">;

def NN_Int : AnyTypeOf<[AnySignlessInteger, AnyUnsignedInteger]>;
def NN_Float : AnyTypeOf<[F16, BF16, F32, F64]>;
def NN_QuantType : Type<CPred<"::llvm::isa<::mlir::quant::QuantizedType>($_self)">,
                        "quantized type", "::mlir::quant::QuantizedType">;

def NN_Tensor : NN_TensorOf<[NN_Float, NN_Int, NN_QuantType], "statically shaped tensor">;
def NN_BoolTensor : NN_TensorOf<[I1], "statically shaped tensor of booleans">;
def NN_FloatTensor : NN_TensorOf<[NN_Float], "statically shaped tensor of floats">;
def NN_IntTensor : NN_TensorOf<[NN_Int], "statically shaped tensor of integers">;

//===----------------------------------------------------------------------===//
// Enums
//===----------------------------------------------------------------------===//

class NN_Enum<string name, string summary, list<string> cases>
    : I32Enum<name, summary,
        !foreach(i, !range(!size(cases)),
                 I32EnumCase<!subst("-", "_", cases[i]), i, cases[i]>)> {
  let cppNamespace = "::mlir::nn";
}

def NN_LayoutEnum : NN_Enum<"Layout", "where the channels are",
    ["channels_first", "channels_last"]>;
def NN_LayoutAttr : EnumAttr<NN_Dialect, NN_LayoutEnum, "layout"> {
  let assemblyFormat = "`<` $value `>`";
}

def NN_PadModeEnum : NN_Enum<"PadMode", "what padding holds", ["constant", "edge", "reflect", "wrap"]>;
def NN_PadModeAttr : EnumAttr<NN_Dialect, NN_PadModeEnum, "pad_mode"> {
  let assemblyFormat = "`<` $value `>`";
}

def NN_PoolKindEnum : NN_Enum<"PoolKind", "what a pooling window computes", ["max", "average"]>;
def NN_PoolKindAttr : EnumAttr<NN_Dialect, NN_PoolKindEnum, "pool_kind"> {
  let assemblyFormat = "`<` $value `>`";
}

def NN_ReduceKindEnum : NN_Enum<"ReduceKind", "what a reduction computes",
    ["sum", "mean", "max", "min", "prod", "l1", "l2", "log_sum", "log_sum_exp", "sum_square"]>;
def NN_ReduceKindAttr : EnumAttr<NN_Dialect, NN_ReduceKindEnum, "reduce_kind"> {
  let assemblyFormat = "`<` $value `>`";
}

def NN_ScatterKindEnum : NN_Enum<"ScatterKind", "how a row is combined with the one it meets",
    ["assign", "add", "mul", "max", "min"]>;
def NN_ScatterKindAttr : EnumAttr<NN_Dialect, NN_ScatterKindEnum, "scatter_kind"> {
  let assemblyFormat = "`<` $value `>`";
}

//===----------------------------------------------------------------------===//
// Op bases
//===----------------------------------------------------------------------===//

/// Pure, with result types inferred from operands and attributes.
class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat(traits, [Pure])>;

class NN_InferredOp<string mnemonic, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat(traits, [InferTypeOpAdaptor])>;

/// A product with an epilogue. What its region yields is signless: the result's type,
/// given where the op is made, says whether integers are signed.
class NN_ProductOp<string mnemonic, list<Trait> traits = []>
    : NN_Op<mnemonic, [AttrSizedOperandSegments, InferTypeOpAdaptorWithIsCompatible,
        NN_LinearOpInterface, SingleBlockImplicitTerminator<"YieldOp">] # traits> {
  let extraClassDefinition = [{
    bool $cppClass::isCompatibleReturnTypes(::mlir::TypeRange a, ::mlir::TypeRange b) {
      return areSameButForSign(a, b);
    }
  }];
}

#endif // NN_BASE_TD
