# Compile through ccache where it is installed. Paths are made relative to this checkout, so that clones and
# worktrees in other folders share the cache; precompiled headers need the sloppiness ccache's manual names.
find_program(MLC_CCACHE ccache)
if(MLC_CCACHE)
  set(_launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_ctime,include_file_mtime ${MLC_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${_launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${_launcher})
endif()
