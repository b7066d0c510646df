# What `cmake --install` puts under the prefix: the tools with their manual pages, the library that they are made of, and the
# CMake package (mlcConfig.cmake). The runtime's headers and sources are installed by runtime/CMakeLists.txt.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(MLC_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/mlc)
foreach(tool IN ITEMS mlc mlc-lsp-server mlc-opt)
  if(TARGET ${tool})
    set_target_properties(${tool} PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
    # Builds of one tool alone (scripts/demo) can be installed, too.
    install(TARGETS ${tool} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} OPTIONAL)
  endif()
endforeach()

# The compiler as a library: include/mlc, include/mlc-c and the target mlc::compiler. The name without a version, which only
# `-lmlc-compiler` asks for, is a component of its own: wheels hold no links.
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/mlc ${CMAKE_SOURCE_DIR}/include/mlc-c
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS mlc-compiler EXPORT mlcTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} NAMELINK_COMPONENT development)
install(EXPORT mlcTargets NAMESPACE mlc:: DESTINATION ${MLC_CMAKE_DIR})
if(MLC_LINK STREQUAL "static")
  # What Debian has no archive for that a shared library could hold (FindOnnx.cmake, FindImageFiles.cmake) comes along.
  find_package(ImageFiles REQUIRED)
  foreach(library IN ITEMS ${Protobuf_LIBRARY} ${ImageFiles_LIBRARIES})
    file(REAL_PATH ${library} _library)
    get_filename_component(_name ${_library} NAME)
    string(REGEX REPLACE "(\\.so\\.[0-9]+).*" "\\1" _name ${_name})
    install(FILES ${_library} DESTINATION ${CMAKE_INSTALL_LIBDIR}/mlc RENAME ${_name})
  endforeach()
  set_target_properties(mlc-compiler PROPERTIES INSTALL_RPATH "$ORIGIN/mlc")
  install(FILES ${CMAKE_CURRENT_LIST_DIR}/third-party.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/third-party RENAME README.md)
  foreach(package IN ITEMS libeigen3-dev libjpeg62-turbo-dev libminizip-dev libpng-dev libprotobuf-dev libzstd-dev llvm-22-dev zlib1g-dev)
    if(EXISTS /usr/share/doc/${package}/copyright)
      file(REAL_PATH /usr/share/doc/${package}/copyright _copyright)
      install(FILES ${_copyright} DESTINATION ${CMAKE_INSTALL_DOCDIR}/third-party RENAME ${package}.txt)
    endif()
  endforeach()
else()
  # LLVM's shared libraries are not in the loader's default folders.
  set_target_properties(mlc-compiler PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
endif()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/mlcConfig.cmake.in ${CMAKE_BINARY_DIR}/cmake/mlcConfig.cmake
  INSTALL_DESTINATION ${MLC_CMAKE_DIR} PATH_VARS CMAKE_INSTALL_BINDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cmake/mlcConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  ${CMAKE_BINARY_DIR}/cmake/mlcConfig.cmake ${CMAKE_BINARY_DIR}/cmake/mlcConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/MlcAddModel.cmake
  DESTINATION ${MLC_CMAKE_DIR})
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# For those who do not use CMake: pkg-config --cflags --libs mlc-compiler.
file(RELATIVE_PATH _up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/mlc-compiler.pc.in ${CMAKE_BINARY_DIR}/cmake/mlc-compiler.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/cmake/mlc-compiler.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# Manual pages and completion, as the tool that is installed prints them.
install(CODE "set(MLC \"${CMAKE_BINARY_DIR}/bin/mlc\")
set(MLC_SHARE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}\")")
install(SCRIPT ${CMAKE_CURRENT_LIST_DIR}/MlcInstallPages.cmake)
