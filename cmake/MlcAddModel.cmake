# mlc_add_model(<target> <model.onnx> [PREFIX <name>] [TARGET <triple>] [CPU <cpu>...] [ARGS <arg>...] [DEPENDS <file>...])
#
# Compile a model at build time and link it into <target>, an executable or library of the project:
#
#   find_package(mlc REQUIRED)
#   add_executable(app main.c)
#   mlc_add_model(app digits.onnx ARGS --dim=N=1)        # main.c: #include "digits.h"
#
#   PREFIX   what the names of the header and of all C names begin with; by default the model's file name
#   TARGET   the machine to compile for; by default the one that CMake compiles for
#   CPU      CPUs to compile variants for; the best one that the machine has is chosen at run time
#   ARGS     further arguments of `mlc compile`
#   DEPENDS  files whose change asks for another compilation: external weights, a contract
#
# The model is compiled again when it, one of DEPENDS or mlc itself changes. A target may have several models.
function(mlc_add_model target model)
  cmake_parse_arguments(ARG "" "PREFIX;TARGET" "CPU;ARGS;DEPENDS" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS OR ARG_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "mlc_add_model(${target}): unexpected arguments or missing values: "
      "${ARG_UNPARSED_ARGUMENTS} ${ARG_KEYWORDS_MISSING_VALUES}")
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR "mlc_add_model: ${target} is not a target; add_executable or add_library must come first")
  endif()
  cmake_path(ABSOLUTE_PATH model BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
  if(NOT EXISTS ${model})
    message(FATAL_ERROR "mlc_add_model(${target}): no such file: ${model}")
  endif()
  if(NOT ARG_PREFIX)
    cmake_path(GET model STEM LAST_ONLY ARG_PREFIX)
    string(MAKE_C_IDENTIFIER ${ARG_PREFIX} ARG_PREFIX)
  endif()
  if(NOT ARG_TARGET)
    _mlc_default_triple(ARG_TARGET)
  endif()

  set(flags --prefix=${ARG_PREFIX} ${ARG_ARGS})
  if(ARG_TARGET)
    list(APPEND flags --target=${ARG_TARGET})
  endif()
  if(ARG_CPU)
    list(JOIN ARG_CPU "," cpus)
    list(APPEND flags --cpu=${cpus})
  endif()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/mlc/${target}/${ARG_PREFIX})
  set(archive ${folder}/lib${ARG_PREFIX}.a)
  add_custom_command(OUTPUT ${archive} ${folder}/${ARG_PREFIX}.h ${folder}/${ARG_PREFIX}.json
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND mlc::mlc compile ${model} -o ${folder} ${flags}
    DEPENDS ${model} ${ARG_DEPENDS} mlc::mlc
    COMMENT "Compiling model ${ARG_PREFIX}" VERBATIM)
  add_custom_target(${target}-${ARG_PREFIX}-model DEPENDS ${archive})
  # Objects of the target include the header, so all of them wait for the model.
  add_dependencies(${target} ${target}-${ARG_PREFIX}-model)
  target_include_directories(${target} PRIVATE ${folder})
  target_link_libraries(${target} PRIVATE ${archive} mlc::headers)
endfunction()

# The triple that CMake compiles for, in <variable>; empty for the machine it runs on.
function(_mlc_default_triple variable)
  set(triple "")
  if(CMAKE_C_COMPILER_TARGET)
    set(triple ${CMAKE_C_COMPILER_TARGET})
  elseif(CMAKE_CROSSCOMPILING)
    _mlc_triple_of_system(triple)
    if(NOT triple)
      message(FATAL_ERROR "mlc_add_model: no triple known for processor '${CMAKE_SYSTEM_PROCESSOR}' of "
        "'${CMAKE_SYSTEM_NAME}': give TARGET")
    endif()
  endif()
  set(${variable} "${triple}" PARENT_SCOPE)
endfunction()

# The triple of CMAKE_SYSTEM_NAME and CMAKE_SYSTEM_PROCESSOR, in <variable>; empty for what mlc does not know.
function(_mlc_triple_of_system variable)
  string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" cpu)
  if(APPLE AND CMAKE_OSX_ARCHITECTURES)
    set(cpu ${CMAKE_OSX_ARCHITECTURES}) # of several no triple is right: a library is of one
  endif()
  string(REGEX REPLACE "^amd64$" "x86_64" cpu "${cpu}")
  string(REGEX REPLACE "^arm64$" "aarch64" cpu "${cpu}")
  string(REGEX REPLACE "^(arm|armv7-a|armv7l)$" "armv7" cpu "${cpu}")
  set(version ${CMAKE_OSX_DEPLOYMENT_TARGET})
  set(triple "")
  if(CMAKE_SYSTEM_NAME STREQUAL "Android")
    set(triple ${cpu}-linux-android)
    string(REPLACE "armv7-linux-android" "armv7-linux-androideabi" triple ${triple})
  elseif(CMAKE_SYSTEM_NAME STREQUAL "Windows")
    set(triple ${cpu}-windows-gnu)
    if(MSVC)
      set(triple ${cpu}-windows-msvc)
    endif()
  elseif(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
    set(triple ${cpu}-apple-macos${version})
  elseif(CMAKE_SYSTEM_NAME STREQUAL "iOS")
    set(triple ${cpu}-apple-ios${version})
    if(CMAKE_OSX_SYSROOT MATCHES "[Ss]imulator")
      string(APPEND triple -simulator)
    endif()
  elseif(CMAKE_SYSTEM_NAME MATCHES "^(Emscripten|WASI)$" OR cpu MATCHES "^wasm")
    set(cpu wasm32)
    set(triple wasm32-unknown-unknown)
  else()
    set(triple ${cpu}-linux-gnu)
    string(REPLACE "armv7-linux-gnu" "armv7-linux-gnueabihf" triple ${triple})
  endif()
  if(NOT cpu MATCHES "^(x86_64|aarch64|armv7|riscv64|wasm32)$")
    set(triple "")
  endif()
  set(${variable} "${triple}" PARENT_SCOPE)
endfunction()
