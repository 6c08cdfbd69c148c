#include "io/frame_pool.h"

#include <array>
#include <new>

namespace linkspan::io {

namespace {

constexpr std::size_t kStep = 128;    // size classes in bytes
constexpr std::size_t kClasses = 32;  // frames up to 4 KiB are kept
constexpr std::size_t kMaxKeptPerClass = 256;
#ifdef __SANITIZE_ADDRESS__
constexpr bool kRecycle = false;  // so that use after free shows
#else
constexpr bool kRecycle = true;
#endif

struct FreeFrame {
  FreeFrame* next;
};

struct Pool {
  struct Class {
    FreeFrame* head = nullptr;
    std::size_t count = 0;
  };
  std::array<Class, kClasses> classes;

  ~Pool() {
    for (Class& c : classes) {
      while (c.head != nullptr) {
        FreeFrame* frame = c.head;
        c.head = frame->next;
        ::operator delete(frame);
      }
    }
  }
};

thread_local Pool pool;

}  // namespace

void* allocate_frame(std::size_t bytes) {
  const std::size_t index = (bytes - 1) / kStep;
  if (index >= kClasses || !kRecycle) return ::operator new(bytes);
  Pool::Class& c = pool.classes[index];
  if (c.head == nullptr) return ::operator new((index + 1) * kStep);
  FreeFrame* frame = c.head;
  c.head = frame->next;
  --c.count;
  return frame;
}

void free_frame(void* frame, std::size_t bytes) noexcept {
  const std::size_t index = (bytes - 1) / kStep;
  if (index >= kClasses || !kRecycle || pool.classes[index].count >= kMaxKeptPerClass) {
    ::operator delete(frame);
    return;
  }
  Pool::Class& c = pool.classes[index];
  auto* free = static_cast<FreeFrame*>(frame);
  free->next = c.head;
  c.head = free;
  ++c.count;
}

}  // namespace linkspan::io
