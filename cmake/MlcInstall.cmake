# What `cmake --install` puts under the prefix: the tools, and the CMake package that runs them (mlcConfig.cmake). The
# runtime's headers and sources are installed by runtime/CMakeLists.txt.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(MLC_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/mlc)
foreach(tool IN ITEMS mlc mlc-opt)
  if(TARGET ${tool})
    # LLVM's shared libraries are not in the loader's default folders.
    set_target_properties(${tool} PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
    install(TARGETS ${tool} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()

# The compiler as a library: include/mlc, include/mlc-c and the target mlc::compiler.
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/mlc ${CMAKE_SOURCE_DIR}/include/mlc-c
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS mlc-compiler EXPORT mlcTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT mlcTargets NAMESPACE mlc:: DESTINATION ${MLC_CMAKE_DIR})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/mlcConfig.cmake.in ${CMAKE_BINARY_DIR}/cmake/mlcConfig.cmake
  INSTALL_DESTINATION ${MLC_CMAKE_DIR} PATH_VARS CMAKE_INSTALL_BINDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cmake/mlcConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  ${CMAKE_BINARY_DIR}/cmake/mlcConfig.cmake ${CMAKE_BINARY_DIR}/cmake/mlcConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/MlcAddModel.cmake
  DESTINATION ${MLC_CMAKE_DIR})
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
