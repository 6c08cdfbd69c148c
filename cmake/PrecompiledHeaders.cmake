# Headers that nearly every file needs, parsed once: what of the standard library costs most, and for tests the test
# framework too. They only save time: every file still includes what it uses (the debug, fuzz and lint builds go
# without, by CMAKE_DISABLE_PRECOMPILE_HEADERS).
set(LINKSPAN_STD_HEADERS <algorithm> <chrono> <functional> <map> <memory> <optional> <span> <string> <vector>)

function(linkspan_precompile_for target headers)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    return()
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_compile_options(${target} PRIVATE -fpch-preprocess) # lets ccache see into them
  endif()
  get_property(first GLOBAL PROPERTY LINKSPAN_PCH_${headers})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  elseif(headers STREQUAL "tests")
    target_precompile_headers(${target} PRIVATE ${LINKSPAN_STD_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
  else()
    target_precompile_headers(${target} PRIVATE ${LINKSPAN_STD_HEADERS})
  endif()
  if(NOT first)
    set_property(GLOBAL PROPERTY LINKSPAN_PCH_${headers} ${target})
  endif()
endfunction()

# For the product's own code.
function(linkspan_precompile target)
  linkspan_precompile_for(${target} std)
endfunction()

# For a test binary. What is under test is optimised as it ships; the tests themselves build in little more than half
# the time without.
function(linkspan_test_options target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O0>)
  linkspan_precompile_for(${target} tests)
endfunction()
