add_library(fer_warnings INTERFACE)
target_compile_options(fer_warnings INTERFACE -Wall -Wextra $<$<BOOL:${FER_WERROR}>:-Werror>)
if(FER_SANITIZE)
  target_compile_options(fer_warnings INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer)
  target_link_options(fer_warnings INTERFACE -fsanitize=address,undefined)
endif()

# fer_room(NAME [USES ROOM...] [LINK TARGET...])
# A room is include/fer/NAME (what others see) and src/NAME (how it works), built as fer::NAME.
# Its headers are reached only through a folder of its own, so including a room that is not in USES does not compile.
function(fer_room name)
  cmake_parse_arguments(ROOM "" "" "USES;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  set(view ${PROJECT_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${view}/fer)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/include/fer/${name} ${view}/fer/${name} SYMBOLIC)

  add_library(fer_${name} STATIC ${sources})
  add_library(fer::${name} ALIAS fer_${name})
  target_include_directories(fer_${name} PUBLIC $<BUILD_INTERFACE:${view}>)
  list(TRANSFORM ROOM_USES PREPEND fer::)
  target_link_libraries(fer_${name} PUBLIC ${ROOM_USES} ${ROOM_LINK} PRIVATE fer_warnings)
endfunction()
