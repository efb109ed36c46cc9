# Everything the libraries build on, as imported targets. Read here, and installed with them for those who use them.
# LibTorch: one the user names (Torch_DIR, CMAKE_PREFIX_PATH) wins over the one tools/setup.sh installed.
if(TARGET fer::opencv)
  return()
endif()

# Ends the configuration; or of find_package(fer), which may be optional, only that.
macro(fer_missing what)
  if(CMAKE_FIND_PACKAGE_NAME STREQUAL "fer")
    set(fer_NOT_FOUND_MESSAGE "${what}, which it is built on, was not found")
    return()
  endif()
  message(FATAL_ERROR "${what} was not found: run tools/setup.sh, which installs every dependency")
endmacro()

macro(fer_find)
  foreach(package IN ITEMS ${ARGN})
    find_package(${package} QUIET)
    if(NOT ${package}_FOUND)
      fer_missing(${package})
    endif()
  endforeach()
endmacro()

# fer_find_pkg(NAME MODULE...): what pkg-config knows, as fer::NAME.
macro(fer_find_pkg name)
  pkg_check_modules(fer_${name} QUIET IMPORTED_TARGET ${ARGN})
  if(NOT fer_${name}_FOUND)
    fer_missing(${name})
  endif()
  add_library(fer::${name} INTERFACE IMPORTED)
  target_link_libraries(fer::${name} INTERFACE PkgConfig::fer_${name})
endmacro()

fer_find(Threads fmt nlohmann_json OpenSSL TBB pugixml PkgConfig)
find_package(OpenCV QUIET COMPONENTS core imgproc imgcodecs dnn objdetect video videoio)
if(NOT OpenCV_FOUND)
  fer_missing(OpenCV)
endif()
fer_find_pkg(pcre2 libpcre2-8)
fer_find_pkg(ffmpeg libavformat libavcodec libavutil libswscale libswresample)
fer_find_pkg(pangocairo pangocairo)

add_library(fer::opencv INTERFACE IMPORTED)
target_link_libraries(fer::opencv INTERFACE ${OpenCV_LIBS})
target_include_directories(fer::opencv SYSTEM INTERFACE ${OpenCV_INCLUDE_DIRS})

if(NOT FER_LIBTORCH)
  return()
endif()
if(DEFINED ENV{XDG_CACHE_HOME})
  list(APPEND CMAKE_PREFIX_PATH "$ENV{XDG_CACHE_HOME}/fer/libtorch-2.13.0/torch")
else()
  list(APPEND CMAKE_PREFIX_PATH "$ENV{HOME}/.cache/fer/libtorch-2.13.0/torch")
endif()
fer_find(yaml-cpp ZLIB Torch)
if(NOT FER_FUZZ AND NOT FER_SANITIZE)  # of Clang, which may have none
  fer_find(OpenMP)
endif()

# LibTorch ships its own, newer fmt beside its headers, and the distribution's spdlog does not compile against it.
# A system include folder that holds nothing but a link to the distribution's fmt, placed before LibTorch's, settles it.
get_target_property(fer_fmt_include fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/fmt-first)
file(CREATE_LINK ${fer_fmt_include}/fmt ${PROJECT_BINARY_DIR}/fmt-first/fmt SYMBOLIC)
# OpenMP: the bodies of at::parallel_for lie in LibTorch's headers.
add_library(fer::torch INTERFACE IMPORTED)
target_include_directories(fer::torch SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/fmt-first ${TORCH_INCLUDE_DIRS})
target_link_libraries(fer::torch INTERFACE ${TORCH_LIBRARIES} Threads::Threads)
target_compile_options(fer::torch INTERFACE ${OpenMP_CXX_FLAGS})
target_link_options(fer::torch INTERFACE ${OpenMP_CXX_FLAGS})

# The messages of ONNX files alone. LibTorch holds another copy of them, under other names, and another protobuf: its
# symbols it keeps to itself, but its headers must not be where these are compiled.
find_path(fer_onnx_include onnx/onnx_pb.h)
find_library(fer_onnx_library onnx_proto)
find_library(fer_protobuf_library protobuf)
if(NOT fer_onnx_include OR NOT fer_onnx_library OR NOT fer_protobuf_library)
  fer_missing(ONNX)
endif()
add_library(fer::onnx_messages INTERFACE IMPORTED)
target_include_directories(fer::onnx_messages SYSTEM INTERFACE ${fer_onnx_include})
target_compile_definitions(fer::onnx_messages INTERFACE ONNX_NAMESPACE=onnx ONNX_ML=1)
target_link_libraries(fer::onnx_messages INTERFACE ${fer_onnx_library} ${fer_protobuf_library})
