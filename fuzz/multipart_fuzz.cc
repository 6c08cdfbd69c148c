// Forms on arbitrary bytes. As multipart/form-data: the first line is the boundary, its first byte also how
// the rest is cut. Invariants: however it is cut, parts, contents and the error are the same; what is written
// reads back as itself. All of it as application/x-www-form-urlencoded: the same but for the cutting.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "data/form_json.h"
#include "data/form_multipart.h"
#include "data/form_multipart_write.h"
#include "data/form_urlencoded.h"

namespace {

using namespace linkspan::data;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Part {
  std::string name;
  std::optional<std::string> filename;
  std::string content_type;
  std::string content;
  bool is_whole = false;

  bool operator==(const Part&) const = default;
};

struct Reading {
  std::vector<Part> parts;
  int ends = 0;
  std::string error;

  bool operator==(const Reading&) const = default;
  void take(MultipartEvent event, const MultipartReader& reader) {
    if (event == MultipartEvent::part) {
      const MultipartPart& part = reader.part();
      parts.push_back({part.name, part.filename, part.content_type, "", false});
    } else if (event == MultipartEvent::content) {
      require(!reader.content().empty() && !parts.back().is_whole);
      parts.back().content += reader.content();
    } else if (event == MultipartEvent::part_end) {
      require(!parts.back().is_whole);
      parts.back().is_whole = true;
    } else if (event == MultipartEvent::end) {
      ++ends;
    }
  }
};

// In pieces of sizes that `seed` gives; in one piece if it is 0.
Reading read_form(std::string_view boundary, std::string_view body, unsigned seed) {
  MultipartReader reader(boundary, {.max_parts = 20, .max_header_bytes = 500, .max_name_bytes = 50});
  Reading reading;
  while (!body.empty()) {
    std::string_view bytes = body.substr(0, seed == 0 ? body.size() : 1 + seed % 7);
    body.remove_prefix(bytes.size());
    seed = seed * 5 / 3;
    MultipartEvent event{};
    do {
      const auto read = reader.read(bytes);
      if (!read) {
        reading.error = read.error().to_string();
        return reading;
      }
      event = *read;
      reading.take(event, reader);
    } while (event != MultipartEvent::need_bytes);
    require(bytes.empty());
  }
  const auto whole = reader.finish();
  if (!whole) reading.error = whole.error().to_string();
  require(whole.ok() == (reading.ends == 1));
  return reading;
}

void check_writing(const Reading& reading) {
  std::vector<MultipartContent> parts;
  for (const Part& part : reading.parts)
    parts.push_back({{part.name, part.filename, part.content_type}, part.content});
  const auto form = write_multipart(parts);
  if (!form) return;
  const Reading again = read_form(*multipart_boundary(form->content_type), form->body, 0);
  require(again.error.empty() && again.parts == reading.parts);
}

void check_json(std::string_view boundary, std::string_view body) {
  const auto json = multipart_to_json(multipart_content_type(boundary), body);
  if (!json) return;
  const auto form = json_to_multipart(*json);
  if (!form) return;
  const auto again = multipart_to_json(form->content_type, form->body);
  require(again.ok() && *again == *json);
}

void check_urlencoded(std::string_view text) {
  const auto fields = parse_urlencoded(text);
  if (!fields) return;
  const auto again = parse_urlencoded(write_urlencoded(*fields), {.max_bytes = 3 * text.size() + 1'000'000});
  require(again.ok() && *again == *fields);
  const JsonValue json = form_to_json(*fields);
  require(form_to_json(*json_to_form(json)) == json);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_urlencoded(text);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos || !is_multipart_boundary(text.substr(0, line))) return 0;
  const std::string_view boundary = text.substr(0, line);
  const std::string_view body = text.substr(line + 1);
  const Reading whole = read_form(boundary, body, 0);
  require(read_form(boundary, body, 1) == whole);
  require(read_form(boundary, body, data[0]) == whole);
  if (whole.error.empty()) check_writing(whole);
  check_json(boundary, body);
  return 0;
}
