# Find the libonnx that scripts/setup built into the cache (scripts/build-libonnx says where).
#
#   onnx::onnx   static library, include folder, ONNX_ML and ONNX_NAMESPACE definitions, protobuf linked
#   Onnx_VERSION
#
# -DONNX_PREFIX=<folder> names another installation. libonnx throws: see lib/Onnx/LibOnnx.h.
find_package(Protobuf 3.21 REQUIRED)

if(NOT ONNX_PREFIX)
  # The key hashes the compiler: ask with the one that scripts/setup builds with, not a launcher or another CXX.
  execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/../scripts/build-libonnx --print-prefix
    OUTPUT_VARIABLE ONNX_PREFIX OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE _status)
endif()

find_library(Onnx_LIBRARY NAMES libonnx.a PATHS ${ONNX_PREFIX}/lib NO_DEFAULT_PATH NO_CACHE)
find_path(Onnx_INCLUDE_DIR onnx/onnx_pb.h PATHS ${ONNX_PREFIX}/include NO_DEFAULT_PATH NO_CACHE)
if(Onnx_LIBRARY)
  file(STRINGS ${ONNX_PREFIX}/lib/cmake/ONNX/ONNXConfigVersion.cmake _line REGEX "set\\(PACKAGE_VERSION " LIMIT_COUNT 1)
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" Onnx_VERSION "${_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Onnx REQUIRED_VARS Onnx_LIBRARY Onnx_INCLUDE_DIR VERSION_VAR Onnx_VERSION
  REASON_FAILURE_MESSAGE "no libonnx in '${ONNX_PREFIX}': run scripts/setup, which fetches and builds it once")

if(Onnx_FOUND AND NOT TARGET onnx::onnx)
  set(_protobuf protobuf::libprotobuf)
  if(MLC_LINK STREQUAL "static")
    find_package(Threads REQUIRED)
    mlc_find_archive(_protobuf_archive libprotobuf-dev libprotobuf.a)
    # Debian's archive is for programs: its code cannot be part of a shared library.
    set(_protobuf "$<IF:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>,protobuf::libprotobuf,${_protobuf_archive}>"
      Threads::Threads)
  endif()
  add_library(onnx::onnx STATIC IMPORTED)
  set_target_properties(onnx::onnx PROPERTIES
    IMPORTED_LOCATION ${Onnx_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${Onnx_INCLUDE_DIR}
    INTERFACE_COMPILE_DEFINITIONS "ONNX_ML=1;ONNX_NAMESPACE=onnx"
    INTERFACE_LINK_LIBRARIES "${_protobuf}")
endif()
