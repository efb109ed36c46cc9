# No program hands a line to a shell: what users name files must never be read as commands. Processes are started by
# app/spawned_process, which takes words.
file(GLOB_RECURSE sources ${SOURCE}/src/*.?pp ${SOURCE}/include/*.?pp ${SOURCE}/tools/*.cpp ${SOURCE}/examples/*.cpp)
list(LENGTH sources count)
if(count LESS 100)
  message(FATAL_ERROR "only ${count} sources in ${SOURCE}")
endif()
foreach(source IN LISTS sources)
  file(STRINGS ${source} calls REGEX "(^|[^A-Za-z0-9_])(system|popen|wordexp|execlp?|execvp) *\\(")
  if(calls)
    message(SEND_ERROR "${source}: ${calls}")
  endif()
endforeach()
