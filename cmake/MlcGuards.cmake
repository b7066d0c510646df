# Guards that our own code is built with: always what makes a fault harder to exploit, and sanitizers where they are asked for.
#
#   MLC_SANITIZE=address;undefined   as the preset `asan` does; any list that clang's -fsanitize takes
#   MLC_FUZZ=ON                      also the libFuzzer target of test/fuzz, and what guides it in all of our code
#
# LLVM's own option, LLVM_USE_SANITIZER, knows its flags for undefined behaviour in its own tree alone. Its libraries are not
# instrumented, which cmake/SanitizerDefaults.c allows for.
set(MLC_SANITIZE "" CACHE STRING "sanitizers to build with, as address;undefined")
option(MLC_FUZZ "build the libFuzzer targets" OFF)

# Tools are position independent, and what the loader has resolved cannot be written any more.
add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie> LINKER:-z,relro LINKER:-z,now)

# A function that overruns its frame ends there. The runtime is freestanding and turns it off for itself.
add_compile_options(-fstack-protector-strong)

if(MLC_SANITIZE)
  list(JOIN MLC_SANITIZE "," _sanitizers)
  # Types of classes cannot be checked without RTTI, and those of functions not across LLVM's. What is undefined is no warning
  # but the end: a test that runs into it fails.
  set(_flags -fsanitize=${_sanitizers} -fno-sanitize=vptr,function -fno-sanitize-recover=all)
  add_compile_options(${_flags} -fno-omit-frame-pointer -gline-tables-only)
  add_compile_definitions(_GLIBCXX_ASSERTIONS) # an index beyond a std::vector's or std::string's end
  add_link_options(${_flags})
  add_library(mlc_sanitizer_defaults OBJECT ${CMAKE_CURRENT_LIST_DIR}/SanitizerDefaults.c)
  target_compile_options(mlc_sanitizer_defaults PRIVATE -fno-sanitize=all)
  link_libraries($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:$<TARGET_OBJECTS:mlc_sanitizer_defaults>>)
endif()
if(MLC_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
