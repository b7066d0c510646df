# Run while building: writes into ${OUT} the ${VERSIONS} and a hash of each of the ${FILES} (separated by commas), by its place
# in the checkout.
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH root)
string(REPLACE "," ";" FILES "${FILES}")
set(text "${VERSIONS}\n")
foreach(file IN LISTS FILES)
  file(SHA256 ${file} hash)
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${root})
  string(APPEND text "${hash} ${file}\n")
endforeach()
file(WRITE ${OUT} "${text}")
