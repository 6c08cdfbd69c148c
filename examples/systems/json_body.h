// A JSON request body, read by JSON pointers (RFC 6901): body.integer("/lines/0/qty"). Pointers are constants
// or made of array indices, so their escapes do not matter here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace linkspan::systems {

class JsonBody {
 public:
  // Nothing if the text is no JSON.
  static std::optional<JsonBody> parse(std::string_view text);
  JsonBody(JsonBody&&) noexcept;
  ~JsonBody();

  bool is_object() const;
  bool has(std::string_view pointer) const;
  // Nothing if it is absent or of another type.
  std::optional<std::string> text(std::string_view pointer) const;
  std::optional<std::int64_t> integer(std::string_view pointer) const;
  std::optional<bool> boolean(std::string_view pointer) const;
  // Elements of the array there; 0 if there is none.
  std::size_t size(std::string_view pointer) const;

 private:
  struct Document;
  explicit JsonBody(std::unique_ptr<Document> document);
  std::unique_ptr<Document> document_;
};

// "/lines/0/sku" from ("/lines", 0, "sku").
std::string element_pointer(std::string_view array, std::size_t index, std::string_view member);

}  // namespace linkspan::systems
