# Tests: GoogleTest programs under test/unit, lit tests under test; the check-mlc targets run both through lit.
find_package(GTest REQUIRED)

# mlc_add_unittest(<name> <source>... [LINK <lib>...]): the GoogleTest program build/test/unit/<name>, which lit finds by
# its name's ending. <name> must end in Tests. GoogleMock and a main function are linked.
function(mlc_add_unittest name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  if(NOT name MATCHES "Tests$")
    message(FATAL_ERROR "mlc_add_unittest(${name}): the name must end in Tests, or lit does not find the program")
  endif()
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test/unit)
  set_property(GLOBAL APPEND PROPERTY MLC_TEST_DEPENDS ${name})
endfunction()
