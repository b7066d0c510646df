//===- ChannelPasses.td - Passes that restructure channels -*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The phase `restructure`. All of these are exact: the same terms are summed,
// only their order over channels may change.
//
//===----------------------------------------------------------------------===//

#ifndef NN_CHANNEL_PASSES_TD
#define NN_CHANNEL_PASSES_TD

include "mlir/Pass/PassBase.td"

def GroupConvsPass : Pass<"nn-group-convs", "::mlir::ModuleOp"> {
  let summary = "make group and depthwise convolutions of those that are some "
                "in disguise";
  let description = [{
    A convolution whose constant weights are block diagonal under a permutation of
    its input and output channels (connected components of the graph of non-zero
    weights, merged into groups of equal sizes) becomes a group convolution with as
    many groups as there can be; with one input channel a group it is depthwise.

    ```mlir
    %w = nn.constant dense<[[[[2.0]], [[0.0]]], [[[0.0]], [[3.0]]]]> : tensor<2x2x1x1xf32>
    %0 = nn.conv %x, %w {groups = 1 : i64, ...}
    ```

    becomes

    ```mlir
    %w = nn.constant dense<[[[[2.0]]], [[[3.0]]]]> : tensor<2x1x1x1xf32>
    %0 = nn.conv %x, %w {groups = 2 : i64, ...}
    ```

    The permutations go into the weights of the neighbours where all values that are
    tied together allow it, otherwise into nn.gather before and after, of which
    there are at most `max-shuffles` a convolution, and only where the multiply-adds
    saved outweigh the elements moved.
  }];
  let dependentDialects = ["::mlir::nn::NNDialect"];
  let options = [Option<"maxShuffles", "max-shuffles", "int64_t", "2",
                        "most nn.gather ops that a conversion may add">,
                 Option<
                     "moveCost", "move-cost", "int64_t", "8",
                     "multiply-adds that moving one element may save at least">,
  ];
  let statistics =
      [Statistic<"numConverted", "converted", "convolutions given more groups">,
       Statistic<"numDepthwise", "depthwise", "of those, made depthwise">,
       Statistic<"numShuffles", "shuffles", "nn.gather ops added">,
       Statistic<"numLeft", "left",
                 "convolutions with groups that did not pay">,
  ];
}

def FoldShufflesPass : Pass<"nn-fold-shuffles", "::mlir::ModuleOp"> {
  let summary = "fold channel shuffles into the order of weights";
  let description = [{
    A channel shuffle (reshape, transpose, reshape in either layout, or an nn.gather
    with constant indices) disappears where its readers can take their channels in
    another order: dense convolutions and matrix products have their weights
    permuted, elementwise ops, pools and depthwise convolutions pass the order on.
    Otherwise what computes its input gives its channels the wanted order, where all
    that reads them allows it.

    ```mlir
    %1 = nn.gather %0, %order {axis = 1 : i64}    // 1, 0
    %2 = nn.conv %1, %w {...}                     // [[5.0, 7.0]]
    ```

    becomes

    ```mlir
    %2 = nn.conv %0, %w {...}                     // [[7.0, 5.0]]
    ```

    Shuffles around nn.concat and nn.slice (ShuffleNet v2) are read through: the
    channels are taken from where they are computed, in the order they lie there, by
    slices of `min-run` channels and more on average. What cannot be folded, such as
    a shuffle between two group convolutions, stays.
  }];
  let dependentDialects = ["::mlir::nn::NNDialect"];
  let options = [Option<"minRun", "min-run", "int64_t", "8",
                        "least channels a slice, on average, for slices to "
                        "replace a shuffle">,
  ];
  let statistics = [Statistic<"numFolded", "folded", "shuffles removed">,
                    Statistic<"numLeft", "left", "shuffles that stay">,
  ];
}

def PruneChannelsPass : Pass<"nn-prune-channels", "::mlir::ModuleOp"> {
  let summary = "remove channels that are never read or constant";
  let description = [{
    A channel that only meets zero weights, and one that is constant (its filter is
    zero), is removed from all that compute, pass on or read it; a constant goes
    into the readers' biases, if it is not 0 only where no padding mixes with it.

    ```mlir
    %0 = nn.conv %x, %w0 {...} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>)  // [2.0, 0.0]
    %1 = nn.conv %0, %w1 {...} : (tensor<1x2x4x4xf32>, tensor<1x2x1x1xf32>)  // [3.0, 5.0]
    ```

    becomes

    ```mlir
    %0 = nn.conv %x, %w0 {...} : (tensor<1x1x4x4xf32>, tensor<1x1x1x1xf32>)  // [2.0]
    %1 = nn.conv %0, %w1 {...} : (tensor<1x1x4x4xf32>, tensor<1x1x1x1xf32>)  // [3.0]
    ```

    Channels that an addition, a concat or a depthwise convolution ties together go
    together or not at all. The model's inputs and outputs keep their shapes, and a
    tensor keeps at least one channel. A zero weight counts as one that does not
    read, so an infinity or NaN in a channel that is not read is lost.
  }];
  let dependentDialects = ["::mlir::nn::NNDialect"];
  let options =
      [Option<
           "maxRounds", "max-rounds", "int64_t", "16",
           "most rounds: what one removes may be all that read something else">,
  ];
  let statistics = [Statistic<"numUnread", "unread",
                              "channels removed that nothing read">,
                    Statistic<"numConstant", "constant",
                              "channels removed that were constant">,
                    Statistic<"numWeights", "weights", "weights removed">,
  ];
}

def CountZerosPass : Pass<"nn-count-zeros", "::mlir::ModuleOp"> {
  let summary = "note how many weights of each layer are zero";
  let description = [{
    Convolutions and matrix products with constant weights get two attributes, which
    later phases and reports read: `nn.zeros`, the number of weights that are 0 (or
    -0.0), and `nn.weights`, the number of all.

    ```mlir
    %0 = nn.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
    ```

    becomes

    ```mlir
    %0 = nn.matmul %x, %w {nn.weights = 4 : i64, nn.zeros = 3 : i64} : ...
    ```
  }];
  let statistics = [Statistic<"numZeros", "zeros", "weights that are zero">,
                    Statistic<"numWeights", "weights",
                              "weights of convolutions and matrix products">,
  ];
}

#endif // NN_CHANNEL_PASSES_TD
