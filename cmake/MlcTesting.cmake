# Tests: GoogleTest programs under test/unit, lit tests under test; the check-mlc targets run both through lit.
find_package(GTest REQUIRED)

# mlc_add_unittest(<name> <source>... [LINK <lib>...] [ALONE]): the GoogleTest program build/test/unit/<name>, which lit finds by
# its name's ending. <name> must end in Tests. GoogleMock and a main function are linked.
# ALONE: without a precompiled header, so that headers of ours for others' programs bring along what they need.
function(mlc_add_unittest name)
  cmake_parse_arguments(ARG "ALONE" "" "LINK" ${ARGN})
  if(NOT name MATCHES "Tests$")
    message(FATAL_ERROR "mlc_add_unittest(${name}): the name must end in Tests, or lit does not find the program")
  endif()
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} mlc_llvm GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test/unit)
  set_property(GLOBAL APPEND PROPERTY MLC_TEST_DEPENDS ${name})
  target_compile_options(${name} PRIVATE ${MLC_TEST_OPTIONS})
  if(NOT ARG_ALONE)
    mlc_precompile(${name} tests)
  endif()
endfunction()

# mlc_add_check_targets(): check-mlc runs all tests, check-mlc-quick leaves out the folders of long ones. Call it
# after the last mlc_add_unittest.
function(mlc_add_check_targets)
  # The Python with onnx, onnxruntime and numpy that scripts/setup made; tests that need it are unsupported without it.
  execute_process(COMMAND ${CMAKE_SOURCE_DIR}/scripts/setup --print-python
    OUTPUT_VARIABLE python OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(EXISTS "${python}")
    set(MLC_TEST_PYTHON ${python})
  else()
    message(STATUS "No Python for tests: run scripts/setup to make it; tests that need it are left out")
  endif()
  get_property(depends GLOBAL PROPERTY MLC_TEST_DEPENDS)
  foreach(tool IN ITEMS mlc mlc-lsp-server mlc-opt)
    if(TARGET ${tool})
      list(APPEND MLC_TOOLS ${tool})
    endif()
  endforeach()
  set(MLC_LIT_CONFIG ${CMAKE_SOURCE_DIR}/test/lit.cfg.py)
  configure_file(${CMAKE_SOURCE_DIR}/test/lit.site.cfg.py.in ${CMAKE_BINARY_DIR}/test/lit.site.cfg.py @ONLY)
  set(MLC_LIT_CONFIG ${CMAKE_SOURCE_DIR}/test/unit/lit.cfg.py)
  configure_file(${CMAKE_SOURCE_DIR}/test/lit.site.cfg.py.in ${CMAKE_BINARY_DIR}/test/unit/lit.site.cfg.py @ONLY)

  find_program(MLC_LIT NAMES lit llvm-lit HINTS ${LLVM_TOOLS_BINARY_DIR} NO_DEFAULT_PATH REQUIRED)
  add_custom_target(mlc-test-depends DEPENDS ${depends} ${MLC_TOOLS})
  add_custom_target(check-mlc COMMAND ${MLC_LIT} -sv ${CMAKE_BINARY_DIR}/test
    VERBATIM USES_TERMINAL COMMENT "Running all tests")
  add_custom_target(check-mlc-quick COMMAND ${MLC_LIT} -sv --filter-out ":: (e2e|conformance|fuzz|parity)/" ${CMAKE_BINARY_DIR}/test
    VERBATIM USES_TERMINAL COMMENT "Running the quick tests")
  add_dependencies(check-mlc mlc-test-depends)
  add_dependencies(check-mlc-quick mlc-test-depends)
endfunction()
