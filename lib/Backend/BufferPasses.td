//===- BufferPasses.td - the backend's passes on the whole of a model ---*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From tensors to buffers in one arena, in the order of the phases (Pipeline/Phases.cpp). Each example is in test/Backend.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_BUFFERPASSES_TD
#define MLC_BACKEND_BUFFERPASSES_TD

include "mlir/Pass/PassBase.td"

def ToDestinations : Pass<"to-destinations", "mlir::ModuleOp"> {
  let summary = "Turn @main's results into arguments that it writes";
  let description = [{
    `@main` of tensors becomes one of memrefs: first the inputs, which are only
    read, then the outputs, which share no memory with anything. The attributes
    `mlc.inputs` and `mlc.outputs` count them.

    ```mlir
    func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
      ...
      return %y : tensor<4xf32>
    }
    ```
    becomes
    ```mlir
    func.func @main(%in: memref<4xf32>, %out: memref<4xf32>)
        attributes {mlc.inputs = 1 : i64, mlc.outputs = 1 : i64} {
      %x = bufferization.to_tensor %in restrict : memref<4xf32> to tensor<4xf32>
      ...
      bufferization.materialize_in_destination %y in restrict writable %out
          : (tensor<4xf32>, memref<4xf32>) -> ()
      return
    }
    ```
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect"];
}

def BufferizeModel : Pass<"bufferize-model", "mlir::ModuleOp"> {
  let summary = "Turn tensors into buffers";
  let description = [{
    Upstream's One-Shot bufferization, with what control flow needs: a loop
    carries its buffers in place, and a branch copies what it yields into one
    buffer. Anything else is an error. Constants become read-only globals, and
    a concatenation copies of its parts into one buffer.

    ```mlir
    %e = tensor.empty() : tensor<4xf32>
    %y = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>)
        -> tensor<4xf32>
    ```
    becomes
    ```mlir
    %y = memref.alloc() : memref<4xf32>
    linalg.exp ins(%x : memref<4xf32>) outs(%y : memref<4xf32>)
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
}

def ForwardCopies : Pass<"forward-copies", "mlir::ModuleOp"> {
  let summary = "Compute in the buffer that the result is copied to";
  let description = [{
    Where a buffer is copied, whole, into another piece of memory that nobody
    else touches while the buffer is in use, the buffer is that piece and the
    copy goes: concatenations become addressing, and results are computed in the
    caller's memory.

    ```mlir
    %a = memref.alloc() : memref<4xf32>
    linalg.exp ins(%x : memref<4xf32>) outs(%a : memref<4xf32>)
    memref.copy %a, %out : memref<4xf32> to memref<4xf32>
    ```
    becomes
    ```mlir
    linalg.exp ins(%x : memref<4xf32>) outs(%out : memref<4xf32>)
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def UnitStrides : Pass<"unit-strides", "mlir::ModuleOp"> {
  let summary = "Give kernels buffers whose innermost stride is 1";
  let description = [{
    Kernels load and store vectors of the innermost dimension. A view with gaps
    there, as a stack on the last axis makes, is copied to or from a buffer of
    its own, and so are packed weights that are not in one piece.

    ```mlir
    kernel.softmax ins(%x : memref<2x8xf32>)
        outs(%view : memref<2x8xf32, strided<[16, 2]>>)
    ```
    becomes
    ```mlir
    %buffer = memref.alloc() : memref<2x8xf32>
    kernel.softmax ins(%x : memref<2x8xf32>) outs(%buffer : memref<2x8xf32>)
    memref.copy %buffer, %view
        : memref<2x8xf32> to memref<2x8xf32, strided<[16, 2]>>
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def StreamRows : Pass<"stream-rows", "mlir::ModuleOp"> {
  let summary = "Compute chains of kernels by rows";
  let description = [{
    Where an image between two kernels is larger than L2 and
    nobody else reads it, both become stages of one `kernel.stream`, which keeps
    some of its rows only: expand, depthwise and project of a bottleneck, or a
    convolution and the pooling behind it. A chain starts at a convolution. It
    ends where an image is small, where weights, which are read in each step,
    would not stay in the cache, or where memory would not be saved.

    ```mlir
    %wide = memref.alloc() : memref<1x112x112x96xf32>
    kernel.conv ... ins(%x, %w : ...) outs(%wide : ...)
    kernel.depthwise ... ins(%wide, %v : ...) outs(%y : ...)
    ```
    becomes
    ```mlir
    %scratch = memref.alloc() : memref<387136xi8>
    kernel.stream {rows = 4 : i64} outs(%y, %scratch : ...) {
    ^bb0(%wide: memref<1x112x112x96xf32>):
      kernel.conv ... ins(%x, %w : ...) outs(%wide : ...)
      kernel.depthwise ... ins(%wide, %v : ...) outs(%y : ...)
    }
    ```
  }];
  let options = [
    Option<"cache", "cache", "unsigned", "1048576", "Bytes of a core's L2">,
    Option<"threads", "threads", "unsigned", "1", "As of mlc --threads">
  ];
  let dependentDialects = ["::mlir::kernel::KernelDialect",
                           "::mlir::memref::MemRefDialect"];
}

def PadPixels : Pass<"pad-pixels", "mlir::ModuleOp"> {
  let summary = "Keep pixels out of each other's cache sets";
  let description = [{
    An image that a depthwise or grouped convolution reads or writes, that only
    kernel operations access and whose pixels are a multiple of 1 KiB long gets
    pixels 64 bytes further apart: one vector of channels of all the pixels of a
    window then fits L1.

    ```mlir
    %x = memref.alloc() : memref<1x14x14x512xf32>
    ```
    becomes
    ```mlir
    %a = memref.alloc() : memref<1x14x14x528xf32>
    %x = memref.subview %a[0, 0, 0, 0] [1, 14, 14, 512] [1, 1, 1, 1]
        : memref<1x14x14x528xf32>
        to memref<1x14x14x512xf32, strided<[103488, 7392, 528, 1]>>
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def PlanArena : Pass<"plan-arena", "mlir::ModuleOp"> {
  let summary = "Place all buffers in one arena";
  let description = [{
    Finds the life of each buffer (a loop's outer buffers live as long as the
    loop), which may share the storage of an input of the operation that writes
    it, and solves the placement with lib/Memory. All memory of `@main` becomes
    runs of bytes: its arguments, and one more, the arena, and constants, whose
    elements are their `mlc.constant`. The module gets
    `mlc.arena_size` and `mlc.arena_lower_bound`, in bytes, and `mlc.arena_plan`:
    where each buffer is and when it lives.

    ```mlir
    %a = memref.alloc() : memref<4xf32>
    ```
    becomes
    ```mlir
    %c64 = arith.constant 64 : index
    %a = memref.view %arena[%c64][] : memref<128xi8> to memref<4xf32>
    ```
  }];
  let options = [
    Option<"solver", "solver", "std::string", "\"\"",
           "Of lib/Memory; empty: all until one is optimal">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

#endif // MLC_BACKEND_BUFFERPASSES_TD
