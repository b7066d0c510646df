# Turn files into C++ byte tables: cmake -DOUT=<file> -DFILES=<name>=<path>,... -P MlcEmbed.cmake
# writes `static const unsigned char <name>[] = {...};` for each item, closed by a zero byte that is not content.
# Nothing but the names and the bytes enters the output.
string(REPLACE "," ";" FILES "${FILES}")
set(_text "")
foreach(item IN LISTS FILES)
  string(FIND "${item}" "=" _split)
  string(SUBSTRING "${item}" 0 ${_split} _name)
  math(EXPR _split "${_split} + 1")
  string(SUBSTRING "${item}" ${_split} -1 _path)
  file(READ ${_path} _hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," _bytes "${_hex}")
  string(APPEND _text "static const unsigned char ${_name}[] = {${_bytes}0};\n")
endforeach()
file(WRITE ${OUT} "${_text}")
