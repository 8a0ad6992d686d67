# Finds NVIDIA's libraries for GPUs that the CUDA Toolkit may lack: components cublasLt and cudnn.
#
# They are looked for in the toolkit, then in Python wheels (nvidia-cublas, nvidia-cudnn-cu13): in
# the virtual environment GROKLAB_CUDA_WHEELS, then where the python3 at hand has them.
# Gives the targets CudaLibraries::cublasLt and CudaLibraries::cudnn, the variables
# CudaLibraries_<component>_FOUND, …_LIBRARY and …_INCLUDE_DIR, and GROKLAB_CUBLAS_INCLUDE_DIR and
# GROKLAB_CUDNN_INCLUDE_DIR.

set(CudaLibraries_cublasLt_header cublasLt.h)
set(CudaLibraries_cublasLt_library libcublasLt.so.13)
set(CudaLibraries_cudnn_header cudnn_graph.h)
set(CudaLibraries_cudnn_library libcudnn.so.9)

# Folders named nvidia, in which wheels put their files.
file(GLOB wheel_roots "${GROKLAB_CUDA_WHEELS}/lib/python*/site-packages/nvidia")
find_program(GROKLAB_PYTHON NAMES python3)
mark_as_advanced(GROKLAB_PYTHON)
if(GROKLAB_PYTHON)
  execute_process(
    COMMAND ${GROKLAB_PYTHON} -c "import nvidia; print(*nvidia.__path__, sep=';')"
    OUTPUT_VARIABLE python_roots OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  list(APPEND wheel_roots ${python_roots})
endif()

foreach(component IN LISTS CudaLibraries_FIND_COMPONENTS)
  set(include_hints ${CUDAToolkit_INCLUDE_DIRS})
  set(library_hints ${CUDAToolkit_LIBRARY_DIR})
  foreach(root IN LISTS wheel_roots)
    foreach(package cu13 cudnn)
      list(APPEND include_hints "${root}/${package}/include")
      list(APPEND library_hints "${root}/${package}/lib")
    endforeach()
  endforeach()
  # Not cached: wheels come and go without a change of the cache.
  find_path(CudaLibraries_${component}_INCLUDE_DIR ${CudaLibraries_${component}_header}
    HINTS ${include_hints} NO_CACHE)
  find_library(CudaLibraries_${component}_LIBRARY ${CudaLibraries_${component}_library}
    HINTS ${library_hints} NO_CACHE)
  if(CudaLibraries_${component}_INCLUDE_DIR AND CudaLibraries_${component}_LIBRARY)
    set(CudaLibraries_${component}_FOUND TRUE)
    if(NOT TARGET CudaLibraries::${component})
      add_library(CudaLibraries::${component} SHARED IMPORTED)
      set_target_properties(CudaLibraries::${component} PROPERTIES
        IMPORTED_LOCATION ${CudaLibraries_${component}_LIBRARY}
        IMPORTED_SONAME ${CudaLibraries_${component}_library}
        INTERFACE_INCLUDE_DIRECTORIES ${CudaLibraries_${component}_INCLUDE_DIR})
    endif()
  endif()
endforeach()
if(CudaLibraries_cublasLt_FOUND)
  set(GROKLAB_CUBLAS_INCLUDE_DIR ${CudaLibraries_cublasLt_INCLUDE_DIR})
endif()
if(CudaLibraries_cudnn_FOUND)
  set(GROKLAB_CUDNN_INCLUDE_DIR ${CudaLibraries_cudnn_INCLUDE_DIR})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CudaLibraries HANDLE_COMPONENTS)
