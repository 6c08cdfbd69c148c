// Places where a test may end the process at once, as kill -9 or a power cut would.
//
//   LINKSPAN_FAULT_POINT("store:after-sync");
//
// Compiled to nothing unless LINKSPAN_FAULTS is defined (CMake option of that name, on in the sanitizer
// presets, never in a release). Then LINKSPAN_FAULT="NAME:N" in the environment makes the process _exit(137)
// when it reaches the point NAME for the N-th time, counted from 1, and LINKSPAN_FAULT_LOG=FILE appends a
// line with the name of each point that is reached, so that a test can count them first. Any thread.
#pragma once

#ifdef LINKSPAN_FAULTS

namespace linkspan {
void fault_point_reached(const char* name);
// The environment is read when the first point is reached; a test that has forked since then asks for it
// anew.
void read_fault_environment();
}  // namespace linkspan

#define LINKSPAN_FAULT_POINT(name) ::linkspan::fault_point_reached(name)

#else

#define LINKSPAN_FAULT_POINT(name) static_cast<void>(0)

#endif
