#include "systems/json_body.h"

#include <simdjson.h>

#include "base/strings.h"

namespace linkspan::systems {

struct JsonBody::Document {
  simdjson::dom::parser parser;
  simdjson::dom::element root;

  template <typename T>
  std::optional<T> get(std::string_view pointer) const {
    T value{};
    if (root.at_pointer(pointer).get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
  }
};

JsonBody::JsonBody(std::unique_ptr<Document> document) : document_(std::move(document)) {}
JsonBody::JsonBody(JsonBody&&) noexcept = default;
JsonBody::~JsonBody() = default;

std::optional<JsonBody> JsonBody::parse(std::string_view text) {
  auto document = std::make_unique<Document>();
  if (document->parser.parse(text.data(), text.size()).get(document->root) != simdjson::SUCCESS)
    return std::nullopt;
  return JsonBody(std::move(document));
}

bool JsonBody::is_object() const {
  return document_->root.is_object();
}

bool JsonBody::has(std::string_view pointer) const {
  return document_->root.at_pointer(pointer).error() == simdjson::SUCCESS;
}

std::optional<std::string> JsonBody::text(std::string_view pointer) const {
  const auto view = document_->get<std::string_view>(pointer);
  return view ? std::optional<std::string>(*view) : std::nullopt;
}

std::optional<std::int64_t> JsonBody::integer(std::string_view pointer) const {
  return document_->get<std::int64_t>(pointer);
}

std::optional<bool> JsonBody::boolean(std::string_view pointer) const {
  return document_->get<bool>(pointer);
}

std::size_t JsonBody::size(std::string_view pointer) const {
  const auto array = document_->get<simdjson::dom::array>(pointer);
  return array ? array->size() : 0;
}

std::string element_pointer(std::string_view array, std::size_t index, std::string_view member) {
  std::string pointer(array);
  pointer += '/';
  append_u64(pointer, index);
  pointer += '/';
  pointer += member;
  return pointer;
}

}  // namespace linkspan::systems
