# Find what reads PNG and JPEG files, libpng and libjpeg-turbo: the target ImageFiles::ImageFiles.
#
#   ImageFiles_LIBRARIES   the shared libraries of both
find_library(ImageFiles_PNG NAMES png16 NO_CACHE)
find_library(ImageFiles_JPEG NAMES jpeg NO_CACHE)
find_path(ImageFiles_PNG_INCLUDE_DIR png.h NO_CACHE)
find_path(ImageFiles_JPEG_INCLUDE_DIR jpeglib.h NO_CACHE)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ImageFiles
  REQUIRED_VARS ImageFiles_PNG ImageFiles_JPEG ImageFiles_PNG_INCLUDE_DIR ImageFiles_JPEG_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "no libpng or libjpeg (Debian's libpng-dev and libjpeg62-turbo-dev): run scripts/setup")

set(ImageFiles_LIBRARIES ${ImageFiles_PNG} ${ImageFiles_JPEG})
if(ImageFiles_FOUND AND NOT TARGET ImageFiles::ImageFiles)
  set(_libraries ${ImageFiles_LIBRARIES})
  if(MLC_LINK STREQUAL "static")
    mlc_find_archive(_png libpng-dev libpng16.a)
    mlc_find_archive(_jpeg libjpeg62-turbo-dev libjpeg.a)
    mlc_find_archive(_zlib zlib1g-dev libz.a)
    # Debian's archives are for programs: their code cannot be part of a shared library.
    set(_libraries "$<IF:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>,${ImageFiles_PNG};${ImageFiles_JPEG},${_png};${_zlib};${_jpeg}>")
  endif()
  add_library(ImageFiles::ImageFiles INTERFACE IMPORTED GLOBAL)
  set_target_properties(ImageFiles::ImageFiles PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${ImageFiles_PNG_INCLUDE_DIR};${ImageFiles_JPEG_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${_libraries}")
endif()
