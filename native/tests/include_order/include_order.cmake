# Fails when an #include of the library points up, or sideways into a backend.
#
#   cmake -DSOURCE_DIR=native/src -P include_order.cmake
#
# Allowed order: abi, train, models, ops, core; a layer includes itself and those below. A backend
# (ops/cpu, ops/naive, ...) includes ops/, core/ and itself; only ops/backends.cpp and the ABI
# include a backend. Only the ABI includes groklab.h.
cmake_minimum_required(VERSION 3.20)

set(layers core ops models train abi) # from the bottom up
set(faults "")

file(GLOB_RECURSE files RELATIVE "${SOURCE_DIR}"
  "${SOURCE_DIR}/*.h" "${SOURCE_DIR}/*.cpp" "${SOURCE_DIR}/*.cu" "${SOURCE_DIR}/*.cuh")
if(NOT files)
  message(FATAL_ERROR "no sources in ${SOURCE_DIR}")
endif()

# The backend that a path belongs to, or nothing.
function(backend_of path result)
  set(${result} "" PARENT_SCOPE)
  if(path MATCHES "^ops/([^/]+)/")
    set(${result} "${CMAKE_MATCH_1}" PARENT_SCOPE)
  endif()
endfunction()

foreach(file IN LISTS files)
  string(REGEX MATCH "^[^/]+" layer "${file}")
  list(FIND layers "${layer}" height)
  backend_of("${file}" backend)
  file(STRINGS "${SOURCE_DIR}/${file}" includes REGEX "^[ \t]*#[ \t]*include")
  foreach(line IN LISTS includes)
    if(line MATCHES "groklab\\.h")
      if(NOT layer STREQUAL "abi")
        string(APPEND faults "\n  ${file} includes groklab.h, which only the ABI may")
      endif()
    elseif(line MATCHES "\"([^\"]+)\"")
      set(included "${CMAKE_MATCH_1}")
      string(REGEX MATCH "^[^/]+" included_layer "${included}")
      list(FIND layers "${included_layer}" included_height)
      backend_of("${included}" included_backend)
      if(height EQUAL -1 OR included_height EQUAL -1)
        string(APPEND faults "\n  ${file} includes ${included}: not of the form LAYER/...")
      elseif(included_height GREATER height)
        string(APPEND faults "\n  ${file} includes ${included}, which lies above it")
      elseif(included_backend AND NOT included_backend STREQUAL backend
             AND NOT layer STREQUAL "abi" AND NOT file STREQUAL "ops/backends.cpp")
        string(APPEND faults "\n  ${file} includes ${included}, the inside of a backend")
      elseif(NOT EXISTS "${SOURCE_DIR}/${included}")
        string(APPEND faults "\n  ${file} includes ${included}, which does not exist")
      endif()
    endif()
  endforeach()
endforeach()

list(LENGTH files count)
if(faults)
  message(FATAL_ERROR "includes that the design does not allow:${faults}\n")
endif()
message(STATUS "${count} files, all includes point down")
