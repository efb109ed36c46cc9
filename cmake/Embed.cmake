# Files that the programs carry inside them.

# Chart.js of the distribution (libjs-chart.js); the file's name differs between versions.
find_file(FER_CHART_JS NAMES chart.umd.js chart.min.js Chart.min.js
          PATHS /usr/share/javascript/chart.js /usr/share/nodejs/chart.js/dist NO_DEFAULT_PATH)
if(NOT FER_CHART_JS)
  fer_missing(Chart.js)
endif()

file(READ ${FER_CHART_JS} fer_chart_begin LIMIT 200)
if(NOT fer_chart_begin MATCHES "Chart.js v([3-9]|[1-9][0-9])[.]")
  message(FATAL_ERROR "${FER_CHART_JS} is not Chart.js 3 or newer; name another one with -DFER_CHART_JS=")
endif()

# fer_embed(ROOM FILE...)
# page_asset("NAME") of the room (src/report/page_assets.hpp) gives the text of each FILE; Chart.js is "chart.js".
function(fer_embed room)
  set(out ${PROJECT_BINARY_DIR}/embedded/${room}_assets.cpp)
  set(script ${PROJECT_SOURCE_DIR}/cmake/write_assets.cmake)
  string(REPLACE ";" "|" list "${ARGN}")
  add_custom_command(OUTPUT ${out} DEPENDS ${ARGN} ${FER_CHART_JS} ${script} VERBATIM
                     COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DFILES=${list} -DCHART_JS=${FER_CHART_JS} -P ${script})
  set_source_files_properties(${out} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(fer_${room} PRIVATE ${out})
  target_include_directories(fer_${room} PRIVATE ${PROJECT_SOURCE_DIR}/src/${room})
endfunction()
