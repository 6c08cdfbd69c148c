// Recycles coroutine frames, so that starting a coroutine on the request path allocates nothing once a thread
// is warm. One pool per thread, reached through a thread_local because operator new of a promise has no other
// way to its context. Frames must be freed by the thread that made them, which holds as coroutines never
// leave their loop.
#pragma once

#include <cstddef>

namespace linkspan::io {

void* allocate_frame(std::size_t bytes);
void free_frame(void* frame, std::size_t bytes) noexcept;

}  // namespace linkspan::io
