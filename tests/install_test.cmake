# Installs BUILD into PREFIX and reads a drawn video from there with the model in the box. While the checkout has no
# model a file that is none stands in: the error must then name it, which shows where the program looked.
file(REMOVE_RECURSE ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

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
