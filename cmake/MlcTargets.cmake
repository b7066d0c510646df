# The one way to declare a library of this project. Link lists are the layering: Support <- IR <- Transforms and
# Conversion <- lib/* <- Pipeline <- tools (docs/architecture.md); scripts/check-layers checks them.

include(MlcPrecompile)

# mlc_add_library(<name> <source>... [LINK <lib>...] [DEPENDS <target>...] [PLAIN | OPS])
# The precompiled header (MlcPrecompile.cmake) is MLIR's; PLAIN: LLVM's, for libraries that do not see MLIR; OPS: that with the
# operations of our dialects.
function(mlc_add_library name)
  cmake_parse_arguments(ARG "PLAIN;OPS" "" "LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} mlc_llvm)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(NOT LLVM_ENABLE_RTTI)
    target_compile_options(${name} PUBLIC -fno-rtti)
  endif()
  if(ARG_PLAIN)
    mlc_precompile(${name} plain)
  elseif(ARG_OPS)
    mlc_precompile(${name} ops)
  else()
    mlc_precompile(${name} mlir)
  endif()
endfunction()

# mlc_embed(<file> <name>=<path>...): makes <file> of C++, with an array of bytes called <name> for each file, and a 0 behind it.
function(mlc_embed out)
  list(JOIN ARGN "," items)
  list(TRANSFORM ARGN REPLACE "^[^=]*=" "" OUTPUT_VARIABLE paths)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} "-DFILES=${items}" -P ${CMAKE_SOURCE_DIR}/cmake/MlcEmbed.cmake
    DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/cmake/MlcEmbed.cmake
    VERBATIM)
endfunction()
