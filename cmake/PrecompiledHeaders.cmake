# Headers that nearly every file needs, parsed once: what of the standard library costs most, and for tests the test
# framework too. They only save time: every file still includes what it uses (the debug and lint builds go
# without, by CMAKE_DISABLE_PRECOMPILE_HEADERS).
set(LINKSPAN_STD_HEADERS <algorithm> <chrono> <functional> <map> <memory> <optional> <span> <string> <vector>)

# Compiles the headers for others to use. A target of its own, as GCC takes precompiled headers only where whatever was
# defined for them is defined too, and as nobody should have to build what else it holds.
function(linkspan_add_precompiled name)
  file(WRITE ${CMAKE_BINARY_DIR}/generated/${name}.cc "")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/generated/${name}.cc)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name} PRIVATE -fpch-preprocess) # lets ccache see into them
  endif()
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

function(linkspan_use_precompiled target name)
  get_target_property(type ${target} TYPE)
  if(CMAKE_DISABLE_PRECOMPILE_HEADERS OR type STREQUAL "INTERFACE_LIBRARY")
    return()
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${name})
endfunction()

# What tests themselves do without of the sanitizers: of what is under test nothing is left out, and they build in three
# quarters of the time.
set(LINKSPAN_TEST_FLAGS $<$<CONFIG:RelWithDebInfo,Sanitize>:-O0>)
if(LINKSPAN_SANITIZE MATCHES "undefined")
  list(APPEND LINKSPAN_TEST_FLAGS -fno-sanitize=undefined)
endif()
if(LINKSPAN_FUZZ)
  list(APPEND LINKSPAN_TEST_FLAGS -fno-sanitize=fuzzer-no-link)
endif()

linkspan_add_precompiled(linkspan_std_headers ${LINKSPAN_STD_HEADERS})
if(LINKSPAN_TESTS)
  linkspan_add_precompiled(linkspan_test_headers ${LINKSPAN_STD_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
  target_link_libraries(linkspan_test_headers PRIVATE GTest::gmock GTest::gtest)
  target_compile_options(linkspan_test_headers PRIVATE ${LINKSPAN_TEST_FLAGS})
endif()

# For the product's own code. CONTROL says that no request passes through it: the sanitized builds do not optimise it and
# have it in half the time.
function(linkspan_precompile target)
  cmake_parse_arguments(ARG "CONTROL" "" "" ${ARGN})
  if(ARG_CONTROL AND CMAKE_BUILD_TYPE STREQUAL "Sanitize")
    if(NOT TARGET linkspan_control_headers)
      linkspan_add_precompiled(linkspan_control_headers ${LINKSPAN_STD_HEADERS})
      target_compile_options(linkspan_control_headers PRIVATE -O0)
    endif()
    target_compile_options(${target} PRIVATE -O0)
    linkspan_use_precompiled(${target} linkspan_control_headers)
  else()
    linkspan_use_precompiled(${target} linkspan_std_headers)
  endif()
endfunction()

# For a test binary. What is under test is optimised; the tests themselves build in little more than half the time
# without.
function(linkspan_test_options target)
  target_compile_options(${target} PRIVATE ${LINKSPAN_TEST_FLAGS})
  linkspan_use_precompiled(${target} linkspan_test_headers)
endfunction()
