# For `cpack -G DEB`, with FER_PACKAGE=ON: installations that need nothing outside of Debian. LibTorch, which Debian
# does not have, comes along in lib/fer. Two packages, of which a machine has one: `fer` with all programs, and, built
# with FER_LIBTORCH=OFF, the small `fer-infer`.
if(FER_LIBTORCH)
  set(FER_PACKAGE_NAME fer)
  set_target_properties(${programs} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/fer" INSTALL_RPATH_USE_LINK_PATH OFF)
  install(RUNTIME_DEPENDENCY_SET fer_libraries POST_INCLUDE_REGEXES "^${TORCH_INSTALL_PREFIX}/" POST_EXCLUDE_REGEXES "."
          DIRECTORIES ${TORCH_INSTALL_PREFIX}/lib DESTINATION lib/fer COMPONENT runtime)
  file(GLOB licences ${TORCH_INSTALL_PREFIX}/../torch-*.dist-info/licenses)  # as the wheel has them
  install(DIRECTORY ${licences} DESTINATION ${documents}/libtorch COMPONENT runtime)
  set(other fer-infer)
else()
  set(FER_PACKAGE_NAME fer-infer)
  set_target_properties(${programs} PROPERTIES INSTALL_RPATH_USE_LINK_PATH OFF)
  set(other fer)
endif()

set(CPACK_PACKAGE_NAME ${FER_PACKAGE_NAME})
set(CPACK_PACKAGE_VENDOR "The fer authors")
set(CPACK_PACKAGE_CONTACT "The fer authors <fer@localhost>" CACHE STRING "Who maintains packages made here")
set(CPACK_PACKAGE_HOMEPAGE_URL "" CACHE STRING "Where packages made here come from")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "facial expressions in images and recorded videos")
set(CPACK_PACKAGE_DESCRIPTION "Reads recorded videos with a classifier for facial expressions: a row for every
sampled frame with the container's own time, a summary of each video and a
report to look at.")
if(FER_LIBTORCH)
  string(APPEND CPACK_PACKAGE_DESCRIPTION " Trains and evaluates such classifiers on
labelled images, too.
.
LibTorch's libraries are part of the package, in /usr/lib/fer.")
else()
  string(APPEND CPACK_PACKAGE_DESCRIPTION "
.
This package reads ONNX files, which the package fer exports.")
endif()
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL runtime)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/prepare_deb.cmake)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_DEPENDS opencv-data)  # the face detector that needs no download
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, fonts-dejavu-core")
set(CPACK_DEBIAN_PACKAGE_CONFLICTS ${other})
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${TORCH_INSTALL_PREFIX}/lib)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
include(CPack)
