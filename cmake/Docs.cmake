# Pages of the public headers, in docs/html of the build folder: cmake --build build --target docs
find_program(FER_DOXYGEN doxygen)
if(FER_DOXYGEN)
  add_custom_target(
    docs COMMAND ${CMAKE_COMMAND} -E env FER_VERSION=${PROJECT_VERSION} FER_DOCS_OUTPUT=${PROJECT_BINARY_DIR}/docs
                 ${FER_DOXYGEN} docs/Doxyfile
    COMMAND ${CMAKE_COMMAND} -E echo "${PROJECT_BINARY_DIR}/docs/html/index.html"
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
endif()
