# Run by cpack on the files of a package, to have what Debian's policy wants: manual pages and the changelog compressed,
# and the licence in a file named copyright.
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
file(GLOB_RECURSE pages ${root}/fer-*.1)
foreach(page IN LISTS pages)
  execute_process(COMMAND gzip -9n ${page} COMMAND_ERROR_IS_FATAL ANY)
endforeach()

# rename_document(FROM TO): in share/doc/fer, if it is there.
function(rename_document from to)
  file(GLOB_RECURSE found ${root}/${from})
  foreach(document IN LISTS found)
    cmake_path(GET document PARENT_PATH folder)
    file(RENAME ${document} ${folder}/${to})
  endforeach()
endfunction()
rename_document(LICENSE copyright)
rename_document(CHANGELOG.md changelog)
file(GLOB_RECURSE changelogs ${root}/changelog)
foreach(changelog IN LISTS changelogs)
  execute_process(COMMAND gzip -9n ${changelog} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
