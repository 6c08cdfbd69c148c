# A room of the house: src/NAME as the static library linkspan_NAME, linked only to the rooms and
# libraries it may use, and (with LINKSPAN_TESTS) NAME_test from the *_test.cc files beside the code.
#
#   linkspan_room(NAME [CONTROL] [ROOMS room...] [LIBS target...])
#
# CONTROL: no request passes through it (PrecompiledHeaders.cmake).
function(linkspan_room name)
  cmake_parse_arguments(ARG "CONTROL" "" "ROOMS;LIBS" ${ARGN})
  set(control "")
  if(ARG_CONTROL)
    set(control CONTROL)
  endif()
  set(dir ${CMAKE_SOURCE_DIR}/src/${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$|/main\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(sources)
    add_library(linkspan_${name} STATIC ${sources})
    linkspan_precompile(linkspan_${name} ${control})
    set(scope PUBLIC)
  else()
    add_library(linkspan_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(linkspan_${name} ${scope} ${CMAKE_SOURCE_DIR}/src)
  foreach(room ${ARG_ROOMS})
    target_link_libraries(linkspan_${name} ${scope} linkspan_${room})
  endforeach()
  target_link_libraries(linkspan_${name} ${scope} ${ARG_LIBS} Threads::Threads)
  if(tests)
    set_property(GLOBAL APPEND PROPERTY LINKSPAN_TESTED_ROOMS ${name})
    set_property(GLOBAL PROPERTY LINKSPAN_TESTS_OF_${name} ${tests})
  endif()
endfunction()

# Builds the text of FILE (a path from the top directory) into TARGET as `std::string_view FUNCTION()`.
function(linkspan_embed_text target file function)
  string(MAKE_C_IDENTIFIER ${file} identifier)
  set(source ${CMAKE_BINARY_DIR}/generated/${identifier}.cc)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DIN=${CMAKE_SOURCE_DIR}/${file} -DOUT=${source} -DFUNCTION=${function}
            -P ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake
    DEPENDS ${CMAKE_SOURCE_DIR}/${file} ${CMAKE_SOURCE_DIR}/cmake/EmbedText.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()

# Makes one test binary a room. Called from the top directory, after all rooms are known.
function(linkspan_collect_tests)
  get_property(rooms GLOBAL PROPERTY LINKSPAN_TESTED_ROOMS)
  foreach(room ${rooms})
    get_property(tests GLOBAL PROPERTY LINKSPAN_TESTS_OF_${room})
    add_executable(${room}_test ${tests})
    target_link_libraries(${room}_test PRIVATE linkspan_${room} GTest::gmock GTest::gtest GTest::gtest_main)
    target_compile_definitions(${room}_test PRIVATE LINKSPAN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    linkspan_test_options(${room}_test)
    add_test(NAME ${room} COMMAND ${room}_test)
  endforeach()
endfunction()
