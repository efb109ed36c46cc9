# What makes a mistake in optimised code end the program instead of giving it to whoever wrote the file it reads.
# Held against the built program by tests/hardening_test.cmake; what it costs: docs/installing.md.
option(FER_HARDENING "Harden Release and RelWithDebInfo builds" ON)
if(NOT FER_HARDENING OR FER_SANITIZE OR NOT CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo)$")
  return()
endif()

set(FER_HARDENED ON)
set(level 3)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
  set(level 2)  # for more the C library's headers warn
endif()
add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=${level} -D_GLIBCXX_ASSERTIONS -fstack-protector-strong
                    -fstack-clash-protection -fPIE)
add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie> -Wl,-z,relro,-z,now -Wl,-z,noexecstack)

# Marks where jumps may land, for processors and kernels that check it; x86 only.
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-fcf-protection FER_HAS_CF_PROTECTION)
if(FER_HAS_CF_PROTECTION)
  add_compile_options(-fcf-protection)
endif()
