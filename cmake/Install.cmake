# What `cmake --install` leaves. Component runtime: programs, models, manual pages, completions, documents. Component
# development: the rooms' libraries and headers, for find_package(fer), and an example of their use.
include(CMakePackageConfigHelpers)

install(TARGETS ${programs} RUNTIME_DEPENDENCY_SET fer_libraries RUNTIME DESTINATION bin COMPONENT runtime)

# Programs look for the models there, from where they are themselves: see core/shipped_models.
if(FER_LIBTORCH)
  install(DIRECTORY data/models/ DESTINATION share/fer/models COMPONENT runtime)
endif()

# The programs write their manual pages and completions themselves, from the options they have.
set(pages ${PROJECT_BINARY_DIR}/pages)
install(CODE "set(pages \"${pages}\")\nset(programs ${programs})\nset(bin \"${PROJECT_BINARY_DIR}/bin\")
set(emulator \"${CMAKE_CROSSCOMPILING_EMULATOR}\")" COMPONENT runtime)
install(SCRIPT cmake/write_pages.cmake COMPONENT runtime)
install(DIRECTORY ${pages}/ DESTINATION share COMPONENT runtime)

set(documents share/doc/fer)
if(NOT FER_LIBTORCH)
  set(documents share/doc/fer-infer)
endif()
install(DIRECTORY docs/ DESTINATION ${documents}/docs COMPONENT runtime)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${documents} COMPONENT runtime OPTIONAL)
install(DIRECTORY configs/ DESTINATION share/fer/configs COMPONENT runtime)

set(package lib/cmake/fer)
get_property(rooms GLOBAL PROPERTY fer_rooms)
list(REMOVE_ITEM rooms app)
foreach(room IN LISTS rooms)
  install(TARGETS fer_${room} EXPORT ferTargets ARCHIVE DESTINATION lib COMPONENT development)
  install(DIRECTORY include/fer/${room} DESTINATION include/fer COMPONENT development)
endforeach()
install(EXPORT ferTargets NAMESPACE fer:: DESTINATION ${package} COMPONENT development)
configure_package_config_file(cmake/ferConfig.cmake.in ${PROJECT_BINARY_DIR}/ferConfig.cmake INSTALL_DESTINATION ${package}
                              NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ferConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ferConfig.cmake ${PROJECT_BINARY_DIR}/ferConfigVersion.cmake DESTINATION ${package}
        COMPONENT development)
install(FILES cmake/Dependencies.cmake DESTINATION ${package} RENAME ferDependencies.cmake COMPONENT development)
if(FER_LIBTORCH)
  install(DIRECTORY examples/ DESTINATION share/fer/examples COMPONENT development)
endif()
