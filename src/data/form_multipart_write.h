// Writing multipart/form-data (RFC 7578), whole or piece by piece. What is written reads back as the same
// parts.
//
//   Result<MultipartForm> form = write_multipart(parts);     // with a boundary that no content has in it
//   send(form->content_type, form->body);
//
//   Result<void> head = append_part_head(out, boundary, part);   // for contents that stream: then the
//   content, out += kMultipartPartEnd;                                     // this, the next part, and at
//   last append_multipart_end(out, boundary);
//
// Refused with errors::form_unwritable: a name that has no spelling (see append_part_name in
// form_part_headers.h), a content type with control characters, a boundary that is not allowed or that occurs
// in a content. Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/form_multipart.h"

namespace linkspan::data {

struct MultipartContent {
  MultipartPart part;
  std::string_view content;  // must live for the call
};

struct MultipartForm {
  std::string content_type;  // with the boundary
  std::string body;
};

// `boundary` empty: one made from the contents, the same for the same parts.
Result<MultipartForm> write_multipart(std::span<const MultipartContent> parts,
                                      std::string_view boundary = {});

inline constexpr std::string_view kMultipartPartEnd = "\r\n";
// The boundary and the headers; nothing is added if they are refused. Whether `boundary` occurs in what
// follows is for the caller to know.
Result<void> append_part_head(std::string& out, std::string_view boundary, const MultipartPart& part);
void append_multipart_end(std::string& out, std::string_view boundary);
// The Content-Type of a form with this boundary.
std::string multipart_content_type(std::string_view boundary);

}  // namespace linkspan::data
