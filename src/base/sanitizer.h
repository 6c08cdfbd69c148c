// Which sanitizer this is built with: GCC and clang say so in different ways. LINKSPAN_ASAN and LINKSPAN_TSAN
// are 1 or 0.
#pragma once

#if defined(__has_feature)
#define LINKSPAN_HAS_FEATURE(name) __has_feature(name)
#else
#define LINKSPAN_HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || LINKSPAN_HAS_FEATURE(address_sanitizer)
#define LINKSPAN_ASAN 1
#else
#define LINKSPAN_ASAN 0
#endif

#if defined(__SANITIZE_THREAD__) || LINKSPAN_HAS_FEATURE(thread_sanitizer)
#define LINKSPAN_TSAN 1
#else
#define LINKSPAN_TSAN 0
#endif
