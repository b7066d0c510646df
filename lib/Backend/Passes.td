//===- Passes.td - the backend's passes --------------------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In the order of the phases (Pipeline/Phases.cpp), behind those of BufferPasses.td. Each example is in test/Backend.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_BACKEND_PASSES_TD
#define MLC_BACKEND_PASSES_TD

include "Backend/BufferPasses.td"
include "mlir/Pass/PassBase.td"

def OutlineKernels : Pass<"outline-kernels", "mlir::ModuleOp"> {
  let summary = "Turn compute operations into calls of functions";
  let description = [{
    Every linalg and kernel operation and every copy becomes a call of a private
    function. Equal operations on equal types, with equal knowledge of overlap
    and alignment, share a function. Its memrefs are at offset 0 with static
    strides, that is, a pointer each; memory that is accessed at one address by
    several operands is one argument. `llvm.noalias` says that no other operand
    overlaps, or that neither is written. `mlc.kernel` has what a report says of
    the function (Backend/Report.h).

    ```mlir
    linalg.exp ins(%x : memref<4xf32>) outs(%y : memref<4xf32>)
    ```
    becomes
    ```mlir
    func.func private @k0_exp(
        %0: memref<4xf32> {llvm.align = 64, llvm.noalias, llvm.readonly},
        %1: memref<4xf32> {llvm.align = 64, llvm.noalias})
    call @k0_exp(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect"];
}

def ProfileKernels : Pass<"profile-kernels", "mlir::ModuleOp"> {
  let summary = "Tell after each kernel that it is done";
  let description = [{
    Only where times of operators are wanted (`mlc bench`): @main calls
    `mlc_profile_mark`, which whoever links the code provides, with -1 at its
    start and with 0, 1, ... behind each call of a kernel. The declaration's
    `mlc.calls` lists these.

    ```mlir
    call @k0_exp(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
    ```
    becomes
    ```mlir
    call @k0_exp(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
    %c0 = arith.constant 0 : i64
    call @mlc_profile_mark(%c0) : (i64) -> ()
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect"];
}

def CloneVariants : Pass<"clone-variants", "mlir::ModuleOp"> {
  let summary = "Give each CPU a copy of each function";
  let description = [{
    Names of the copies end in `_vN`, and `mlc.variant` is N; they call each other.
    With more than one thread, kernel functions get two arguments for
    `share-kernels`.

    ```mlir
    func.func private @k0_exp(%x: memref<4xf32>, %y: memref<4xf32>)
    ```
    becomes
    ```mlir
    func.func private @k0_exp_v0(%x: memref<4xf32>, %y: memref<4xf32>,
                                 %part: index {mlc.part}, %parts: index {mlc.parts})
        attributes {mlc.variant = 0 : i64}
    ```
  }];
  let options = [
    Option<"targets", "targets", "unsigned", "1", "How many CPUs">,
    Option<"threads", "threads", "unsigned", "1", "As of mlc --threads">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect"];
}

def ChooseLayouts : Pass<"choose-layouts", "mlir::ModuleOp"> {
  let summary = "Choose the order of weights for the CPUs that there are";
  let description = [{
    The functions of a CPU read bytes that are still to be packed (`#kernel.packed`, in
    quads) in the order that it wants: in octets or in pairs where it multiplies these,
    by blocks of its own width. With `own=false` all CPUs have one order, octets where
    all of them multiply these. Another order is another constant, one for all CPUs that
    want it; one that no CPU reads is none. Dense and grouped convolutions change so,
    and products by constants to octets; what the algorithm of a kernel depends on, as
    its scratch memory, stays, and so do all other weights.

    ```mlir
    %b = memref.get_global @w : memref<896xi8>
    %w = memref.view %b[%c0][] : memref<896xi8> to memref<1x1x1x1x7x32x4xi8>
    call @k0_conv_v1(%x, %w, %y)
    ```
    becomes, on a CPU of 256-bit vectors that multiplies pairs,
    ```mlir
    %b = memref.get_global @w_1 : memref<1024xi8>
    %w = memref.view %b[%c0][] : memref<1024xi8> to memref<1x2x1x1x8x16x4xi8>
    call @k0_conv_v1(%x, %w, %y)
    ```
  }];
  let options = [
    Option<"triple", "triple", "std::string", "\"\"", "Of the targets; empty: the host's">,
    Option<"cpus", "cpus", "std::string", "\"native\"", "As of mlc --cpu">,
    Option<"own", "own", "bool", "true", "Each CPU may have an order of its own">
  ];
  let dependentDialects = ["::mlir::kernel::KernelDialect",
                           "::mlir::memref::MemRefDialect"];
}

def LayOutWeights : Pass<"lay-out-weights", "mlir::ModuleOp"> {
  let summary = "Place all constants in one blob";
  let description = [{
    Constants go to multiples of 64 bytes, equal ones once; weights that are still to
    be packed (`#kernel.packed`) are, straight to their place. The module keeps the
    declaration of the blob, `@mlc_weights`, and the bytes as `mlc.weights`.

    ```mlir
    memref.global "private" constant @w : memref<16xi8>
        {mlc.constant = #kernel.packed<dense<...> : tensor<4x1x1x1xf32>,
                                       <kind = conv, block = 4>>}
    %b = memref.get_global @w : memref<16xi8>
    %w = memref.view %b[%c0][] : memref<16xi8> to memref<1x1x1x1x1x4xf32>
    ```
    becomes
    ```mlir
    memref.global constant @mlc_weights : memref<16xi8>
    %b = memref.get_global @mlc_weights : memref<16xi8>
    %w = memref.view %b[%c0][] : memref<16xi8> to memref<1x1x1x1x1x4xf32>
    ```
  }];
  let options = [
    Option<"most", "most", "uint64_t", "std::numeric_limits<uint64_t>::max()",
           "Bytes of constants that can be linked: more are an error">,
    Option<"freeConstants", "free-constants", "bool", "true",
           "Give back the memory of each constant as soon as it is laid out: no "
           "other module of the context names it">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def DirectConvolutions : Pass<"direct-convolutions", "mlir::func::FuncOp"> {
  let summary = "Compute convolutions as they are where a CPU multiplies by matrices";
  let description = [{
    In functions for a CPU with a matrix unit (`mlc.variant` says which), a
    kernel.winograd whose products the unit takes becomes the kernel.conv that it
    computes, of the same weights. Its scratch memory is not used then.

    ```mlir
    kernel.winograd {pads = array<i64: 1, 1, 1, 1>, tile = 4 : i64}
        ins(%x, %w : memref<1x8x8x16xbf16>, memref<1x1x3x3x8x32x2xbf16>)
        outs(%y, %scratch : memref<1x8x8x20xf32>, memref<27072xf32>)
    ```
    becomes
    ```mlir
    kernel.conv {dilations = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>,
                 strides = array<i64: 1, 1>}
        ins(%x, %w : memref<1x8x8x16xbf16>, memref<1x1x3x3x8x32x2xbf16>)
        outs(%y : memref<1x8x8x20xf32>)
    ```
  }];
  let options = [
    Option<"triple", "triple", "std::string", "\"\"", "Of the targets; empty: the host's">,
    Option<"cpus", "cpus", "std::string", "\"native\"", "As of mlc --cpu">
  ];
  let dependentDialects = ["::mlir::kernel::KernelDialect"];
}

def ScheduleKernels : Pass<"schedule", "mlir::func::FuncOp"> {
  let summary = "Decide how each kernel is computed";
  let description = [{
    Each kernel operation gets all decisions of its emitter as an attribute, made
    for the CPU that `mlc.variant` of its function says: KernelBase.td tells what is
    in it. One that is there already stays.

    ```mlir
    kernel.softmax ins(%x : memref<8x10xf32>) outs(%y : memref<8x10xf32>)
    ```
    becomes
    ```mlir
    kernel.softmax {kernel.schedule = #kernel.schedule<lanes = 8,
                                                       tile = [1, 4]>}
        ins(%x : memref<8x10xf32>) outs(%y : memref<8x10xf32>)
    ```
  }];
  let options = [
    Option<"triple", "triple", "std::string", "\"\"", "Of the targets; empty: the host's">,
    Option<"cpus", "cpus", "std::string", "\"native\"", "As of mlc --cpu">,
    Option<"sumsF16", "sums-f16", "bool", "true",
           "Sum products of f16 in f16, by pieces, on CPUs that do so">
  ];
  let dependentDialects = ["::mlir::kernel::KernelDialect"];
}

def LowerKernels : Pass<"lower-kernels", "mlir::func::FuncOp"> {
  let summary = "Lower functions to loops, for the CPU of each";
  let description = [{
    Turns linalg operations into loops that LLVM vectorises, kernel operations into
    what their emitters write, and float functions into arithmetic, since no C
    library may be called, all for the CPU that `mlc.variant` of the function says.

    ```mlir
    linalg.exp ins(%x : memref<4xf32>) outs(%y : memref<4xf32>)
    ```
    becomes a `scf.for` with `memref.load`, arithmetic and `memref.store`.

    Loops whose iterations are independent are marked `mlc.parallel`.
  }];
  let options = [
    Option<"triple", "triple", "std::string", "\"\"", "Of the targets; empty: the host's">,
    Option<"cpus", "cpus", "std::string", "\"native\"", "As of mlc --cpu">
  ];
  let dependentDialects = ["::mlir::affine::AffineDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::ub::UBDialect",
                           "::mlir::vector::VectorDialect"];
}

def CheckMemory : Pass<"check-memory", "mlir::func::FuncOp"> {
  let summary = "Refuse code that takes memory by itself";
  let description = [{
    What a model needs is in its arena, and on a stack whose size is known. An
    allocation that is left behind plan-arena, a piece of stack of unknown size, or
    one in a loop, is an error.

    ```mlir
    %buffer = memref.alloc() : memref<8xf32>
    ```
    is refused; nothing else changes.
  }];
}

def ShareKernels : Pass<"share-kernels", "mlir::ModuleOp"> {
  let summary = "Divide kernels into parts for threads";
  let description = [{
    Of functions with the arguments `mlc.part` and `mlc.parts`, those with
    enough work do one part of it: what begins in the part-th of `parts` equal
    intervals of their work, as estimated from trip counts. Parallel loops
    narrow to that, as deep as it takes for a leaf to be small; what a leaf
    computes, and so the result, does not depend on the parts.
    `mlc.most_parts` says how many parts are worth it. Other functions lose the
    two arguments.

    ```mlir
    func.func private @k0_v0(..., %part: index {mlc.part}, %parts: index {mlc.parts}) {
      scf.for %i = %c0 to %c56 step %c1 {
        ...
      } {mlc.parallel}
    ```
    becomes
    ```mlir
    func.func private @k0_v0(..., %part: index {mlc.part}, %parts: index {mlc.parts})
        attributes {mlc.most_parts = 2 : i64} {
      ...
      scf.for %i = %first to %last step %c1 {
    ```
  }];
  let options = [
    Option<"threads", "threads", "unsigned", "4", "As of mlc --threads">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

//===----------------------------------------------------------------------===//
// Of the pipeline lower-to-llvm (Passes.h), behind upstream's
//===----------------------------------------------------------------------===//

def LowerVectors : Pass<"lower-vectors", "mlir::func::FuncOp"> {
  let summary = "Reduce vector operations to those that LLVM has";
  let description = [{
    Transposes, contractions, masks and slices of vectors become arithmetic,
    shuffles, extracts and inserts.

    ```mlir
    %y = vector.transpose %a, [1, 0] : vector<2x4xf32> to vector<4x2xf32>
    ```
    becomes
    ```mlir
    %0 = ub.poison : vector<4x2xf32>
    %1 = vector.extract %a[0, 0] : f32 from vector<2x4xf32>
    %2 = vector.insert %1, %0 [0, 0] : f32 into vector<4x2xf32>
    // and seven more
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::ub::UBDialect",
                           "::mlir::vector::VectorDialect"];
}

def ConvertToLLVMDialect : Pass<"convert-to-llvm-dialect", "mlir::ModuleOp"> {
  let summary = "Convert everything to the LLVM dialect";
  let description = [{
    Memrefs become pointers, an index as wide as a pointer of the targets. A bool
    is a byte in memory, of a vector too.

    ```mlir
    func.func private @k0_v0(%x: memref<4xi1>)
    ```
    becomes
    ```mlir
    llvm.func @k0_v0(%x: !llvm.ptr) attributes {sym_visibility = "private"}
    ```
  }];
  let options = [
    Option<"triple", "triple", "std::string", "\"\"", "Of the targets; empty: the host's">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def MakeEntries : Pass<"make-entries", "mlir::ModuleOp"> {
  let summary = "Give @main the type that the runtime calls";
  let description = [{
    `@main_vN` becomes `@PREFIX_main_vN` of the type that the runtime calls, where
    inputs and outputs are arrays of pointers. All other functions are internal,
    and never inlined. A call of a function outside the model, other than memory
    functions and the runtime's, is an error.

    ```mlir
    llvm.func @main_v0(%x: !llvm.ptr, %y: !llvm.ptr, %arena: !llvm.ptr)
        attributes {mlc.inputs = 1 : i64, mlc.outputs = 1 : i64, mlc.variant = 0 : i64}
    ```
    becomes
    ```mlir
    llvm.func @PREFIX_main_v0(%arena: !llvm.ptr, %inputs: !llvm.ptr,
                              %outputs: !llvm.ptr, %executor: !llvm.ptr) -> i32
        attributes {mlc.variant = 0 : i64}
    ```
  }];
  let options = [
    Option<"prefix", "prefix", "std::string", "\"model\"", "Of the entries' names">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def ForkKernels : Pass<"fork-kernels", "mlir::ModuleOp"> {
  let summary = "Run kernels that may be divided on the entry's executor";
  let description = [{
    Calls of functions with `mlc.most_parts` go through the runtime's
    `mlc_parallel_for`, if the executor has threads. Scratch memory of threads but
    the first lies behind the planned part of the arena: `mlc.thread_bytes` of the
    module says how much.

    ```mlir
    llvm.call @k0_v0(%x, %c0, %c1) : (!llvm.ptr, i64, i64) -> ()
    ```
    becomes
    ```mlir
    llvm.call @k0_v0_fork(%x, %executor) : (!llvm.ptr, !llvm.ptr) -> ()
    ```
  }];
  let options = [
    Option<"triple", "triple", "std::string", "\"\"", "Of the targets; empty: the host's">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def DivideEntries : Pass<"divide-entries", "mlir::ModuleOp"> {
  let summary = "Turn long runs of calls into functions";
  let description = [{
    More than 256 calls in a row are divided among functions `@PREFIX_main_vN_partM`,
    since LLVM takes n^2 for n calls in one.

    ```mlir
    llvm.call @k0_v0(%0) : (!llvm.ptr) -> () // and 999 more
    ```
    becomes
    ```mlir
    llvm.call @PREFIX_main_v0_part0(%arena, %inputs, %outputs, %executor)
        : (!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> () // and 3 more
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // MLC_BACKEND_PASSES_TD
