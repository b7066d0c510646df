//===- NNElementwise.td - Elementwise operators ------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NN_ELEMENTWISE_TD
#define NN_ELEMENTWISE_TD

include "NN/IR/NNBase.td"

/// Elementwise with NumPy broadcasting of all operands. The result's shape is the
/// broadcast shape; its element type that of operand `typeFrom`, or i1.
class NN_ElementwiseOp<string mnemonic, int typeFrom, list<Trait> traits = []>
    : NN_Op<mnemonic, !listconcat(traits, [
        NativeOpTrait<"ElementwiseFold">,
        DeclareOpInterfaceMethods<InferTypeOpInterface>,
        DeclareOpInterfaceMethods<NN_ElementwiseOpInterface>])> {
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *, std::optional<::mlir::Location> location,
        ::mlir::ValueRange operands, ::mlir::DictionaryAttr, ::mlir::OpaqueProperties,
        ::mlir::RegionRange, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return inferElementwise(location, operands, }] # typeFrom # [{, types);
    }
  }];
}

class NN_UnaryOp<string mnemonic, Type type, string what, string formula,
                 dag attrs = (ins)> : NN_ElementwiseOp<mnemonic, 0> {
  let summary = what;
  let description = "y = " # formula # ".";
  let arguments = !con((ins type:$input), attrs);
  let results = (outs type:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

/// (C1) both operands have the same element type; (C2) their shapes broadcast.
class NN_BinaryOp<string mnemonic, Type type, string what, string formula,
                  dag attrs = (ins)>
    : NN_ElementwiseOp<mnemonic, 0, [SameOperandsElementType]> {
  let summary = what;
  let description = formula # ". Operands broadcast.";
  let arguments = !con((ins type:$lhs, type:$rhs), attrs);
  let results = (outs type:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
}

class NN_CompareOp<string mnemonic, string formula>
    : NN_ElementwiseOp<mnemonic, -1, [SameOperandsElementType]> {
  let summary = formula;
  let description = formula # ", false for NaN. Operands broadcast.";
  let arguments = (ins NN_Tensor:$lhs, NN_Tensor:$rhs);
  let results = (outs NN_BoolTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
}

class NN_LogicalOp<string mnemonic, string formula>
    : NN_BinaryOp<mnemonic, NN_BoolTensor, formula, formula>;

def NN_AbsOp : NN_UnaryOp<"abs", NN_Tensor, "absolute value", "|x|">;
def NN_NegOp : NN_UnaryOp<"neg", NN_Tensor, "negation", "-x">;
def NN_SignOp : NN_UnaryOp<"sign", NN_Tensor, "sign", "-1, 0 or 1">;
def NN_CeilOp : NN_UnaryOp<"ceil", NN_FloatTensor, "round up", "the least integer >= x">;
def NN_FloorOp : NN_UnaryOp<"floor", NN_FloatTensor, "round down", "the greatest integer <= x">;
def NN_RoundOp : NN_UnaryOp<"round", NN_FloatTensor, "round to nearest, ties to even", "rint(x)">;
def NN_SqrtOp : NN_UnaryOp<"sqrt", NN_FloatTensor, "square root", "sqrt(x)">;
def NN_ReciprocalOp : NN_UnaryOp<"reciprocal", NN_FloatTensor, "reciprocal", "1 / x">;
def NN_ExpOp : NN_UnaryOp<"exp", NN_FloatTensor, "exponential", "e^x">;
def NN_LogOp : NN_UnaryOp<"log", NN_FloatTensor, "natural logarithm", "ln(x)">;
def NN_ErfOp : NN_UnaryOp<"erf", NN_FloatTensor, "error function", "erf(x)">;
def NN_SinOp : NN_UnaryOp<"sin", NN_FloatTensor, "sine", "sin(x), x in radians">;
def NN_CosOp : NN_UnaryOp<"cos", NN_FloatTensor, "cosine", "cos(x), x in radians">;
def NN_TanOp : NN_UnaryOp<"tan", NN_FloatTensor, "tangent", "tan(x), x in radians">;
def NN_AsinOp : NN_UnaryOp<"asin", NN_FloatTensor, "inverse sine", "asin(x)">;
def NN_AcosOp : NN_UnaryOp<"acos", NN_FloatTensor, "inverse cosine", "acos(x)">;
def NN_AtanOp : NN_UnaryOp<"atan", NN_FloatTensor, "inverse tangent", "atan(x)">;
def NN_SinhOp : NN_UnaryOp<"sinh", NN_FloatTensor, "hyperbolic sine", "sinh(x)">;
def NN_CoshOp : NN_UnaryOp<"cosh", NN_FloatTensor, "hyperbolic cosine", "cosh(x)">;
def NN_TanhOp : NN_UnaryOp<"tanh", NN_FloatTensor, "hyperbolic tangent", "tanh(x)">;
def NN_AsinhOp : NN_UnaryOp<"asinh", NN_FloatTensor, "inverse hyperbolic sine", "asinh(x)">;
def NN_AcoshOp : NN_UnaryOp<"acosh", NN_FloatTensor, "inverse hyperbolic cosine", "acosh(x)">;
def NN_AtanhOp : NN_UnaryOp<"atanh", NN_FloatTensor, "inverse hyperbolic tangent", "atanh(x)">;
def NN_SigmoidOp : NN_UnaryOp<"sigmoid", NN_FloatTensor, "logistic function", "1 / (1 + e^-x)">;
def NN_ReluOp : NN_UnaryOp<"relu", NN_Tensor, "rectified linear unit", "max(x, 0)">;
def NN_LeakyReluOp : NN_UnaryOp<"leaky_relu", NN_FloatTensor, "leaky rectifier", "x >= 0 ? x : alpha * x",
    (ins F64Attr:$alpha)>;
def NN_EluOp : NN_UnaryOp<"elu", NN_FloatTensor, "exponential linear unit", "x > 0 ? x : alpha * (e^x - 1)",
    (ins F64Attr:$alpha)>;
def NN_SeluOp : NN_UnaryOp<"selu", NN_FloatTensor, "scaled exponential linear unit", "gamma * (x > 0 ? x : alpha * (e^x - 1))",
    (ins F64Attr:$alpha, F64Attr:$gamma)>;
def NN_CeluOp : NN_UnaryOp<"celu", NN_FloatTensor, "continuously differentiable ELU", "max(0, x) + min(0, alpha * (e^(x / alpha) - 1))",
    (ins F64Attr:$alpha)>;
def NN_ThresholdedReluOp : NN_UnaryOp<"thresholded_relu", NN_FloatTensor, "thresholded rectifier", "x > alpha ? x : 0",
    (ins F64Attr:$alpha)>;
def NN_HardSigmoidOp : NN_UnaryOp<"hard_sigmoid", NN_FloatTensor, "piecewise linear sigmoid", "max(0, min(1, alpha * x + beta))",
    (ins F64Attr:$alpha, F64Attr:$beta)>;
def NN_HardSwishOp : NN_UnaryOp<"hard_swish", NN_FloatTensor, "x times its hard sigmoid", "x * max(0, min(1, x / 6 + 0.5))">;
def NN_SoftplusOp : NN_UnaryOp<"softplus", NN_FloatTensor, "smooth rectifier", "ln(1 + e^x)">;
def NN_SoftsignOp : NN_UnaryOp<"softsign", NN_FloatTensor, "softsign", "x / (1 + |x|)">;
def NN_GeluOp : NN_UnaryOp<"gelu", NN_FloatTensor, "Gaussian error linear unit", "x * Phi(x), by erf; by tanh where `approximate` is set",
    (ins UnitAttr:$approximate)>;
def NN_MishOp : NN_UnaryOp<"mish", NN_FloatTensor, "mish", "x * tanh(softplus(x))">;
def NN_SwishOp : NN_UnaryOp<"swish", NN_FloatTensor, "x times its sigmoid (SiLU for alpha = 1)", "x * sigmoid(alpha * x)",
    (ins F64Attr:$alpha)>;
def NN_ShrinkOp : NN_UnaryOp<"shrink", NN_Tensor, "shrinkage towards zero", "x < -lambda ? x + bias : x > lambda ? x - bias : 0",
    (ins F64Attr:$lambda, F64Attr:$bias)>;
def NN_BitwiseNotOp : NN_UnaryOp<"bitwise_not", NN_IntTensor, "bitwise complement", "~x">;

def NN_AddOp : NN_BinaryOp<"add", NN_Tensor, "sum", "x + y; integers wrap">;
def NN_SubOp : NN_BinaryOp<"sub", NN_Tensor, "difference", "x - y; integers wrap">;
def NN_MulOp : NN_BinaryOp<"mul", NN_Tensor, "product", "x * y; integers wrap">;
def NN_DivOp : NN_BinaryOp<"div", NN_Tensor, "quotient", "x / y; integers truncate towards zero; x / 0 is 0 for integers">;
def NN_ModOp : NN_BinaryOp<"mod", NN_Tensor, "remainder", "with the sign of y; with `fmod`, the sign of x (C fmod)",
    (ins UnitAttr:$fmod)>;
def NN_MinOp : NN_BinaryOp<"min", NN_Tensor, "minimum", "the lesser; NaN if either is NaN">;
def NN_MaxOp : NN_BinaryOp<"max", NN_Tensor, "maximum", "the greater; NaN if either is NaN">;
def NN_BitwiseAndOp : NN_BinaryOp<"bitwise_and", NN_IntTensor, "bitwise and", "x & y">;
def NN_BitwiseOrOp : NN_BinaryOp<"bitwise_or", NN_IntTensor, "bitwise or", "x | y">;
def NN_BitwiseXorOp : NN_BinaryOp<"bitwise_xor", NN_IntTensor, "bitwise exclusive or", "x ^ y">;
def NN_ShiftLeftOp : NN_BinaryOp<"shift_left", NN_IntTensor, "shift left", "x << y, y taken as unsigned; 0 where y is not less than the width">;
def NN_ShiftRightOp : NN_BinaryOp<"shift_right", NN_IntTensor, "shift right, arithmetic for signed integers", "x >> y, y taken as unsigned; 0 or the sign where y is not less than the width">;
def NN_PReluOp : NN_BinaryOp<"prelu", NN_Tensor, "rectifier with a learnt slope", "x >= 0 ? x : slope * x">;

def NN_SwigluOp : NN_BinaryOp<"swiglu", NN_FloatTensor, "swish of a gate times a linear part, both limited (SwiGLU)",
    "swish(g) * (l + beta) with g = min(x, limit), l = max(-limit, min(y, limit)) and swish(g) = g * sigmoid(alpha * g), in f32 or wider; "
    "infinite limits limit nothing; with `rounds` swish(g) is rounded to the element type",
    (ins F64Attr:$alpha, F64Attr:$beta, F64Attr:$limit, UnitAttr:$rounds)>;

def NN_EqualOp : NN_CompareOp<"equal", "x == y">;
def NN_GreaterOp : NN_CompareOp<"greater", "x > y">;
def NN_GreaterOrEqualOp : NN_CompareOp<"greater_or_equal", "x >= y">;
def NN_LessOp : NN_CompareOp<"less", "x < y">;
def NN_LessOrEqualOp : NN_CompareOp<"less_or_equal", "x <= y">;
def NN_AndOp : NN_LogicalOp<"and", "x && y">;
def NN_OrOp : NN_LogicalOp<"or", "x || y">;
def NN_XorOp : NN_LogicalOp<"xor", "x != y">;

def NN_NotOp : NN_UnaryOp<"not", NN_BoolTensor, "logical negation", "!x">;

def NN_PowOp : NN_ElementwiseOp<"pow", 0> {
  let summary = "power";
  let description = [{
    base ^ exponent, of the base's element type; the exponent is converted to it
    first. Operands broadcast.
  }];
  let arguments = (ins NN_Tensor:$base, NN_Tensor:$exponent);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = "$base `,` $exponent attr-dict `:` type($base) `,` type($exponent)";
}

class NN_TestOp<string mnemonic, string what, dag attrs = (ins)>
    : NN_ElementwiseOp<mnemonic, -1> {
  let summary = what;
  let description = what # ".";
  let arguments = !con((ins NN_FloatTensor:$input), attrs);
  let results = (outs NN_BoolTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}
def NN_IsNaNOp : NN_TestOp<"is_nan", "true where the input is not a number">;
def NN_IsInfOp : NN_TestOp<"is_inf", "true where the input is an infinity of a wanted sign",
    (ins DefaultValuedAttr<BoolAttr, "true">:$positive,
         DefaultValuedAttr<BoolAttr, "true">:$negative)>;

def NN_SelectOp : NN_ElementwiseOp<"select", 1> {
  let summary = "choice by a condition (ONNX Where)";
  let description = [{
    condition ? x : y. Operands broadcast.
    (C1) x and y have the same element type.
  }];
  let arguments = (ins NN_BoolTensor:$condition, NN_Tensor:$onTrue, NN_Tensor:$onFalse);
  let results = (outs NN_Tensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = [{
    $condition `,` $onTrue `,` $onFalse attr-dict `:`
    type($condition) `,` type($onTrue) `,` type($onFalse)
  }];
}

def NN_ClampOp : NN_ElementwiseOp<"clamp", 0, [SameOperandsElementType]> {
  let summary = "limits to a range (ONNX Clip)";
  let description = "min(max(x, low), high). Operands broadcast.";
  let arguments = (ins NN_Tensor:$input, NN_Tensor:$low, NN_Tensor:$high);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $input `,` $low `,` $high attr-dict `:` type($input) `,` type($low) `,` type($high)
  }];
}

def NN_CastOp : NN_Op<"cast", [NativeOpTrait<"ElementwiseFold">,
    DeclareOpInterfaceMethods<NN_ElementwiseOpInterface>, SameOperandsAndResultShape]> {
  let summary = "conversion of the element type";
  let description = [{
    Floats to integers truncate towards zero; to narrower integers wrap; to i1
    compare with zero. With `saturate`, floats out of an integer's range give its
    limits.
  }];
  let arguments = (ins NN_Tensor:$input, UnitAttr:$saturate);
  let results = (outs NN_Tensor:$result);
  let hasFolder = 1;
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
}

def NN_BitcastOp : NN_Op<"bitcast", [NativeOpTrait<"ElementwiseFold">,
    DeclareOpInterfaceMethods<NN_ElementwiseOpInterface>, SameOperandsAndResultShape]> {
  let summary = "the same bits as another element type";
  let description = [{
    A boolean is a byte, 0 or 1; a byte other than 0 is true.
    (C1) both element types have as many bytes.
  }];
  let arguments = (ins NN_Tensor:$input);
  let results = (outs NN_Tensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
}

#endif // NN_ELEMENTWISE_TD
