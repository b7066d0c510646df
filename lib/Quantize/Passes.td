//===- Passes.td - Passes that make integer arithmetic ------------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_QUANTIZE_PASSES_TD
#define MLC_QUANTIZE_PASSES_TD

include "mlir/Pass/PassBase.td"

def QuantizePass : Pass<"nn-quantize", "::mlir::func::FuncOp"> {
  let summary = "make integer arithmetic of quantised models";
  let description = [{
    Operators between nn.dequantize and nn.quantize become operators on the stored
    integers, whose requantisation is spelt out in the IR: products accumulate in i32
    and end in an epilogue, sums are an nn.map, functions of one 8-bit tensor a table
    of 256 entries, or, with constants for each channel, a line a channel, and what
    moves data moves integers.

    ```mlir
    %x = nn.dequantize %q, %xs, %xz : tensor<1x4xi8>, tensor<f32>, tensor<i8>
    %w = nn.dequantize %weights, %ws, %wz : tensor<4x2xi8>, tensor<f32>, tensor<i8>
    %0 = nn.matmul %x, %w : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
    %r = nn.quantize %0, %rs, %rz : tensor<1x2xf32>, tensor<f32>, tensor<i8>
    ```

    becomes, in mode onnx,

    ```mlir
    %r = nn.matmul %q, %weights {lhs_zero_point = 3 : i32}
        : (tensor<1x4xi8>, tensor<4x2xi8>) -> tensor<1x2xi8> {
    ^bb0(%acc: i32):
      %f = arith.sitofp %acc : i32 to f32
      %s = arith.mulf %f, %scale : f32
      ...
    }
    ```

    Mode `onnx` computes in f32 what onnxruntime computes. Mode `integer` multiplies
    in int64 and shifts; what it has to leave to floats is reported, one warning an
    op. Mode `tflite` computes what TFLite's reference kernels compute, and reports
    also what takes the form of mode `integer`. Scalar definitions of all are in
    Quantize/Arithmetic.h and Quantize/Tflite.h. A product whose
    result is not quantised accumulates integers as well and ends in a float.

    Arguments that are only quantised, and results that are dequantised, get the
    attribute `nn.quantized` with their `!quant.uniform` type.

    The nodes that compute with floats are listed, with the reason, in the function's
    attribute `nn.float_ops`.

    Runs before nn-fuse, which would take the ops of an island into epilogues.
  }];
  let options = [
    Option<"mode", "mode", "::mlc::QuantizeMode", "::mlc::ModelOptions().arithmetic",
           "how accumulators are requantised",
           [{::llvm::cl::values(
             clEnumValN(::mlc::QuantizeMode::Onnx, "onnx",
                        "f32 multiply, ties to even: onnxruntime's"),
             clEnumValN(::mlc::QuantizeMode::Integer, "integer",
                        "int64 multiply and rounding shift: no float"),
             clEnumValN(::mlc::QuantizeMode::Tflite, "tflite",
                        "what TFLite's reference kernels compute: no float"))}]>,
  ];
  let statistics = [
    Statistic<"products", "products", "convolutions and matrix products on integers">,
    Statistic<"elementwise", "elementwise", "sums and products of two tensors">,
    Statistic<"pools", "pools", "averages on integers">,
    Statistic<"rows", "rows", "other sums over dimensions, softmax, normalisation, interpolation">,
    Statistic<"tables", "tables", "functions of one tensor by table or line">,
    Statistic<"moved", "moved", "data movement and maxima on integers">,
    Statistic<"weights", "weights", "products of floats whose weights stay narrow">,
    Statistic<"left", "left", "ops of quantised models that stay on floats">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::nn::NNDialect", "::mlir::quant::QuantDialect"];
}

#endif // MLC_QUANTIZE_PASSES_TD
