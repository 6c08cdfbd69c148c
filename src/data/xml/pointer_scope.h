// Keeps the JSON Pointer of the place where a walk is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "data/json_pointer.h"

namespace linkspan::data::xml {

// Adds a token as long as it lives. Errors are made within.
class PointerScope {
 public:
  PointerScope(std::string& pointer, std::string_view token) : pointer_(pointer), size_(pointer.size()) {
    append_pointer_token(pointer, token);
  }
  PointerScope(std::string& pointer, std::size_t index) : pointer_(pointer), size_(pointer.size()) {
    append_pointer_token(pointer, index);
  }
  PointerScope(const PointerScope&) = delete;
  PointerScope& operator=(const PointerScope&) = delete;
  ~PointerScope() { pointer_.resize(size_); }

 private:
  std::string& pointer_;
  std::size_t size_;
};

}  // namespace linkspan::data::xml
