# Decides whether libgroklab_cuda is built, and enables the CUDA language if so.
#
# Sets GROKLAB_CUDA_NOT_BUILT to the reason why it is not built, which the library repeats to its
# users; empty if it is. GROKLAB_CUDA_MISSING is what is missing: nvcc, cublasLt or nothing.
# GROKLAB_CUDNN_MISSING is cudnn if the plugin is built, but without cuDNN, else empty.
# GROKLAB_CUDA_PTX is true if the plugin has PTX.

set(GROKLAB_CUDA AUTO CACHE STRING "Build the CUDA plugin: AUTO (if nvcc is here), ON or OFF")
set_property(CACHE GROKLAB_CUDA PROPERTY STRINGS AUTO ON OFF)
if(NOT GROKLAB_CUDA MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "GROKLAB_CUDA is \"${GROKLAB_CUDA}\"; allowed are AUTO, ON and OFF")
endif()
set(GROKLAB_CUDA_WHEELS ${PROJECT_SOURCE_DIR}/build/cuda-wheels CACHE PATH
  "A Python virtual environment that has NVIDIA's libraries, where the CUDA Toolkit lacks them")
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})

# Machine code for every generation from Turing on, and PTX for those to come. Compute capabilities
# 8.6 and 8.9 run that of 8.0.
set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 90-real 100-real 120
  CACHE STRING "GPU architectures that the CUDA plugin has code for")

set(GROKLAB_CUDA_NOT_BUILT "")
set(missing "")
if(GROKLAB_CUDA STREQUAL OFF)
  set(GROKLAB_CUDA_NOT_BUILT "GROKLAB_CUDA was OFF")
else()
  find_package(CUDAToolkit QUIET)
  if(CUDAToolkit_NVCC_EXECUTABLE AND NOT DEFINED ENV{CUDACXX})
    set(ENV{CUDACXX} ${CUDAToolkit_NVCC_EXECUTABLE})
  endif()
  if(NOT DEFINED ENV{CUDAHOSTCXX})
    set(ENV{CUDAHOSTCXX} ${CMAKE_CXX_COMPILER}) # C++ objects cross the plugin's border.
  endif()
  if(NOT CMAKE_CUDA_COMPILER)
    unset(CMAKE_CUDA_COMPILER CACHE) # An earlier search may have been in vain, and this one not.
  endif()
  include(CheckLanguage)
  if(CUDAToolkit_NVCC_EXECUTABLE)
    check_language(CUDA)
  endif()

  if(NOT CUDAToolkit_NVCC_EXECUTABLE)
    set(missing nvcc)
    set(GROKLAB_CUDA_NOT_BUILT "no CUDA compiler (nvcc) was found")
  elseif(NOT CUDAToolkit_VERSION MATCHES "^13\\.")
    set(missing nvcc)
    set(GROKLAB_CUDA_NOT_BUILT
      "nvcc 13 is needed, and nvcc ${CUDAToolkit_VERSION} was found")
  elseif(NOT CMAKE_CUDA_COMPILER)
    set(missing nvcc)
    set(GROKLAB_CUDA_NOT_BUILT
      "nvcc ${CUDAToolkit_VERSION} was found, but does not work")
  else()
    find_package(CudaLibraries QUIET COMPONENTS cublasLt OPTIONAL_COMPONENTS cudnn)
    if(NOT CudaLibraries_cublasLt_FOUND)
      set(missing cublasLt)
      set(GROKLAB_CUDA_NOT_BUILT "nvcc was found, but cuBLASLt was not")
    endif()
  endif()
endif()
set(GROKLAB_CUDA_MISSING "${missing}" CACHE INTERNAL "What the CUDA plugin lacks here")
set(missing_cudnn "")
if(NOT GROKLAB_CUDA_NOT_BUILT AND NOT CudaLibraries_cudnn_FOUND)
  set(missing_cudnn cudnn)
endif()
set(GROKLAB_CUDNN_MISSING "${missing_cudnn}" CACHE INTERNAL "Whether the CUDA plugin lacks cuDNN")

if(NOT GROKLAB_CUDA_NOT_BUILT)
  enable_language(CUDA)
  if(NOT DEFINED CMAKE_CUDA20_STANDARD_COMPILE_OPTION) # CMake 3.25 does not know it.
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
  endif()
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  set(CMAKE_CUDA_EXTENSIONS OFF)
  set(CMAKE_CUDA_VISIBILITY_PRESET hidden)
  # What the tests' GPU emulator runs.
  string(REGEX MATCH "(^|;)([0-9]+(-virtual)?|all|all-major)(;|$)" GROKLAB_CUDA_PTX
    "${CMAKE_CUDA_ARCHITECTURES}")
  message(STATUS "CUDA plugin: built with nvcc ${CUDAToolkit_VERSION} and"
    " ${CudaLibraries_cublasLt_LIBRARY} for ${CMAKE_CUDA_ARCHITECTURES}")
  if(GROKLAB_CUDNN_MISSING)
    message(STATUS "  without cuDNN: convolutions by kernels of its own. cuDNN 9 for CUDA 13 is in"
      " NVIDIA's packages, or:"
      " python3 -m venv ${GROKLAB_CUDA_WHEELS} && ${GROKLAB_CUDA_WHEELS}/bin/pip install --no-deps nvidia-cudnn-cu13")
  else()
    message(STATUS "  with cuDNN: ${CudaLibraries_cudnn_LIBRARY}")
  endif()
  if(NOT GROKLAB_CUDA_PTX)
    message(STATUS "  no PTX for the GPU emulator, so what it would test is left out")
  endif()
elseif(GROKLAB_CUDA STREQUAL ON)
  message(FATAL_ERROR
    "GROKLAB_CUDA is ON, but the plugin cannot be built:\n${GROKLAB_CUDA_NOT_BUILT}")
else()
  message(STATUS "CUDA plugin: not built, since ${GROKLAB_CUDA_NOT_BUILT}")
  if(missing STREQUAL cublasLt)
    message(STATUS "  cuBLASLt is in the CUDA Toolkit, or:"
      " python3 -m venv ${GROKLAB_CUDA_WHEELS} && ${GROKLAB_CUDA_WHEELS}/bin/pip install --no-deps 'nvidia-cublas>=13,<14'")
  endif()
  file(REMOVE ${CMAKE_BINARY_DIR}/libgroklab_cuda.so) # of a build that had it
endif()
