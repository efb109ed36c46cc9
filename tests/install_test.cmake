# Installs BUILD into PREFIX, reads a drawn video from there with the model in the box, and builds and runs the
# installed example against the installed libraries. Has to be told what the build is of: BUILD_TYPE, COMPILER, SANITIZE.
file(REMOVE_RECURSE ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

# While the checkout has no model a file that is none stands in: the error must then name it, which shows where the
# program looked.
set(model ${PREFIX}/share/fer/models/fer-mobilenet_v2.safetensors)
set(expected 0)
if(NOT EXISTS ${model})
  file(WRITE ${model} "not a checkpoint")
  set(expected 3)
endif()

execute_process(
  COMMAND ${PREFIX}/bin/fer-data synth --subjects 2 --sessions 1 --angles S -q -o ${PREFIX}/faces
          --video ${PREFIX}/clip.mp4 --video-segments neutral --segment-seconds 1
  COMMAND_ERROR_IS_FATAL ANY)
unset(ENV{FER_MODELS})
execute_process(COMMAND ${PREFIX}/bin/fer-infer ${PREFIX}/clip.mp4 -o ${PREFIX}/results
                RESULT_VARIABLE code ERROR_VARIABLE log OUTPUT_VARIABLE table)
string(FIND "${log}" "${model}" place)
if(NOT code EQUAL expected OR place EQUAL -1)
  message(FATAL_ERROR "exit code ${code}, expected ${expected}, and ${model} in: ${log}")
endif()

# Ready layouts come along; this folder holds none of their images.
execute_process(COMMAND ${PREFIX}/bin/fer-data check ${PREFIX}/faces --kind datasets/jaffe.yaml --detectors none
                WORKING_DIRECTORY ${PREFIX} RESULT_VARIABLE code ERROR_VARIABLE log OUTPUT_QUIET)
if(log MATCHES "there is no layout file")
  message(FATAL_ERROR "exit code ${code}: ${log}")
endif()

foreach(page IN ITEMS man/man1/fer-train.1 bash-completion/completions/fer-eval zsh/site-functions/_fer-data
                      fish/vendor_completions.d/fer-infer.fish)
  if(NOT EXISTS ${PREFIX}/share/${page})
    message(FATAL_ERROR "share/${page} is missing")
  endif()
endforeach()

if(SANITIZE)
  set(flags -DCMAKE_CXX_FLAGS=-fsanitize=${SANITIZE})
endif()
set(example ${PREFIX}/share/fer/examples/classify_folder)
execute_process(COMMAND ${CMAKE_COMMAND} -S ${example} -B ${PREFIX}/example -G Ninja -DCMAKE_PREFIX_PATH=${PREFIX}
                        -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_CXX_COMPILER=${COMPILER} ${flags}
                OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${PREFIX}/example OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(GLOB person ${PREFIX}/faces/AF01)
execute_process(COMMAND ${PREFIX}/example/classify_folder ${model} ${person}
                RESULT_VARIABLE code OUTPUT_VARIABLE rows ERROR_VARIABLE log)
string(REGEX MATCHALL "AF01[A-Z]+\\.JPG\t(angry|disgust|fear|happy|sad|surprise|neutral)\t[01]" labelled "${rows}")
list(LENGTH labelled count)
if(expected EQUAL 0 AND NOT (code EQUAL 0 AND count EQUAL 7))
  message(FATAL_ERROR "the example: exit code ${code}, ${count} images, expected 7\n${rows}${log}")
endif()
