//===- NNControl.td - Branches and loops --------------------------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Regions may read values defined outside of them: weights of a recurrent network
// stay constants outside of its loop.
//
//===----------------------------------------------------------------------===//

#ifndef NN_CONTROL_TD
#define NN_CONTROL_TD

include "NN/IR/NNBase.td"

def NN_IfOp : NN_Op<"if", [NoRegionArguments, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "one of two subgraphs, chosen at run time";
  let description = [{
    Gives what the first region yields where `condition` is true, what the second
    one yields otherwise. A constant condition folds away.

    (C1) the condition has one element; (C2) both regions yield values of the
    results' types.

    ```mlir
    %y = nn.if %p : (tensor<i1>) -> tensor<4xf32> {
      %n = nn.neg %x : tensor<4xf32>
      nn.yield %n : tensor<4xf32>
    } else {
      nn.yield %x : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins NN_BoolTensor:$condition);
  let results = (outs Variadic<NN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$then_body, SizedRegion<1>:$else_body);
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  let assemblyFormat = [{
    $condition attr-dict `:` functional-type(operands, results) $then_body `else` $else_body
  }];
}

def NN_ScanOp : NN_Op<"scan", [AttrSizedOperandSegments,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "loop whose number of steps is known at compile time";
  let description = [{
    Runs its region `trip_count` times. The region's arguments are the number of the
    step, from 0 (tensor<i64>), one value carried from step to step for each of
    `inits`, and one slice along dimension 0 of each of `inputs`. It yields the
    carried values of the next step, then one slice of each stacked result. The
    results are the carried values after the last step, then the stacked ones.

    Step i reads slice i of an input and writes slice i of a stacked result, or slice
    trip_count - 1 - i where `reverse_inputs` or `reverse_outputs` say so. Recurrent
    networks, ONNX Scan, and Loop with a known trip count become this op.

    (C1) trip_count >= 0; (C2) dimension 0 of each input is trip_count; (C3) one
    element of reverse_inputs an input, one of reverse_outputs a stacked result;
    (C4) the region's arguments are tensor<i64>, the types of the inits, and the types
    of the slices of the inputs; (C5) the first results have the types of the inits,
    and dimension 0 of the stacked ones is trip_count; (C6) the region yields values
    of the inits' types, then slices of the stacked results.

    ```mlir
    %sum, %sums = nn.scan inits(%zero) inputs(%x) {trip_count = 3 : i64,
        reverse_inputs = array<i1: false>, reverse_outputs = array<i1: false>}
        : (tensor<2xf32>, tensor<3x2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>) {
    ^bb0(%i: tensor<i64>, %sum_in: tensor<2xf32>, %row: tensor<2xf32>):
      %next = nn.add %sum_in, %row : tensor<2xf32>, tensor<2xf32>
      nn.yield %next, %next : tensor<2xf32>, tensor<2xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<NN_Tensor>:$inits, Variadic<NN_Tensor>:$inputs,
    I64Attr:$trip_count, DenseBoolArrayAttr:$reverse_inputs,
    DenseBoolArrayAttr:$reverse_outputs);
  let results = (outs Variadic<NN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasVerifier = 1;
  let assemblyFormat = [{
    (`inits` `(` $inits^ `)`)? (`inputs` `(` $inputs^ `)`)? attr-dict
    `:` functional-type(operands, results) $body
  }];
}

def NN_LoopOp : NN_Op<"loop", [AttrSizedOperandSegments,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "loop whose number of steps is known at run time";
  let description = [{
    Runs its region as long as fewer than `limit` steps were taken and the condition
    holds: first `condition`, then what the last step yielded. The region's arguments
    are the number of the step, from 0 (tensor<i64>), and one carried value for each
    of `inits`. It yields the next condition, where `condition` is given, then the
    next carried values. The results are the carried values after the last step.

    (C1) a limit or a condition is given; (C2) each has one element, and the limit is
    i64; (C3) the region's arguments are tensor<i64> and the types of the inits; (C4)
    the results have the types of the inits; (C5) the region yields the condition, if
    any, and values of the inits' types.

    ```mlir
    %y = nn.loop limit(%n) inits(%x) : (tensor<i64>, tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%i: tensor<i64>, %x_in: tensor<4xf32>):
      %twice = nn.add %x_in, %x_in : tensor<4xf32>, tensor<4xf32>
      nn.yield %twice : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Optional<NN_IntTensor>:$limit, Optional<NN_BoolTensor>:$condition,
    Variadic<NN_Tensor>:$inits);
  let results = (outs Variadic<NN_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasVerifier = 1;
  let assemblyFormat = [{
    (`limit` `(` $limit^ `)`)? (`condition` `(` $condition^ `)`)?
    (`inits` `(` $inits^ `)`)? attr-dict `:` functional-type(operands, results) $body
  }];
}

#endif // NN_CONTROL_TD
