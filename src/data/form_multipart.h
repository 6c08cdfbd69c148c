// multipart/form-data (RFC 7578, on RFC 2046), read as the bytes come. form_multipart_write.h writes it,
// form_json.h makes JSON of small forms.
//
//   Result<std::string> boundary = multipart_boundary(content_type);
//   MultipartReader reader(*boundary);
//   for (std::string_view bytes : chunks) {                  // cut anywhere: parts and contents are the same
//     for (bool more = true; more;) {
//       Result<MultipartEvent> event = reader.read(bytes);   // moves `bytes` along
//       if (!event) return std::move(event).error();         // form-invalid: byte 217: ...
//       switch (*event) {
//         case MultipartEvent::part: begin(reader.part()); break;
//         case MultipartEvent::content: take(reader.content()); break;
//         case MultipartEvent::part_end: end(); break;
//         case MultipartEvent::end: case MultipartEvent::need_bytes: more = !bytes.empty();
//       }
//     }
//   }
//   Result<void> whole = reader.finish();                    // whether the final boundary came
//
// Contents are never copied: they are handed out as views into the bytes given, or, where a chunk ended in
// what might have become a boundary and did not, into the reader's own copy of the boundary.
//
// A boundary counts where its line ends behind it: "--ab" is none in a form whose boundary is "a". Text
// before the first and behind the last is skipped. Lines end with CRLF. Refused with errors::form_invalid:
// parts that are no form-data, have no name, a name twice or a filename* (RFC 7578 section 4.2), folded
// headers, transfer encodings that would have to be undone, names that are no UTF-8. Past a limit:
// errors::form_too_large. How large contents may be is for the caller to say. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace linkspan::data {

struct MultipartLimits {
  std::size_t max_parts = 1000;
  std::size_t max_header_bytes = 16 * 1024;  // of each part
  std::size_t max_name_bytes = 1024;         // of a name, and of a file name
};

struct MultipartPart {
  std::string name;
  // As the sender wrote it: never a path to trust.
  std::optional<std::string> filename;
  std::string content_type;  // empty if not given, which means text/plain
};

enum class MultipartEvent : unsigned char {
  need_bytes,  // all were read
  part,        // part() has come, its content follows
  content,     // content() is some of it, not empty
  part_end,
  end  // the final boundary
};

// The boundary parameter of a Content-Type: errors::form_invalid if that is another type or has none that
// RFC 2046 allows.
Result<std::string> multipart_boundary(std::string_view content_type);
// 1 to 70 of the characters that RFC 2046 section 5.1.1 allows, no blank at the end.
bool is_multipart_boundary(std::string_view boundary);

class MultipartReader {
 public:
  // `boundary` is one for which is_multipart_boundary holds.
  explicit MultipartReader(std::string_view boundary, const MultipartLimits& limits = {});
  MultipartReader(const MultipartReader&) = delete;
  MultipartReader& operator=(const MultipartReader&) = delete;

  // Takes bytes from the front of `bytes` up to the next event. After an error it reads no more.
  Result<MultipartEvent> read(std::string_view& bytes);
  // There are no more bytes: errors::form_invalid unless the final boundary came.
  Result<void> finish();

  // Valid until the next part.
  const MultipartPart& part() const { return part_; }
  // Valid until the next read, and as long as the bytes that were given.
  std::string_view content() const { return content_; }

 private:
  enum class State : unsigned char {
    preamble,
    content,
    boundary_line,  // behind a boundary, before the line's end
    headers,
    epilogue_start,  // behind the final boundary
    epilogue,
    over  // after an error
  };

  std::optional<MultipartEvent> search(std::string_view& bytes);
  std::optional<MultipartEvent> continue_match(std::string_view& bytes);
  std::optional<MultipartEvent> found_boundary(bool is_final);
  Result<void> read_boundary_line(std::string_view& bytes);
  Result<std::optional<MultipartEvent>> read_headers(std::string_view& bytes);
  Result<void> read_epilogue_start(std::string_view& bytes);
  void take(std::string_view& bytes, std::size_t count);
  Error fail(const ErrorKind& kind, std::uint64_t offset, std::string_view what);

  std::string delimiter_;  // CRLF "--" boundary "--"
  MultipartLimits limits_;
  State state_ = State::preamble;
  std::size_t matched_ = 2;  // bytes of delimiter_ that the text just read may be
  std::size_t assumed_ = 2;  // of those, how many were not read: a line begins here all the same
  std::uint64_t offset_ = 0;
  std::uint64_t headers_start_ = 0;
  std::size_t parts_ = 0;
  bool line_has_carriage_ = false;
  bool end_is_due_ = false;
  std::string headers_;
  MultipartPart part_;
  std::string_view content_;
};

}  // namespace linkspan::data
