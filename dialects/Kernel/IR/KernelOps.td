//===- KernelOps.td - Operators of the kernel dialect ------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_OPS_TD
#define KERNEL_OPS_TD

include "Kernel/IR/KernelBase.td"

def Kernel_Norms : Kernel_ShapedOf<[Kernel_Float], [2, 3],
    "static rows [rows, n] or columns [outer, n, inner] of f16, bf16, f32 or f64">;
def Kernel_OutNorms : Kernel_ShapedOf<[Kernel_Any], [2, 3],
    "static rows [rows, n] or columns [outer, n, inner] of floats or signless integers">;

//===----------------------------------------------------------------------===//
// Convolution
//===----------------------------------------------------------------------===//

def Kernel_ConvOp : Kernel_EpilogueOp<"conv",
    [AttrSizedOperandSegments, Kernel_Interface<["getProblem", "getStage", "getEpilogueUses", "takesFewChannels"]>]> {
  let summary = "dense or grouped convolution with packed weights";
  let description = [{
    Cross-correlation of `input` [N, H, W, C] with `weights`
    [G, ceil((O / G) / block), KH, KW, C / G, block] into `init` [N, OH, OW, O]:
    output channel o of group g is lane o % block of the group's block o / block;
    lanes beyond O / G are zero. Small groups of as many output as input channels
    may share blocks instead: with weights
    [ceil(O / block), 1, KH, KW, C / G, block], output channel o of the out is lane
    o % block of block o / block. G is C / weights.dim(4) either way. Pack with
    `kernel::PackedWeights` (Pack.h).

    Signed bytes may be packed in quads, four input channels of an output channel
    side by side, as dot-product instructions take them: weights
    [G, ceil((O / G) / block), KH, KW, ceil((C / G) / 4) + 1, block, 4], the input
    being bytes as well. Channels beyond C / G are zero; the last row holds, as one
    i32 a lane, the sum of the lane's weights of this element of the window.
    Emitters need it for zero points, and where an instruction wants bytes of the
    other sign. With `extra_quads` the channels of quads are in pairs whose products
    fit 16 bits, for x86's pmaddubsw, and there are more rows: PairRows (Pairs.h).
    Octets are the same by eight input channels, for CPUs that multiply those of two
    pixels by those of two output channels: weights.dim(4) = ceil((C / G) / 8) + 1 and
    weights.dim(6) = 8; a lane's sum is the first four bytes of its eight.
    With `nibbles` weights are -8 to 7, two quads a row: those of channels 8 s to
    8 s + 3 are the lower 4 bits of row s, the next four the upper ones, so that
    weights.dim(4) = ceil((C / G) / 8) + 1. Sums are right where they are less than
    2^27 by magnitude.

    Weights of bf16 may be packed in halves, two input channels of an output channel
    side by side: weights [G, ceil((O / G) / block), KH, KW, ceil((C / G) / 2), block,
    2], the input being bf16 as well. A CPU that adds both products in one instruction
    (x86's vdpbf16ps, AArch64's bfdot) rounds as that does, and takes subnormal
    numbers for zeros; others multiply and add in f32, one after the other.

    Padding contributes nothing. For integers, acc += (x - input_zero_point) * w.

    With `input_channels_first` the input is [N, C, H, W]: an image as networks get
    it, of few channels, is read as it lies.

    With a `table` [1, 256] or [C, 256] the input is bytes, each of which stands for
    the table's element of its channel at the byte without a sign: an image of bytes,
    whatever is done to it, is read as it lies.

    A matrix product [M, K] x [K, N] with constant right side is this op on
    [1, 1, M, K] with weights [1, ceil(N / block), 1, 1, K, block].

    ```mlir
    %r = kernel.conv {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
                      dilations = array<i64: 1, 1>}
        ins(%x, %w : tensor<1x8x8x3xf32>, tensor<1x1x3x3x3x32xf32>)
        epilogue(%bias : tensor<20xf32>) outs(%init : tensor<1x8x8x20xf32>)
        -> tensor<1x8x8x20xf32> {
    ^bb0(%acc: f32, %b: f32):
      %sum = arith.addf %acc, %b : f32
      kernel.yield %sum : f32
    }
    ```

    (C3) C is a multiple of weights.dim(4); (C4) N agrees and O is a multiple of G;
    (C5) weights.dim(0) = G and weights.dim(1) = ceil((O / G) / block), or
    weights.dim(0) = ceil(O / block), weights.dim(1) = 1 and O / G = C / G is a power
    of two that divides block; (C6) OH and OW follow from H, W and the window,
    rounded down; (C7) of weights in quads weights.dim(4) = ceil((C / G) / 4) + 1 with
    G = weights.dim(0), weights.dim(6) = 4, and the input and signed weights are i8, or
    weights.dim(4) = ceil((C / G) / 8) + 1 and weights.dim(6) = 8 of octets;
    with `extra_quads`, which only they have, C / G is at least 16, channels are last
    and weights.dim(4) is the count of PairRows; with `nibbles`, which only they have
    and not beside `extra_quads`, weights.dim(4) = ceil((C / G) / 8) + 1; (C8) of weights in halves
    weights.dim(4) = ceil((C / G) / 2) with G = weights.dim(0), weights.dim(6) = 2, and
    input and weights are bf16; (C9) with a table of 1 or C rows of 256 the input is
    i8, G is 1, and nothing is unsigned or has a zero point.
  }];
  let arguments = (ins Kernel_Image:$input, Kernel_PackedWeights:$weights,
    Optional<Kernel_ShapedOf<[F32], [2], "static tables of f32">>:$table,
    Variadic<Kernel_EpilogueOperand>:$epilogue_operands, Kernel_OutImage:$init,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
    OptionalAttr<I32Attr>:$input_zero_point,
    UnitAttr:$input_unsigned, UnitAttr:$weights_unsigned,
    UnitAttr:$input_channels_first, OptionalAttr<I64Attr>:$extra_quads,
    UnitAttr:$nibbles);
  let assemblyFormat = [{
    attr-dict `ins` `(` $input `,` $weights `:` type($input) `,` type($weights) `)`
    (`table` `(` $table^ `:` type($table) `)`)?
    (`epilogue` `(` $epilogue_operands^ `:` type($epilogue_operands) `)`)?
    `outs` `(` $init `:` type($init) `)` (`->` type($results)^)? ($epilogue^)?
  }];
  let extraClassDeclaration = destinationDeclaration # [{
    /// f32, f64 or i32: see the dialect's description.
    ::mlir::Type getAccumulatorType() {
      ::mlir::Value factors = getTable() ? getTable() : ::mlir::Value(getInput());
      return ::mlir::kernel::accumulatorType(
          ::llvm::cast<::mlir::ShapedType>(factors.getType()).getElementType());
    }
    bool hasEpilogue() { return !getEpilogue().empty(); }
    /// Of a row of a table: a byte's values.
    static constexpr int64_t kTableEntries = 256;
    /// Whether quads are of pairs that fit 16 bits, and their rows.
    bool hasPairs() { return getExtraQuads().has_value(); }
    ::mlir::kernel::PairRows getPairRows() {
      return {getGroupIn(), getBlock(), int64_t(getExtraQuads().value_or(0))};
    }
    /// Of the input.
    int64_t getChannels() {
      return getInput().getType().getDimSize(getInputChannelsFirst() ? 1 : 3);
    }
    /// Input channels of an output channel that lie side by side in the weights.
    int64_t getStep() {
      ::mlir::ShapedType weights = getWeights().getType();
      return weights.getRank() == 7 ? weights.getDimSize(6) : 1;
    }
    /// Whether weights are packed by input channels: bytes by four or eight, bf16 by
    /// two.
    bool hasSteps() { return getWeights().getType().getRank() == 7; }
    /// Octets are two quads.
    bool hasQuads() {
      return hasSteps() && getWeights().getType().getElementType().isInteger(8);
    }
    bool hasOctets();
    int64_t getGroups() {
      ::mlir::ShapedType weights = getWeights().getType();
      return hasSteps() ? weights.getDimSize(0)
                        : getChannels() / weights.getDimSize(4);
    }
    /// Input channels of a group.
    int64_t getGroupIn() { return getChannels() / getGroups(); }
    /// 1 where a group has blocks of its own.
    int64_t getGroupsInBlock() {
      bool shared = getWeights().getType().getDimSize(0) != getGroups();
      return shared ? getBlock() / getWeights().getType().getDimSize(4) : 1;
    }
    int64_t getKernelHeight() { return getWeights().getType().getDimSize(2); }
    int64_t getKernelWidth() { return getWeights().getType().getDimSize(3); }
    /// Output channels per packed block.
    int64_t getBlock() { return getWeights().getType().getDimSize(5); }
  }];
}

def Kernel_WinogradOp : Kernel_EpilogueOp<"winograd",
    [Kernel_Interface<["getProblem", "getStage", "getEpilogueUses"]>]> {
  let summary = "convolution with fewer products";
  let description = [{
    What `kernel.conv` computes with strides and dilations of 1 and weights
    [G, blocks, R, R, C / G, block], all f32, by F(`tile`, R) of Winograd's
    algorithms (Winograd.h), whose rounding errors are others. Weights are
    transformed on the way: they are stored, and read, as `kernel.conv`'s.

    Of bytes and weights in quads, by F(4, 3), results are those of `kernel.conv`
    where they are less than 2^25 by magnitude; others are wrong. With `nibbles` quads
    are of 4 bits as `kernel.conv`'s.

    Of bf16 and weights in halves, transforms are computed in f32, and what they give
    is rounded to bf16, of which products are summed in f32.

    `scratch` [elements] is memory of one thread, of the accumulator's type; each
    further one that takes part has as much of its own. Its contents before and
    after mean nothing.

    ```mlir
    %r:2 = kernel.winograd {tile = 4 : i64, pads = array<i64: 1, 1, 1, 1>}
        ins(%x, %w : tensor<1x8x8x16xf32>, tensor<1x1x3x3x16x32xf32>)
        outs(%init, %scratch : tensor<1x8x8x20xf32>, tensor<27072xf32>)
        -> tensor<1x8x8x20xf32>, tensor<27072xf32>
    ```

    (C3) C = G * weights.dim(4), of quads C = 4 * G * (weights.dim(4) - 1), of nibbles
    C is a multiple of 4 * G and weights.dim(4) = ceil((C / G) / 8) + 1, of halves
    C = 2 * G * weights.dim(4); (C4) N
    agrees and O is a multiple of G; (C5) weights.dim(1) = ceil((O / G) / block);
    (C6) OH and OW follow from H, W and the pads; (C7) windows are square, and there
    is an F(tile, R), of quads F(4, 3), whose zero point is a byte as the input's
    are; (C8) scratch has the elements of the WinogradPlan; (C9) input, weights and
    scratch are f32, or i8, i8 in quads and i32, or bf16, bf16 in halves and f32.
  }];
  let arguments = (ins Kernel_ShapedOf<[F32, BF16, I8], [4], "static image [N, H, W, C] of f32, bf16 or i8">:$input,
    Kernel_ShapedOf<[F32, BF16, I8], [6, 7], "static packed weights [G, blocks, R, R, C / G, block] of f32, [G, blocks, R, R, quads + 1, block, 4] of i8 or [G, blocks, R, R, halves, block, 2] of bf16">:$weights,
    Variadic<Kernel_EpilogueOperand>:$epilogue_operands, Kernel_OutImage:$init,
    Kernel_ShapedOf<[F32, I32], [1], "static scratch memory [elements] of f32 or i32">:$scratch,
    DenseI64ArrayAttr:$pads, I64Attr:$tile,
    OptionalAttr<I32Attr>:$input_zero_point, UnitAttr:$input_unsigned,
    UnitAttr:$nibbles);
  let assemblyFormat = [{
    attr-dict `ins` `(` $input `,` $weights `:` type($input) `,` type($weights) `)`
    (`epilogue` `(` $epilogue_operands^ `:` type($epilogue_operands) `)`)?
    `outs` `(` $init `,` $scratch `:` type($init) `,` type($scratch) `)`
    (`->` type($results)^)? ($epilogue^)?
  }];
  code winogradDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      unsigned first = getInitMutable().getOperandNumber();
      return ::mlir::MutableOperandRange(*this, first, 2);
    }
    ::mlir::Type getAccumulatorType() {
      return ::mlir::kernel::accumulatorType(getInput().getType().getElementType());
    }
    bool hasEpilogue() { return !getEpilogue().empty(); }
    /// Whether weights are packed by input channels: bytes by four, bf16 by two.
    bool hasSteps() { return getWeights().getType().getRank() == 7; }
    bool hasQuads() {
      return hasSteps() && getWeights().getType().getElementType().isInteger(8);
    }
    bool hasHalves() { return hasSteps() && !hasQuads(); }
    int64_t getGroups() { return getWeights().getType().getDimSize(0); }
    /// Input channels of a group.
    int64_t getGroupIn();
    /// How the tiles lie and what they need.
    ::mlir::kernel::WinogradPlan getPlan();
  }];
  let extraClassDeclaration = winogradDeclaration;
}

def Kernel_SparseConvOp : Kernel_EpilogueOp<"sparse_conv",
    [Kernel_Interface<["getEpilogueUses"]>]> {
  let summary = "convolution whose zero weights are left out";
  let description = [{
    What `kernel.conv` computes without padding, dilation or groups, in f32: `init`
    [N, OH, OW, O] of `input` [N, H, W, C] by a `window` (one pixel, unless said)
    that moves by `strides` (one). Of the weights [O, C, KH, KW] only those are there
    that are not zero: `values`, and where they belong, `table`, in the order of
    SparseWeights (Sparse.h), by `parts` of the output channels, which threads
    divide, and blocks of `block` input channels. A product whose weight is zero is none: nothing that the input
    holds, be it infinite or NaN, comes into a sum by it.

    `scratch` [elements] is memory of one thread, for tiles of `pixels` pixels at
    most; each further one that takes part has as much of its own. Its contents
    before and after mean nothing.

    ```mlir
    %r:2 = kernel.sparse_conv {block = 64 : i64, pixels = 112 : i64, parts = 1 : i64}
        ins(%x, %values, %table
            : tensor<1x14x14x64xf32>, tensor<502xf32>, tensor<692xi8>)
        outs(%init, %scratch : tensor<1x14x14x64xf32>, tensor<14448xf32>)
        -> tensor<1x14x14x64xf32>, tensor<14448xf32>
    ```

    (C3) block times the window's elements is 1 to 255, pixels are at least 1, and
    there are output channels in each part; (C4) N agrees, OH and OW follow from H, W
    and the window, which has two sizes >= 1 and moves by two; (C5) the table has a
    head for each part, and for each pair of output channels of each block; (C8) scratch has the elements of the SparsePlan.
  }];
  let arguments = (ins Kernel_ShapedOf<[F32], [4], "static image [N, H, W, C] of f32">:$input,
    Kernel_ShapedOf<[F32], [1], "static list of f32">:$values,
    Kernel_ShapedOf<[I8], [1], "static list of i8">:$table,
    Variadic<Kernel_EpilogueOperand>:$epilogue_operands, Kernel_OutImage:$init,
    Kernel_ShapedOf<[F32], [1], "static scratch memory [elements] of f32">:$scratch,
    I64Attr:$block, I64Attr:$pixels, I64Attr:$parts,
    OptionalAttr<DenseI64ArrayAttr>:$window, OptionalAttr<DenseI64ArrayAttr>:$strides);
  let assemblyFormat = [{
    attr-dict `ins` `(` $input `,` $values `,` $table `:` type($input) `,` type($values) `,` type($table) `)`
    (`epilogue` `(` $epilogue_operands^ `:` type($epilogue_operands) `)`)?
    `outs` `(` $init `,` $scratch `:` type($init) `,` type($scratch) `)`
    (`->` type($results)^)? ($epilogue^)?
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      unsigned first = getInitMutable().getOperandNumber();
      return ::mlir::MutableOperandRange(*this, first, 2);
    }
    ::mlir::Type getAccumulatorType() {
      return getInput().getType().getElementType();
    }
    bool hasEpilogue() { return !getEpilogue().empty(); }
    /// Its size and step along rows (0) or columns (1).
    int64_t getWindowSize(unsigned d) {
      return getWindow() ? (*getWindow())[d] : 1;
    }
    int64_t getStride(unsigned d) { return getStrides() ? (*getStrides())[d] : 1; }
    /// Whether a pixel of the out is one of the input.
    bool isPointwise();
    /// How the work is divided and what it needs.
    ::mlir::kernel::SparsePlan getPlan();
  }];
}

def Kernel_DepthwiseOp : Kernel_EpilogueOp<"depthwise",
    [Kernel_Interface<["getProblem", "getStage", "getEpilogueUses", "takesFewChannels"]>]> {
  let summary = "convolution of each channel by itself";
  let description = [{
    `input` [N, H, W, C], `weights` [KH, KW, C], `init` [N, OH, OW, C]; otherwise as
    `kernel.conv`.

    Signed bytes may be packed in quads of four neighbouring columns of the window,
    which has `columns` ones: weights [ceil(C / 64), KH + 1, ceil(KW / 4), 4, 16, 4].
    Channel 16 i + 4 v + j of a block is lane 4 i + j of vector v: the order in which
    vectors of four pixels interleave. Columns beyond KW are zero; the last row holds,
    as one i32 a lane, the sum of the channel's weights.

    (C3) weights.dim(2) = C; (C4) N and C of the out agree with the input's;
    (C6) OH and OW follow from H, W and the window, rounded down; (C7) of weights in
    quads weights.dim(0) = ceil(C / 64), weights.dim(2) = ceil(KW / 4), the last sizes
    are 4, 16 and 4, the input and signed weights are i8, and padding is read as the
    zero point, which is one of the input's values.
  }];
  let arguments = (ins Kernel_Image:$input, Kernel_DepthwiseWeights:$weights,
    Variadic<Kernel_EpilogueOperand>:$epilogue_operands, Kernel_OutImage:$init,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
    OptionalAttr<I32Attr>:$input_zero_point,
    UnitAttr:$input_unsigned, UnitAttr:$weights_unsigned,
    OptionalAttr<I64Attr>:$columns);
  let assemblyFormat = [{
    attr-dict `ins` `(` $input `,` $weights `:` type($input) `,` type($weights) `)`
    (`epilogue` `(` $epilogue_operands^ `:` type($epilogue_operands) `)`)?
    `outs` `(` $init `:` type($init) `)` (`->` type($results)^)? ($epilogue^)?
  }];
  let extraClassDeclaration = epilogueDeclaration # [{
    /// Whether weights are packed by four columns of the window.
    bool hasQuads() { return getWeights().getType().getRank() == 6; }
    int64_t getKernelHeight() {
      ::mlir::ShapedType weights = getWeights().getType();
      return hasQuads() ? weights.getDimSize(1) - 1 : weights.getDimSize(0);
    }
    int64_t getKernelWidth() {
      return hasQuads() ? getColumns().value_or(0)
                        : getWeights().getType().getDimSize(1);
    }
  }];
}

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
