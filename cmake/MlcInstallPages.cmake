# Run while installing: writes the manual pages and shell completions that ${MLC} prints into ${MLC_SHARE}, where man and the
# shells look for them.
if(NOT EXISTS ${MLC})
  return()
endif()

# mlc_print(<file> <argument>...)
function(mlc_print file)
  execute_process(COMMAND ${MLC} ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE ${MLC_SHARE}/${file} "${text}")
  message(STATUS "Installing: ${MLC_SHARE}/${file}")
endfunction()

mlc_print(man/man1/mlc.1 man)
execute_process(COMMAND ${MLC} man OUTPUT_VARIABLE _overview COMMAND_ERROR_IS_FATAL ANY)
# The commands are those that it refers to: ".BR mlc\-compile (1)".
string(REGEX MATCHALL "BR mlc.-[a-z]+" _references "${_overview}")
foreach(_reference IN LISTS _references)
  string(REGEX REPLACE ".*-" "" _command ${_reference})
  mlc_print(man/man1/mlc-${_command}.1 man ${_command})
endforeach()
mlc_print(bash-completion/completions/mlc completion bash)
mlc_print(zsh/site-functions/_mlc completion zsh)
mlc_print(fish/vendor_completions.d/mlc.fish completion fish)
