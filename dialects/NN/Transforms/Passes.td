//===- Passes.td - Passes on the nn dialect ----------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef NN_PASSES_TD
#define NN_PASSES_TD

include "mlir/Pass/PassBase.td"

include "NN/Transforms/ChannelPasses.td"

def SimplifyPass : Pass<"nn-simplify", "::mlir::ModuleOp"> {
  let summary = "fold constants, remove identities, duplicates and dead code";
  let description = [{
    Applies folders, canonicalisation and the identities of each operator until
    nothing changes, then removes common subexpressions:

    ```mlir
    %zero = nn.constant dense<0.0> : tensor<f32>
    %0 = nn.add %x, %zero : tensor<4xf32>, tensor<f32>
    %1 = nn.neg %0 : tensor<4xf32>
    %2 = nn.neg %1 : tensor<4xf32>
    return %2 : tensor<4xf32>
    ```

    becomes

    ```mlir
    return %x : tensor<4xf32>
    ```

    Constant subgraphs that are too large for the folders are computed by the
    evaluator the pass was made with (see createSimplifyPass), all in one module.
    Without one, as in mlc-opt, they stay.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::nn::NNDialect"];
  let options = [
    Option<"maxGrowth", "max-growth", "int64_t", "1048576",
           "bytes up to which a constant may be larger than what it is computed from">,
  ];
  let statistics = [
    Statistic<"evaluated", "evaluated", "constants computed by the evaluator">,
    Statistic<"removed", "removed", "ops fewer than before">,
  ];
}

def CollectRequirementsPass : Pass<"nn-collect-requirements", "::mlir::ModuleOp"> {
  let summary = "make what must hold of a run a result of the model";
  let description = [{
    The conditions of all `nn.require`, in branches and loops too, become one last
    result of @main, which the attribute mlc.valid marks: a run is valid where it is
    true. A branch that is not taken requires nothing, every step of a loop does.

    ```mlir
    func.func @main(%x: tensor<4xf32>, %ok: tensor<i1>) -> tensor<4xf32> {
      nn.require %ok : tensor<i1>
      return %x : tensor<4xf32>
    }
    ```

    becomes

    ```mlir
    func.func @main(%x: tensor<4xf32>, %ok: tensor<i1>)
        -> (tensor<4xf32>, tensor<i1> {mlc.valid}) {
      return %x, %ok : tensor<4xf32>, tensor<i1>
    }
    ```
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::nn::NNDialect"];
}

def FusePass : Pass<"nn-fuse", "::mlir::func::FuncOp"> {
  let summary = "fuse normalisation, scale, bias, pad and elementwise ops into their producers";
  let description = [{
    First by algebra into weights and biases, with sums and products in double and
    one rounding: zero pads into pads, affine consumers (batch_norm, add, sub, mul,
    div by constants a channel) forwards, affine producers backwards where padding
    does not forbid it. Then elementwise consumers, diamonds such as x * sigmoid(x)
    included, become the epilogue of the convolution or product that alone feeds
    them. Remaining batch normalisations become a product and a sum.

    ```mlir
    %0 = nn.conv %x, %w {...} : (tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x4x4xf32>
    %1 = nn.mul %0, %scale : tensor<1x2x4x4xf32>, tensor<2x1x1xf32>
    %2 = nn.add %1, %residual : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>
    %3 = nn.relu %2 : tensor<1x2x4x4xf32>
    ```

    becomes

    ```mlir
    %0 = nn.conv %x, %scaled epilogue(%residual) {...} : ... {
    ^bb0(%v: f32, %r: f32):
      %1 = arith.addf %v, %r : f32
      %2 = arith.maximumf %1, %zero : f32
      nn.yield %2 : f32
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::nn::NNDialect"];
  let statistics = [
    Statistic<"pads", "pads", "pads taken into convolutions and pools">,
    Statistic<"forwards", "affine-forwards", "affine ops taken into weights before them">,
    Statistic<"backwards", "affine-backwards", "affine ops taken into weights behind them">,
    Statistic<"merged", "affine-merged", "affine ops merged into others">,
    Statistic<"batchNorms", "batch-norms", "batch normalisations made product and sum">,
    Statistic<"epilogues", "epilogues", "elementwise ops taken into epilogues">,
  ];
}

def AverageFirstPass : Pass<"nn-average-first", "::mlir::func::FuncOp"> {
  let summary = "average before 1x1 convolutions, not behind them";
  let description = [{
    A convolution that mixes channels of single pixels, without strides, padding or
    an epilogue, and an average over windows of pixels give the same in either order,
    as both are linear and the average of a bias is that bias. An average behind such
    a convolution is moved before it, where fewer pixels to multiply outweigh that
    more channels are averaged (DenseNet's transitions).

    ```mlir
    %0 = nn.conv %x, %w {...} : (tensor<1x8x4x4xf32>, tensor<8x8x1x1xf32>) -> tensor<1x8x4x4xf32>
    %1 = nn.pool %0 {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, ...}
        : (tensor<1x8x4x4xf32>) -> tensor<1x8x2x2xf32>
    ```

    becomes

    ```mlir
    %0 = nn.pool %x {kind = #nn.pool_kind<average>, kernel = array<i64: 2, 2>, ...}
        : (tensor<1x8x4x4xf32>) -> tensor<1x8x2x2xf32>
    %1 = nn.conv %0, %w {...} : (tensor<1x8x2x2xf32>, tensor<8x8x1x1xf32>) -> tensor<1x8x2x2xf32>
    ```
  }];
  let dependentDialects = ["::mlir::nn::NNDialect"];
  let options = [
    Option<"poolCost", "pool-cost", "int64_t", "16",
           "multiply-adds that averaging one element more may save at least">,
  ];
  let statistics = [
    Statistic<"numMoved", "moved", "averages moved before convolutions">,
  ];
}

def LayoutPass : Pass<"nn-layout", "::mlir::func::FuncOp"> {
  let summary = "put channels last, move transposes out and cancel them";
  let description = [{
    Ops with a layout become channels last, between transposes. Transposes then sink
    through elementwise ops, concat, reduce, softmax, slice, pad, broadcast and those
    reshapes that keep their dimensions together, and vanish where they meet their
    inverses. Constants are transposed at compile time; where a flattened image meets
    a matrix product, the rows of its weights are permuted instead.

    ```mlir
    %0 = nn.pool %x {layout = #nn.layout<channels_first>, ...} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
    %1 = nn.relu %0 : tensor<1x2x4x4xf32>
    %2 = nn.pool %1 {layout = #nn.layout<channels_first>, ...} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
    ```

    becomes

    ```mlir
    %0 = nn.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x4x4x2xf32>
    %1 = nn.pool %0 {layout = #nn.layout<channels_last>, ...} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
    %2 = nn.relu %1 : tensor<1x4x4x2xf32>
    %3 = nn.pool %2 {layout = #nn.layout<channels_last>, ...} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
    %4 = nn.transpose %3 {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x4x4xf32>
    ```
  }];
  let dependentDialects = ["::mlir::nn::NNDialect"];
  let statistics = [
    Statistic<"converted", "converted", "ops made channels last">,
    Statistic<"remaining", "remaining", "transposes that stay">,
  ];
}

def NarrowFloatsPass : Pass<"nn-narrow-floats", "::mlir::func::FuncOp"> {
  let summary = "store activations and multiply by weights in 16 bits";
  let description = [{
    Convolutions and products of f32 by constant weights read and multiply elements
    of `type`; sums and epilogues stay f32. What such ops make and read is stored in
    16 bits, and so is what pools, concatenations and other movements between them
    make. A result of the model is not rounded. Depthwise convolutions read 16 bits
    and keep weights of f32; convolutions of few input channels, and what has no
    constant weights, go on in f32: the function lists their nodes, and why, as
    `nn.float_ops`, and counts the others in `nn.narrow_floats`. Two activations are
    multiplied in f16, not in bf16.

    ```mlir
    %0 = nn.conv %x, %w epilogue(%residual) {...} : (tensor<1x4x4x8xf32>, tensor<16x8x1x1xf32>, tensor<1x4x4x16xf32>) -> tensor<1x4x4x16xf32> {
    ^bb0(%v: f32, %r: f32):
      %s = arith.addf %v, %r : f32
      nn.yield %s : f32
    }
    ```

    becomes, where other such ops make `x` and `residual` and read the result,

    ```mlir
    %0 = nn.conv %x, %narrow epilogue(%residual) {...} : (tensor<1x4x4x8xbf16>, tensor<16x8x1x1xbf16>, tensor<1x4x4x16xbf16>) -> tensor<1x4x4x16xbf16> {
    ^bb0(%v: f32, %r: bf16):
      %wide = arith.extf %r : bf16 to f32
      %s = arith.addf %v, %wide : f32
      %rounded = arith.truncf %s : f32 to bf16
      nn.yield %rounded : bf16
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::nn::NNDialect"];
  let options = [
    Option<"type", "type", "std::string", "\"bf16\"", "of activations and weights: bf16 or f16">,
    Option<"fewChannels", "few-channels", "bool", "false",
           "also in convolutions of few input channels, of which matrix units multiply those of all columns at once">,
  ];
  let statistics = [
    Statistic<"numOps", "ops", "convolutions and products that multiply 16 bits">,
    Statistic<"numTensors", "tensors", "tensors that are stored in 16 bits">,
  ];
}

#endif // NN_PASSES_TD
