#include "data/form_json.h"

#include <deque>

#include "base/error_kinds.h"
#include "data/in_quotes.h"
#include "data/scalar_text.h"
#include "data/utf8.h"

namespace linkspan::data {

namespace {

void add_field(JsonValue& form, std::string_view name, JsonValue value) {
  JsonValue known = form.take(name);
  if (known.is_null()) {
    form.set(name, std::move(value));
    return;
  }
  if (!known.is_array()) {
    JsonValue first = std::move(known);
    known = JsonValue::empty_array();
    known.push_back(std::move(first));
  }
  known.push_back(std::move(value));
  form.set(name, std::move(known));
}

Error unwritable(std::string_view name, std::string_view what) {
  return Error(errors::form_unwritable, in_quotes(name) + ": " + std::string(what));
}

// Calls `add(name, value)` with every value that is not null, one by one.
template <typename Add>
Result<void> each_field(const JsonValue& form, Add add) {
  if (!form.is_object()) return Error(errors::form_unwritable, "expected an object of fields");
  for (const JsonMember& member : form.members()) {
    const bool is_list = member.value.is_array();
    for (const JsonValue& value :
         is_list ? member.value.items() : std::span<const JsonValue>(&member.value, 1)) {
      if (value.is_null()) continue;
      Result<void> added = add(member.key.string(), value);
      if (!added) return added;
    }
  }
  return {};
}

JsonValue part_to_json(const MultipartPart& part, const std::string& content) {
  if (!part.filename && part.content_type.empty()) return content;
  JsonObjectBuilder object(3);
  if (part.filename) object.set("filename", *part.filename);
  if (!part.content_type.empty()) object.set("content_type", part.content_type);
  return object.set("content", content).build();
}

// The parts of a form whose contents are kept here.
struct Parts {
  std::deque<std::string> contents;
  std::vector<MultipartContent> parts;

  Result<void> add(std::string_view name, const JsonValue& value) {
    MultipartContent& added = parts.emplace_back();
    added.part.name = name;
    if (!value.is_object()) {
      auto text = scalar_text(value);
      if (!text) return unwritable(name, "an array in an array is no field");
      added.content = contents.emplace_back(*std::move(text));
      return {};
    }
    for (const JsonMember& member : value.members()) {
      const std::string_view key = member.key.string();
      const bool is_known = key == "filename" || key == "content_type" || key == "content";
      if (!is_known || !member.value.is_string())
        return unwritable(name, "an object is a part of the strings filename, content_type and content");
      if (key == "filename") added.part.filename = member.value.string();
      if (key == "content_type") added.part.content_type = member.value.string();
      if (key == "content") added.content = member.value.string();
    }
    return {};
  }
};

}  // namespace

JsonValue form_to_json(std::span<const FormField> fields) {
  JsonValue form = JsonValue::empty_object();
  for (const FormField& field : fields) add_field(form, field.name, field.value);
  return form;
}

Result<std::vector<FormField>> json_to_form(const JsonValue& form) {
  std::vector<FormField> fields;
  Result<void> done = each_field(form, [&](std::string_view name, const JsonValue& value) -> Result<void> {
    auto text = scalar_text(value);
    if (!text) return unwritable(name, "an array or object within is no field");
    fields.push_back({std::string(name), *std::move(text)});
    return {};
  });
  if (!done) return std::move(done).error();
  return fields;
}

Result<JsonValue> multipart_to_json(std::string_view content_type, std::string_view body,
                                    const MultipartLimits& limits) {
  Result<std::string> boundary = multipart_boundary(content_type);
  if (!boundary) return std::move(boundary).error();
  MultipartReader reader(*boundary, limits);
  JsonValue form = JsonValue::empty_object();
  std::string content;
  while (true) {
    Result<MultipartEvent> event = reader.read(body);
    if (!event) return std::move(event).error();
    switch (*event) {
      case MultipartEvent::part:
        content.clear();
        break;
      case MultipartEvent::content:
        content += reader.content();
        break;
      case MultipartEvent::part_end:
        if (valid_utf8_bytes(content) != content.size())
          return Error(errors::form_invalid,
                       "the content of " + in_quotes(reader.part().name) + " is no UTF-8");
        add_field(form, reader.part().name, part_to_json(reader.part(), content));
        break;
      case MultipartEvent::end:
        break;
      case MultipartEvent::need_bytes: {
        Result<void> whole = reader.finish();
        if (!whole) return std::move(whole).error();
        return form;
      }
    }
  }
}

Result<MultipartForm> json_to_multipart(const JsonValue& form, std::string_view boundary) {
  Parts parts;
  Result<void> done =
      each_field(form, [&](std::string_view name, const JsonValue& value) { return parts.add(name, value); });
  if (!done) return std::move(done).error();
  return write_multipart(parts.parts, boundary);
}

}  // namespace linkspan::data
