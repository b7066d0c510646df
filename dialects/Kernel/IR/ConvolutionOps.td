//===- ConvolutionOps.td - Convolutions of the kernel dialect ----*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef KERNEL_CONVOLUTION_OPS_TD
#define KERNEL_CONVOLUTION_OPS_TD

include "Kernel/IR/KernelBase.td"

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

#endif // KERNEL_CONVOLUTION_OPS_TD
