# Precompiled headers of MLIR, LLVM and other packages: reading those is nine tenths of the time a file takes to compile.
#
#   plain   what of LLVM libraries use that do not see MLIR
#   mlir    MLIR, LLVM and ONNX's messages
#   ops     the same, with the operations of our dialects: for libraries of which most files include them
#   tests   GoogleTest and what the libraries under test have
#
# But for `ops` they hold headers of packages, and one of ours that sets them up: no change of ours makes them stale. What a
# change of the dialects makes stale by `ops` includes those headers anyway.
#
# ccache hashes the .sum file instead of the precompiled header, whose bytes depend on where the checkout is. What it depends
# on otherwise is in there: the versions of the packages, and for `ops` our files. The macro keeps ccache from giving one
# checkout the precompiled header of another, which names that one's files.
#
# CMake names the header in options of the compiler proper (-Xclang), whose paths ccache takes as they are: build folders of
# other names would share nothing. Clang finds the precompiled form of what -include names by itself.
set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -include <PCH_HEADER>)
option(MLC_PRECOMPILE "compile against precompiled headers of MLIR's headers and others" ON)

# Tests spend their time in the libraries: more than this of their own code is not worth its compilation.
set(MLC_TEST_OPTIONS $<$<CONFIG:Release>:-O1>)

# mlc_add_precompiled(<kind> HEADERS <header>... [OPTIONS <option>...] [LINK <lib>...])
function(mlc_add_precompiled kind)
  cmake_parse_arguments(ARG "" "" "HEADERS;OPTIONS;LINK" ${ARGN})
  set(source ${CMAKE_BINARY_DIR}/precompiled/empty.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// see cmake/MlcPrecompile.cmake\n")
  set(name mlc_precompiled_${kind})
  add_library(${name} OBJECT ${source})
  target_compile_definitions(${name} PRIVATE MLC_PRECOMPILED_AT="${CMAKE_BINARY_DIR}")
  target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp" ${ARG_OPTIONS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK}) # their folders and definitions
  target_precompile_headers(${name} PRIVATE <Support/StatisticLayout.h> ${ARG_HEADERS}) # first: see there
endfunction()

# Writes what ccache hashes. `files` are those of ours that the header includes, or is made from.
function(mlc_sum_precompiled kind files)
  set(versions "MLIR ${LLVM_PACKAGE_VERSION} ONNX ${Onnx_VERSION} protobuf ${Protobuf_VERSION} GoogleTest ${GTest_VERSION}")
  string(APPEND versions " ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE} 3")
  set(sum ${CMAKE_BINARY_DIR}/CMakeFiles/mlc_precompiled_${kind}.dir/cmake_pch.hxx.pch.sum)
  if(NOT files)
    file(CONFIGURE OUTPUT ${sum} CONTENT "${versions}\n")
    return()
  endif()
  list(JOIN files "," items)
  add_custom_command(OUTPUT ${sum}
    COMMAND ${CMAKE_COMMAND} -DOUT=${sum} "-DVERSIONS=${versions}" "-DFILES=${items}" -P ${CMAKE_SOURCE_DIR}/cmake/MlcSum.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/MlcSum.cmake
    VERBATIM)
  add_custom_target(mlc_sum_${kind} DEPENDS ${sum})
  add_dependencies(mlc_precompiled_${kind} mlc_sum_${kind})
endfunction()

if(MLC_PRECOMPILE)
  find_package(GTest REQUIRED)
  set(_llvm
    <llvm/ADT/DenseMap.h>
    <llvm/ADT/STLExtras.h>
    <llvm/ADT/SmallVector.h>
    <llvm/ADT/StringExtras.h>
    <llvm/ADT/StringMap.h>
    <llvm/Support/Error.h>
    <llvm/Support/FileSystem.h>
    <llvm/Support/FormatVariadic.h>
    <llvm/Support/JSON.h>
    <llvm/Support/MemoryBuffer.h>
    <llvm/Support/raw_ostream.h>
    <llvm/TargetParser/Triple.h>)
  set(_mlir
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
    <llvm/ADT/TypeSwitch.h>
    ${_llvm})
  set(_onnx <onnx/onnx_pb.h>)
  mlc_add_precompiled(plain HEADERS ${_llvm})
  mlc_add_precompiled(mlir HEADERS ${_mlir} ${_onnx} LINK onnx::onnx)
  mlc_add_precompiled(ops HEADERS ${_mlir} ${_onnx} <Kernel/IR/Kernel.h> <NN/IR/NN.h> LINK onnx::onnx)
  mlc_add_precompiled(tests HEADERS ${_mlir} ${_onnx} <gmock/gmock.h> <gtest/gtest.h> OPTIONS ${MLC_TEST_OPTIONS}
    LINK onnx::onnx GTest::gmock)
  foreach(kind plain mlir tests)
    mlc_sum_precompiled(${kind} "")
  endforeach()
  # A dialect's headers may include those of lib/Support; what is generated comes from the .td files.
  file(GLOB _files CONFIGURE_DEPENDS dialects/*/IR/*.h dialects/*/IR/*.td include/mlc/*.* lib/Support/*.h)
  mlc_sum_precompiled(ops "${_files}")
  add_dependencies(mlc_precompiled_ops MLCKernelIncGen MLCNNIncGen)
endif()

# Compiles `target` against one of them.
function(mlc_precompile target kind)
  if(MLC_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM mlc_precompiled_${kind})
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  else()
    target_compile_options(${target} PRIVATE "SHELL:-include Support/StatisticLayout.h")
  endif()
endfunction()
