//===- NNQuant.td - Quantised arithmetic ----------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NN_QUANT_TD
#define NN_QUANT_TD

include "NN/IR/NNBase.td"

def NN_Stored : AnyTypeOf<[I8, UI8, I16, UI16]>;
def NN_StoredTensor : NN_TensorOf<[NN_Stored],
    "statically shaped tensor of signed or unsigned integers of 8 or 16 bits">;
def NN_DequantizableTensor : NN_TensorOf<[NN_Stored, I32],
    "statically shaped tensor of integers of 8, 16 or 32 bits">;
def NN_QuantizableTensor : NN_TensorOf<[F16, BF16, F32, I32],
    "statically shaped tensor of f16, bf16, f32 or i32">;
def NN_ScaleTensor : NN_TensorOf<[F16, BF16, F32],
    "statically shaped tensor of f16, bf16 or f32">;

def NN_QuantizeOp : NN_Op<"quantize", [NativeOpTrait<"ElementwiseFold">,
    DeclareOpInterfaceMethods<InferTypeOpInterface>,
    DeclareOpInterfaceMethods<NN_ElementwiseOpInterface>]> {
  let summary = "numbers to integers with a scale and a zero point (ONNX QuantizeLinear)";
  let description = [{
    saturate(rint(x / scale) + zero_point), ties to even, in f32; NaN gives the least
    value. The result has the zero point's element type. Scale and zero point
    broadcast: rank 0 is one for the whole tensor, [C, 1, 1] one for each channel, and
    blocks are repeated by `nn.broadcast` before.

    (C1) scale and zero_point broadcast to the input's shape.
  }];
  let arguments = (ins NN_QuantizableTensor:$input, NN_ScaleTensor:$scale,
    NN_StoredTensor:$zero_point);
  let results = (outs NN_StoredTensor:$result);
  let assemblyFormat = [{
    $input `,` $scale `,` $zero_point attr-dict `:`
    type($input) `,` type($scale) `,` type($zero_point)
  }];
}

def NN_DequantizeOp : NN_Op<"dequantize", [
    DeclareOpInterfaceMethods<InferTypeOpInterface>,
    DeclareOpInterfaceMethods<NN_ElementwiseOpInterface>]> {
  let summary = "the numbers that integers stand for (ONNX DequantizeLinear)";
  let description = [{
    (x - zero_point) * scale, in f32, as the scale's element type. Broadcasting is as in
    nn.quantize. Constants do not fold: what nn-quantize makes integer arithmetic of
    must still be there when it runs; it folds the rest.

    (C1) scale and zero_point broadcast to the input's shape; (C2) input and zero_point
    have the same element type.
  }];
  let arguments = (ins NN_DequantizableTensor:$input, NN_ScaleTensor:$scale,
    NN_DequantizableTensor:$zero_point);
  let results = (outs NN_ScaleTensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = NN_QuantizeOp.assemblyFormat;
}

def NN_BlockedDequantizeOp : NN_InferredOp<"blocked_dequantize"> {
  let summary = "the numbers that narrow weights stand for, a scale a block";
  let description = [{
    result[n, k] = (stored[n, k] - zero_point[n, k / block]) * scale[n, k / block], in
    f32; without zero points 0 is subtracted. All operands are constants, and `stored`
    holds integers of `bits` bits, one in a byte: of 8 bits signed ones, of 4 bits -8
    to 7, or 0 to 15 with zero points.

    nn-quantize makes it for the right side of an `nn.matmul` of floats, which then has
    `transpose_rhs`: such weights stay narrow up to the kernel. It does not fold.

    ```mlir
    %w = nn.blocked_dequantize %stored, %scale {bits = 4 : i64, block = 32 : i64}
        : (tensor<8x64xi8>, tensor<8x2xf32>) -> tensor<8x64xf32>
    ```

    (C1) stored is [N, K], bits are 4 or 8 and block is at least 1; (C2) scale and
    zero_point are [N, ceil(K / block)].
  }];
  let arguments = (ins NN_TensorOf<[I8], "statically shaped tensor of i8">:$stored,
    NN_TensorOf<[F32], "statically shaped tensor of f32">:$scale,
    Optional<NN_TensorOf<[I8], "statically shaped tensor of i8">>:$zero_point,
    I64Attr:$bits, I64Attr:$block);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $stored `,` $scale (`,` $zero_point^)? attr-dict `:`
    functional-type(operands, results)
  }];
}

def NN_MapOp : NN_Op<"map", [NativeOpTrait<"ElementwiseFold">,
    DeclareOpInterfaceMethods<NN_ElementwiseOpInterface>,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "elementwise function spelt out as a region";
  let description = [{
    Applies the region to each element of the broadcast operands. Its arguments have
    the operands' element types made signless, as in the epilogue of nn.conv; it
    contains elementwise `arith` and `math` ops only.

    ```mlir
    %r = nn.map(%a, %b) : (tensor<2x8xui8>, tensor<ui8>) -> tensor<2x8xui8> {
    ^bb0(%x: i8, %y: i8):
      %max = arith.maxui %x, %y : i8
      nn.yield %max : i8
    }
    ```

    (C1) the result's shape is the broadcast of the operands'; (C2) the block has one
    argument an operand, of its element type made signless; (C3) it yields one value,
    of the result's element type made signless.
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inputs);
  let results = (outs NN_Tensor:$result);
  let regions = (region SizedRegion<1>:$body);
  let hasVerifier = 1;
  let assemblyFormat = [{
    `(` $inputs `)` attr-dict `:` functional-type($inputs, $result) $body
  }];
}

#endif // NN_QUANT_TD
