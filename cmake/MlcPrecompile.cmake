# One precompiled header of MLIR and LLVM for the whole build: reading those headers is nine tenths of the time a file
# takes to compile. It holds headers of packages, and one of ours that sets them up: no change of ours makes it stale.
#
# ccache hashes the .sum file instead of the precompiled header, whose bytes depend on where the checkout is; what it
# depends on otherwise is the versions, which the .sum file names. The macro keeps ccache from giving one checkout the
# precompiled header of another, which names that one's files.
#
# CMake names the header in options of the compiler proper (-Xclang), whose paths ccache takes as they are: build folders of
# other names would share nothing. Clang finds the precompiled form of what -include names by itself.
set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -include <PCH_HEADER>)
option(MLC_PRECOMPILE "compile against a precompiled header of MLIR's headers" ON)
if(MLC_PRECOMPILE)
  set(pch_source ${CMAKE_BINARY_DIR}/precompiled/empty.cpp)
  file(CONFIGURE OUTPUT ${pch_source} CONTENT "// see cmake/MlcPrecompile.cmake\n")
  add_library(mlc_precompiled OBJECT ${pch_source})
  target_compile_definitions(mlc_precompiled PRIVATE MLC_PRECOMPILED_AT="${CMAKE_BINARY_DIR}")
  target_compile_options(mlc_precompiled PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(mlc_precompiled PRIVATE
    <Support/StatisticLayout.h> # first: see there
    <mlir/Dialect/Arith/IR/Arith.h>
    <mlir/Dialect/Bufferization/IR/Bufferization.h>
    <mlir/Dialect/Func/IR/FuncOps.h>
    <mlir/Dialect/LLVMIR/LLVMDialect.h>
    <mlir/Dialect/Linalg/IR/Linalg.h>
    <mlir/Dialect/Math/IR/Math.h>
    <mlir/Dialect/MemRef/IR/MemRef.h>
    <mlir/Dialect/Quant/IR/QuantTypes.h>
    <mlir/Dialect/SCF/IR/SCF.h>
    <mlir/Dialect/Tensor/IR/Tensor.h>
    <mlir/Dialect/Vector/IR/VectorOps.h>
    <mlir/IR/DialectImplementation.h>
    <mlir/IR/DialectResourceBlobManager.h>
    <mlir/IR/IRMapping.h>
    <mlir/IR/Matchers.h>
    <mlir/IR/PatternMatch.h>
    <mlir/IR/Verifier.h>
    <mlir/Pass/PassManager.h>
    <mlir/Transforms/DialectConversion.h>
    <mlir/Transforms/GreedyPatternRewriteDriver.h>
    <llvm/ADT/StringExtras.h>
    <llvm/ADT/TypeSwitch.h>
    <llvm/Support/Error.h>
    <llvm/Support/raw_ostream.h>)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/CMakeFiles/mlc_precompiled.dir/cmake_pch.hxx.pch.sum
       CONTENT "MLIR ${LLVM_PACKAGE_VERSION} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE} 2\n")
endif()

# Compiles `target` against it.
function(mlc_precompile target)
  if(MLC_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM mlc_precompiled)
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  else()
    target_compile_options(${target} PRIVATE "SHELL:-include Support/StatisticLayout.h")
  endif()
endfunction()
