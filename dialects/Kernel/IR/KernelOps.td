//===- KernelOps.td - Operators of the kernel dialect ------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_OPS_TD
#define KERNEL_OPS_TD

include "Kernel/IR/ConvolutionOps.td"

def Kernel_Norms : Kernel_ShapedOf<[Kernel_Float], [2, 3],
    "static rows [rows, n] or columns [outer, n, inner] of f16, bf16, f32 or f64">;
def Kernel_OutNorms : Kernel_ShapedOf<[Kernel_Any], [2, 3],
    "static rows [rows, n] or columns [outer, n, inner] of floats or signless integers">;

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

def Kernel_MatmulOp : Kernel_EpilogueOp<"matmul",
    [Kernel_Interface<["getEpilogueUses"]>]> {
  let summary = "product of two matrices neither of which is packed";
  let description = [{
    `lhs` [batch..., M, K] times `rhs` [batch..., K, N], or [batch..., N, K] with
    `transpose_rhs`, into `init` [batch..., M, N]. Batch dims of the two operands
    broadcast: each is that of the out, or 1, or missing on the left. Channels, for
    the epilogue, are N. For integers, acc += (l - lhs_zero_point) * (r - rhs_zero_point).

    (C3) the K of both operands agree, M and N agree with the out; (C4) batch dims
    broadcast to the out's.
  }];
  let arguments = (ins Kernel_Matrices:$lhs, Kernel_Matrices:$rhs,
    Variadic<Kernel_EpilogueOperand>:$epilogue_operands, Kernel_OutMatrices:$init,
    UnitAttr:$transpose_rhs,
    OptionalAttr<I32Attr>:$lhs_zero_point, OptionalAttr<I32Attr>:$rhs_zero_point,
    UnitAttr:$lhs_unsigned, UnitAttr:$rhs_unsigned);
  let assemblyFormat = [{
    attr-dict `ins` `(` $lhs `,` $rhs `:` type($lhs) `,` type($rhs) `)`
    (`epilogue` `(` $epilogue_operands^ `:` type($epilogue_operands) `)`)?
    `outs` `(` $init `:` type($init) `)` (`->` type($results)^)? ($epilogue^)?
  }];
}

def Kernel_BlockedMatmulOp : Kernel_EpilogueOp<"blocked_matmul",
    [AttrSizedOperandSegments, Kernel_Interface<["getEpilogueUses"]>]> {
  let summary = "product of floats and of integers with a scale a block";
  let description = [{
    `input` [M, K] times weights [K, N] that are integers, into `init` [M, N]. The
    weights of an output channel have a scale for each `block` of K, and perhaps a
    zero point:

      init[m, n] = sum over b of scales[n, b] * (sum over k in b of
                   input[m, k] * (weights[k, n] - zero_points[n, b]))

    in f32: integers are exact there, so that no weight is rounded. Without zero
    points 8 is subtracted from weights of 4 bits and 0 from those of 8.

    With `scratch` zero points are not subtracted from weights, but their products with
    the sum of the block's input from the sum over the block: fewer instructions where
    few rows share a weight, and larger terms. Without it, that sum is away from the
    exact one by up to the block's length times 2^-24 of the sum of its terms'
    magnitudes, as one of floats is, with it by up to as much of 15 (or 255, of 8 bits)
    times the sum of the input's magnitudes; an infinite input gives NaN. The sum over
    blocks adds 2^-24 of its terms' magnitudes for each of them.

    Output channel n is lane n % lanes of the packed block n / lanes; lanes that no
    channel has are zeros. Weights of 8 bits are signed, [ceil(N / lanes), K, lanes].
    Those of 4 bits are [ceil(N / lanes), ceil(K / 8), lanes, 4]: the four bytes of
    a lane are a little-endian i32, whose bits from 4 * i on are the weight of row
    i of eight, without a sign. Pack with `kernel::BlockedWeights` (Blocked.h).

    `scratch` [elements] is memory of one thread; each further one that takes part has
    as much of its own. Its contents before and after mean nothing.

    ```mlir
    %r = kernel.blocked_matmul {block = 32 : i64}
        ins(%x, %w, %s : tensor<1x64xf32>, tensor<1x8x16x4xi8>, tensor<1x2x16xf32>)
        outs(%init : tensor<1x10xf32>) -> tensor<1x10xf32>
    ```

    (C3) weights are [ceil(N / lanes), K, lanes] or [ceil(N / lanes), ceil(K / 8),
    lanes, 4], lanes a power of two; (C4) M of the out is that of the input; (C5) block is
    a multiple of 8, or K; scales and zero points are [ceil(N / lanes),
    ceil(K / block), lanes]; (C6) scratch, which weights of 8 bits have with zero points
    alone, has the elements of the BlockedWeights.
  }];
  let arguments = (ins Kernel_ShapedOf<[F32], [2], "static matrix [M, K] of f32">:$input,
    Kernel_ShapedOf<[I8], [3, 4], "static packed weights of i8">:$weights,
    Kernel_ShapedOf<[F32], [3], "static packed scales of f32">:$scales,
    Optional<Kernel_ShapedOf<[I8], [3], "static packed zero points of i8">>:$zero_points,
    Variadic<Kernel_EpilogueOperand>:$epilogue_operands,
    Kernel_ShapedOf<[Kernel_Any], [2], "static matrix [M, N] of floats or signless integers">:$init,
    Optional<Kernel_ShapedOf<[F32], [1], "static scratch memory [elements] of f32">>:$scratch,
    I64Attr:$block);
  let assemblyFormat = [{
    attr-dict `ins` `(` $input `,` $weights `,` $scales (`,` $zero_points^)? `:`
    type($input) `,` type($weights) `,` type($scales) (`,` type($zero_points)^)? `)`
    (`epilogue` `(` $epilogue_operands^ `:` type($epilogue_operands) `)`)?
    `outs` `(` $init `:` type($init) `)` (`scratch` `(` $scratch^ `:` type($scratch) `)`)?
    (`->` type($results)^)? ($epilogue^)?
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      unsigned first = getInitMutable().getOperandNumber();
      return ::mlir::MutableOperandRange(*this, first, getScratch() ? 2 : 1);
    }
    ::mlir::Type getAccumulatorType() {
      return ::mlir::kernel::accumulatorType(getInput().getType().getElementType());
    }
    bool hasEpilogue() { return !getEpilogue().empty(); }
    /// How its constants and its scratch memory lie.
    ::mlir::kernel::BlockedWeights getLayout();
    /// Whether weights are of 4 bits.
    bool hasNibbles() { return getWeights().getType().getRank() == 4; }
    /// Output channels of a packed block.
    int64_t getPackedLanes() { return getWeights().getType().getDimSize(2); }
  }];
}

def Kernel_YieldOp : Kernel_Op<"yield", [Pure, ReturnLike, Terminator,
    ParentOneOf<["BlockedMatmulOp", "ConvOp", "DepthwiseOp", "MatmulOp", "NormalizeOp", "SparseConvOp", "WinogradOp"]>]> {
  let summary = "ends an epilogue";
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

//===----------------------------------------------------------------------===//
// Pooling, softmax, reduction
//===----------------------------------------------------------------------===//

def Kernel_PoolOp : Kernel_DestinationOp<"pool", [Kernel_Interface<["getStage"]>]> {
  let summary = "maximum or average over a sliding window";
  let description = [{
    `input` [N, H, W, C], `init` [N, OH, OW, C] of the same element type. Padding never
    wins a maximum. An average divides by the elements inside the input, or, with
    `count_include_pad`, inside the padded input. The size of the out decides how
    often the window slides: it may run past the end (what ONNX calls ceil mode). An
    average of integers is rounded to nearest, half to even.

    (C3) kernel has 2 entries >= 1; (C4) element types, N and C agree; (C5) a pad is
    less than the dilated kernel; (C6) the last window starts inside the input.
  }];
  let arguments = (ins Kernel_Image:$input, Kernel_OutImage:$init,
    Kernel_PoolKindAttr:$kind, DenseI64ArrayAttr:$kernel,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
    UnitAttr:$count_include_pad, UnitAttr:$input_unsigned);
  let assemblyFormat = [{
    attr-dict `ins` `(` $input `:` type($input) `)`
    `outs` `(` $init `:` type($init) `)` (`->` type($results)^)?
  }];
  let extraClassDeclaration = destinationDeclaration # [{
    /// What windows are folded in: integers stay for a maximum, floats of 16 bits
    /// are compared and added as f32.
    ::mlir::Type getAccumulatorType() {
      ::mlir::Type element = getInput().getType().getElementType();
      bool stays = getKind() == ::mlir::kernel::PoolKind::max &&
                   ::llvm::isa<::mlir::IntegerType>(element);
      return stays ? element : ::mlir::kernel::accumulatorType(element);
    }
  }];
}

def Kernel_SoftmaxOp : Kernel_DestinationOp<"softmax", [Kernel_Interface<[]>]> {
  let summary = "softmax, or its logarithm, along the last dimension";
  let description = [{
    exp(x - max) / sum(exp(x - max)); with `log`, x - max - log(sum(exp(x - max))).

    (C3) the types of input and out agree.
  }];
  let arguments = (ins Kernel_FloatRows:$input, Kernel_FloatRows:$init, UnitAttr:$log);
  let assemblyFormat = Kernel_PoolOp.assemblyFormat;
}

def Kernel_ReduceOp : Kernel_DestinationOp<"reduce", [Kernel_Interface<[]>]> {
  let summary = "reduction of the middle dimension";
  let description = [{
    `input` [outer, n, inner] to `init` [outer, inner]; a reduction of the last
    dimensions has inner = 1. Sums run in the accumulator type; a mean of integers
    is rounded towards zero.

    (C3) element types, outer and inner agree.
  }];
  let arguments = (ins Kernel_Slab:$input, Kernel_OutSlab:$init,
    Kernel_ReduceKindAttr:$kind, UnitAttr:$input_unsigned);
  let assemblyFormat = Kernel_PoolOp.assemblyFormat;
}

def Kernel_NormalizeOp : Kernel_EpilogueOp<"normalize",
    [Kernel_Interface<["getEpilogueUses"]>]> {
  let summary = "differences from the mean, over the deviation";
  let description = [{
    (x - mean) / sqrt(mean of (x - mean)^2 + epsilon) of each row of `input` [rows, n],
    or of each column of [outer, n, inner], whose mean is of those n elements. With
    `squares` no mean is subtracted: x / sqrt(mean of x^2 + epsilon). Channels, for the
    epilogue, are the last dimension: scale and bias of a row, or a channel each.

    ```mlir
    %r = kernel.normalize {epsilon = 1.0e-5 : f64}
        ins(%x : tensor<128x768xf32>) epilogue(%scale : tensor<768xf32>)
        outs(%init : tensor<128x768xf32>) -> tensor<128x768xf32> {
    ^bb0(%v: f32, %s: f32):
      %0 = arith.mulf %v, %s : f32
      kernel.yield %0 : f32
    }
    ```

    (C3) the shapes of input and out agree; (C4) n is at least 1.
  }];
  let arguments = (ins Kernel_Norms:$input, Variadic<Kernel_EpilogueOperand>:$epilogue_operands,
    Kernel_OutNorms:$init, F64Attr:$epsilon, UnitAttr:$squares);
  let assemblyFormat = [{
    attr-dict `ins` `(` $input `:` type($input) `)`
    (`epilogue` `(` $epilogue_operands^ `:` type($epilogue_operands) `)`)?
    `outs` `(` $init `:` type($init) `)` (`->` type($results)^)? ($epilogue^)?
  }];
}

//===----------------------------------------------------------------------===//
// Functions of bytes
//===----------------------------------------------------------------------===//

def Kernel_LookupOp : Kernel_DestinationOp<"lookup", [Kernel_Interface<[]>]> {
  let summary = "function of a byte, by table";
  let description = [{
    init[i] = table[input[i]], the byte taken as unsigned: signed bytes find their
    values in the order 0 to 127, -128 to -1.

    ```mlir
    %r = kernel.lookup ins(%x, %t : tensor<1x8x8x16xi8>, tensor<256xi8>)
        outs(%init : tensor<1x8x8x16xi8>) -> tensor<1x8x8x16xi8>
    ```

    (C3) the shapes of input and out agree; (C4) the table has 256 entries.
  }];
  let arguments = (ins Kernel_Bytes:$input, Kernel_Bytes:$table, Kernel_Bytes:$init);
  let assemblyFormat = [{
    attr-dict `ins` `(` $input `,` $table `:` type($input) `,` type($table) `)`
    `outs` `(` $init `:` type($init) `)` (`->` type($results)^)?
  }];
}

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

def Kernel_StreamOp : Kernel_Op<"stream", [Kernel_Interface<[]>, DestinationStyleOpInterface,
    NoTerminator, SingleBlock, RecursiveMemoryEffects,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "a chain of kernels, computed by rows";
  let description = [{
    The ops of the body, the stages, one after the other, on memrefs: each reads
    what the one before it writes, and the last writes `init`. What lies between is
    a block argument each. It never exists as a whole: the stages are computed by
    steps of `rows` rows of the init, and windows of rows are kept of what lies
    between (Stream.h).

    `scratch` [bytes] is memory of one thread; each further one that takes part
    has as much of its own. Its contents before and after mean nothing.

    ```mlir
    kernel.stream {rows = 2 : i64}
        outs(%out, %scratch : memref<1x4x4x32xf32>, memref<5184xi8>) {
    ^bb0(%wide: memref<1x8x8x32xf32>):
      kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
                   dilations = array<i64: 1, 1>}
          ins(%x, %w : memref<1x8x8x3xf32>, memref<1x1x3x3x3x32xf32>)
          outs(%wide : memref<1x8x8x32xf32>)
      kernel.pool {kind = #kernel.pool_kind<max>, kernel = array<i64: 3, 3>,
                   strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>,
                   dilations = array<i64: 1, 1>}
          ins(%wide : memref<1x8x8x32xf32>) outs(%out : memref<1x4x4x32xf32>)
    }
    ```

    (C3) there are two stages or more, each a kernel.conv, kernel.winograd,
    kernel.depthwise or kernel.pool of one image, with one block argument between
    each two; (C4) the first is a kernel.conv whose groups share no blocks, or a
    kernel.winograd; (C5) those that follow are no kernel.winograd, read channels
    last, and are no average that reads padding; (C6) nothing but the last stage
    touches the init, and nothing else the block arguments; (C7) rows divide the
    init's, and a kernel.winograd computes whole blocks of tiles in each step, none
    of them twice; (C8) scratch has the bytes of the StreamPlan.
  }];
  let arguments = (ins Kernel_OutImage:$init,
    Kernel_ShapedOf<[I8], [1], "static scratch memory [bytes] of i8">:$scratch,
    I64Attr:$rows);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    attr-dict `outs` `(` $init `,` $scratch `:` type($init) `,` type($scratch) `)`
    $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return ::mlir::MutableOperandRange(*this, 0, 2);
    }
    /// In their order. Requires a verified op.
    ::llvm::SmallVector<::mlir::kernel::StreamStage> getStages();
    ::mlir::kernel::StreamPlan getPlan();
  }];
  let extraClassDefinition = Kernel_PoolOp.extraClassDefinition;
}

#endif // KERNEL_OPS_TD
