# A copy of the plugin that finds no libraries by itself, and links to those that it may find.
#
#   cmake -DPLUGIN=FILE -DLIBRARIES=FILE,FILE... -DFOLDER=FOLDER -P bare_plugin.cmake
cmake_minimum_required(VERSION 3.20)

file(MAKE_DIRECTORY ${FOLDER})
file(COPY_FILE ${PLUGIN} ${FOLDER}/libgroklab_cuda.so)
file(RPATH_REMOVE FILE ${FOLDER}/libgroklab_cuda.so)
string(REPLACE "," ";" libraries "${LIBRARIES}")
foreach(library IN LISTS libraries)
  get_filename_component(name ${library} NAME)
  file(CREATE_LINK ${library} ${FOLDER}/${name} SYMBOLIC)
endforeach()
