# Find minizip, which reads .zip archives, and the zlib that it unpacks with: the target Minizip::minizip.
#
# Of minizip always the archive: the few functions that are used are no reason for a tool to need one more shared library.
find_library(Minizip_LIBRARY NAMES libminizip.a NO_CACHE)
find_path(Minizip_INCLUDE_DIR minizip/unzip.h NO_CACHE)
find_package(ZLIB)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Minizip REQUIRED_VARS Minizip_LIBRARY Minizip_INCLUDE_DIR ZLIB_FOUND
  REASON_FAILURE_MESSAGE "no minizip (Debian's libminizip-dev): run scripts/setup")

if(Minizip_FOUND AND NOT TARGET Minizip::minizip)
  set(_zlib ZLIB::ZLIB)
  if(MLC_LINK STREQUAL "static")
    mlc_find_archive(_zlib zlib1g-dev libz.a)
  endif()
  add_library(Minizip::minizip STATIC IMPORTED)
  set_target_properties(Minizip::minizip PROPERTIES
    IMPORTED_LOCATION ${Minizip_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${Minizip_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES "${_zlib}")
endif()
