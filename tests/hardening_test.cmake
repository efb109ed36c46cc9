# Holds the built PROGRAM against cmake/Hardening.cmake, by what readelf says of it.
execute_process(COMMAND readelf --wide --headers --dynamic --dyn-syms ${PROGRAM} OUTPUT_VARIABLE facts
                COMMAND_ERROR_IS_FATAL ANY)

function(expect what pattern)
  if(NOT facts MATCHES "${pattern}")
    message(SEND_ERROR "${PROGRAM}: ${what}")
  endif()
endfunction()

expect("is not position-independent" "Type: +DYN .*[(]FLAGS_1[)][^\n]* PIE")
expect("does not bind its symbols at start" "[(]FLAGS_1[)][^\n]* NOW|[(]BIND_NOW[)]")
expect("has no read-only relocations" "GNU_RELRO")
expect("has an executable stack" "GNU_STACK( +0x[0-9a-f]+)+ RW ")
expect("has no stack protection" "__stack_chk_fail")
expect("has no checked library calls" "__(memcpy|snprintf|read|memmove)_chk")
