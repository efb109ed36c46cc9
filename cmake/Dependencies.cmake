# Everything we build on, as imported targets.
# LibTorch: one the user names (Torch_DIR, CMAKE_PREFIX_PATH) wins over the one tools/setup.sh installed.
if(DEFINED ENV{XDG_CACHE_HOME})
  set(fer_cache "$ENV{XDG_CACHE_HOME}/fer")
else()
  set(fer_cache "$ENV{HOME}/.cache/fer")
endif()
list(APPEND CMAKE_PREFIX_PATH "${fer_cache}/libtorch-2.13.0/torch")

set(fer_hint "run tools/setup.sh, which installs every dependency")
set(packages Threads fmt spdlog CLI11 nlohmann_json OpenSSL TBB pugixml)
if(FER_LIBTORCH)
  list(APPEND packages yaml-cpp ZLIB CURL Torch)
endif()
if(FER_LIBTORCH AND NOT FER_FUZZ)  # clang's own OpenMP may be missing, and no fuzz target computes
  list(APPEND packages OpenMP)
endif()
foreach(package IN LISTS packages)
  find_package(${package} QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "${package} was not found: ${fer_hint}")
  endif()
endforeach()
find_package(OpenCV QUIET COMPONENTS core imgproc imgcodecs dnn objdetect video videoio)
if(NOT OpenCV_FOUND)
  message(FATAL_ERROR "OpenCV was not found: ${fer_hint}")
endif()
find_package(PkgConfig REQUIRED QUIET)
pkg_check_modules(pcre2 REQUIRED QUIET IMPORTED_TARGET libpcre2-8)
pkg_check_modules(ffmpeg REQUIRED QUIET IMPORTED_TARGET libavformat libavcodec libavutil libswscale
                  libswresample)
pkg_check_modules(pangocairo REQUIRED QUIET IMPORTED_TARGET pangocairo)
message(STATUS "OpenCV ${OpenCV_VERSION}")

add_library(fer_opencv INTERFACE)
target_link_libraries(fer_opencv INTERFACE ${OpenCV_LIBS})
target_include_directories(fer_opencv SYSTEM INTERFACE ${OpenCV_INCLUDE_DIRS})
add_library(fer::opencv ALIAS fer_opencv)

add_library(fer_ffmpeg INTERFACE)
target_link_libraries(fer_ffmpeg INTERFACE PkgConfig::ffmpeg)
add_library(fer::ffmpeg ALIAS fer_ffmpeg)

add_library(fer_pangocairo INTERFACE)
target_link_libraries(fer_pangocairo INTERFACE PkgConfig::pangocairo)
add_library(fer::pangocairo ALIAS fer_pangocairo)

if(NOT FER_LIBTORCH)
  return()
endif()
message(STATUS "LibTorch ${Torch_VERSION} (${TORCH_INSTALL_PREFIX})")

# LibTorch ships its own, newer fmt beside its headers, and the distribution's spdlog does not compile against it.
# A system include folder that holds nothing but a link to the distribution's fmt, placed before LibTorch's, settles it.
get_target_property(fer_fmt_include fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/fmt-first)
file(CREATE_LINK ${fer_fmt_include}/fmt ${PROJECT_BINARY_DIR}/fmt-first/fmt SYMBOLIC)
# OpenMP: the bodies of at::parallel_for lie in LibTorch's headers.
add_library(fer_torch INTERFACE)
target_include_directories(fer_torch SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/fmt-first ${TORCH_INCLUDE_DIRS})
target_link_libraries(fer_torch INTERFACE ${TORCH_LIBRARIES} Threads::Threads $<TARGET_NAME_IF_EXISTS:OpenMP::OpenMP_CXX>)
add_library(fer::torch ALIAS fer_torch)

# The messages of ONNX files alone. LibTorch holds another copy of them, under other names, and another protobuf: its
# symbols it keeps to itself, but its headers must not be where these are compiled.
find_path(fer_onnx_include onnx/onnx_pb.h)
find_library(fer_onnx_library onnx_proto)
find_library(fer_protobuf_library protobuf)
if(NOT fer_onnx_include OR NOT fer_onnx_library OR NOT fer_protobuf_library)
  message(FATAL_ERROR "ONNX was not found: ${fer_hint}")
endif()
add_library(fer_onnx_messages INTERFACE)
target_include_directories(fer_onnx_messages SYSTEM INTERFACE ${fer_onnx_include})
target_compile_definitions(fer_onnx_messages INTERFACE ONNX_NAMESPACE=onnx ONNX_ML=1)
target_link_libraries(fer_onnx_messages INTERFACE ${fer_onnx_library} ${fer_protobuf_library})
add_library(fer::onnx_messages ALIAS fer_onnx_messages)
