// Shared ownership within one thread: a pointer that counts without atomics. The object has ref() and
// unref(), and deletes itself when the last Ref is gone.
#pragma once

#include <cstdint>
#include <utility>

namespace linkspan::upstream {

template <typename T>
class Ref {
 public:
  Ref() = default;
  explicit Ref(T* object) : object_(object) {
    if (object_ != nullptr) object_->ref();
  }
  Ref(const Ref& other) : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr) object_->unref();
  }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

// Base of T: the count.
template <typename T>
class RefCounted {
 public:
  void ref() { ++references_; }
  void unref() {
    if (--references_ == 0) delete static_cast<T*>(this);
  }

 protected:
  RefCounted() = default;
  ~RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

 private:
  std::uint32_t references_ = 0;
};

}  // namespace linkspan::upstream
