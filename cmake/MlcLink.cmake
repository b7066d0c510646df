# What programs take from MLIR and LLVM: the interface library `mlc_llvm`, the one way to link them.
#
#   MLC_LINK=shared   their shared libraries: a tool links in a moment, and starts by loading 260 MB
#   MLC_LINK=static   their archives, and those of zlib and zstd: what is installed (preset `install`). libmlc-compiler and
#                     test programs hold what they use and start at once, and run where none of these packages are
#
# Objects are the same, so that a build of one kind takes those of the other from ccache; only linking differs.
include(CheckLinkerFlag)
set(MLC_LINK shared CACHE STRING "link LLVM, MLIR and protobuf as 'shared' or 'static' libraries")
set_property(CACHE MLC_LINK PROPERTY STRINGS shared static)
if(NOT MLC_LINK MATCHES "^(shared|static)$")
  message(FATAL_ERROR "MLC_LINK is '${MLC_LINK}'; known are 'shared' and 'static'")
endif()

# mlc_find_archive(<variable> <package> <file>): a static library of a Debian package.
function(mlc_find_archive variable package file)
  find_library(archive NAMES ${file} NO_CACHE)
  if(NOT archive)
    message(FATAL_ERROR "MLC_LINK=static needs ${file} (Debian's ${package}): run scripts/setup")
  endif()
  set(${variable} ${archive} PARENT_SCOPE)
endfunction()

add_library(mlc_llvm INTERFACE)
if(MLC_LINK STREQUAL "shared")
  target_link_libraries(mlc_llvm INTERFACE MLIR LLVM)
else()
  # As files: the archives' own targets name LLVM's shared library, which would be a second copy. The linker takes the members
  # that something refers to, so no list of components goes stale; groups, since they refer to each other in circles.
  set(_archives)
  get_property(_mlir_libraries GLOBAL PROPERTY MLIR_ALL_LIBS)
  foreach(library IN LISTS _mlir_libraries LLVM_AVAILABLE_LIBS)
    set(_file)
    if(TARGET ${library})
      get_target_property(_file ${library} LOCATION)
    endif()
    # Debian's lists name some that it does not ship.
    if(_file MATCHES "\\.a$" AND EXISTS ${_file})
      list(APPEND _archives ${_file})
    endif()
  endforeach()
  mlc_find_archive(_zlib zlib1g-dev libz.a)
  mlc_find_archive(_zstd libzstd-dev libzstd.a)
  list(APPEND _archives ${_zlib} ${_zstd})
  list(JOIN _archives "," _archives)
  target_link_libraries(mlc_llvm INTERFACE "$<LINK_GROUP:RESCAN,${_archives}>" ${CMAKE_DL_LIBS} m)
  target_link_options(mlc_llvm INTERFACE LINKER:--gc-sections)
  # The hundred thousand relocations of LLVM's tables, in a tenth of the space; glibc reads them since 2.36, Debian 12's.
  check_linker_flag(CXX LINKER:-z,pack-relative-relocs MLC_PACK_RELATIVE_RELOCS)
  if(MLC_PACK_RELATIVE_RELOCS)
    target_link_options(mlc_llvm INTERFACE LINKER:-z,pack-relative-relocs)
  endif()
endif()
