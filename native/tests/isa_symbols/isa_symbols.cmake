# Fails when objects compiled for one instruction set define weak symbols that other objects could
# define too. The linker keeps any one copy of a weak symbol (an inline function, a template): were
# it the copy with AVX-512 instructions, a processor without them would crash in shared code.
#
#   cmake -DNM=nm -DNAMESPACE=groklab::cpu::avx512 -DOBJECTS=a.o,b.o -P isa_symbols.cmake
#
# A weak symbol that names the instruction set's own namespace cannot be another's.
cmake_minimum_required(VERSION 3.20)

string(REPLACE "," ";" OBJECTS "${OBJECTS}")
if(NOT OBJECTS)
  message(FATAL_ERROR "no objects for ${NAMESPACE}")
endif()

set(faults "")
set(own 0)
foreach(object IN LISTS OBJECTS)
  execute_process(COMMAND "${NM}" -C --defined-only "${object}"
    OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE ";" "," symbols "${symbols}")
  string(REGEX REPLACE "[][]" "|" symbols "${symbols}") # brackets would join CMake's list elements
  string(REPLACE "\n" ";" symbols "${symbols}")
  foreach(symbol IN LISTS symbols)
    if(symbol MATCHES "${NAMESPACE}::")
      math(EXPR own "${own} + 1")
    elseif(symbol MATCHES "^[0-9a-fA-F]* [VvWwu] ([^\n]*)")
      cmake_path(GET object FILENAME name)
      string(APPEND faults "\n  ${name}: ${CMAKE_MATCH_1}")
    endif()
  endforeach()
endforeach()

if(faults)
  message(FATAL_ERROR "weak symbols outside of ${NAMESPACE}:${faults}\n")
endif()
if(own EQUAL 0)
  message(FATAL_ERROR "no symbol of ${NAMESPACE} in ${OBJECTS}: wrong objects?")
endif()
message(STATUS "${own} symbols of ${NAMESPACE}, no foreign weak ones")
