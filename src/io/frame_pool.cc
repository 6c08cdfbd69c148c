#include "io/frame_pool.h"

#include <array>
#include <new>

#include "base/sanitizer.h"

namespace linkspan::io {

namespace {

constexpr std::size_t kStep = 128;    // size classes in bytes
constexpr std::size_t kClasses = 32;  // frames up to 4 KiB are kept
constexpr std::size_t kMaxKeptPerClass = 256;
#if LINKSPAN_ASAN
constexpr bool kRecycle = false;  // so that use after free shows
#else
constexpr bool kRecycle = true;
#endif

struct FreeFrame {
  FreeFrame* next;
};

struct Class {
  FreeFrame* head;
  std::size_t
      room;  // how many more may be kept; none before the thread makes its first frame, nor after it ended
};

// Without constructor or destructor, so that reaching it is one instruction.
constinit thread_local std::array<Class, kClasses> classes{};

// Opens the thread's pool, and empties it when the thread ends.
struct Keeper {
  Keeper() {
    for (Class& c : classes) c.room = kMaxKeptPerClass;
  }
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper() {
    for (Class& c : classes) {
      c.room = 0;
      while (c.head != nullptr) {
        FreeFrame* frame = c.head;
        c.head = frame->next;
        ::operator delete(frame);
      }
    }
  }
};

void* allocate_new(std::size_t bytes) {
  if constexpr (kRecycle) static thread_local Keeper keeper;
  return ::operator new(bytes);
}

}  // namespace

void* allocate_frame(std::size_t bytes) {
  const std::size_t index = (bytes - 1) / kStep;
  if (index >= kClasses) return ::operator new(bytes);
  Class& c = classes[index];
  if (c.head == nullptr) return allocate_new((index + 1) * kStep);
  FreeFrame* frame = c.head;
  c.head = frame->next;
  ++c.room;
  return frame;
}

void free_frame(void* frame, std::size_t bytes) noexcept {
  const std::size_t index = (bytes - 1) / kStep;
  if (index >= kClasses || classes[index].room == 0) {
    ::operator delete(frame);
    return;
  }
  Class& c = classes[index];
  auto* free = static_cast<FreeFrame*>(frame);
  free->next = c.head;
  c.head = free;
  --c.room;
}

}  // namespace linkspan::io
