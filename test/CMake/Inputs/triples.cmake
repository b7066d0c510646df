# Prints the triple that mlc_add_model takes for what is set on the command line.
include(${SOURCE}/cmake/MlcAddModel.cmake)
set(CMAKE_CROSSCOMPILING ON)
_mlc_default_triple(triple)
message("triple ${triple}")
