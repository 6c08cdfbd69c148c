#include "data/form_multipart_write.h"

#include <algorithm>
#include <cstring>

#include "base/digest.h"
#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/form_parameters.h"
#include "data/form_part_headers.h"
#include "data/in_quotes.h"
#include "data/utf8.h"

namespace linkspan::data {

namespace {

bool occurs(std::string_view boundary, std::span<const MultipartContent> parts) {
  const std::string line = "--" + std::string(boundary);
  return std::any_of(parts.begin(), parts.end(), [&](const MultipartContent& each) {
    return memmem(each.content.data(), each.content.size(), line.data(), line.size()) != nullptr;
  });
}

// From a digest of the contents: nobody can write a content that has the digest of itself in it.
std::string choose_boundary(std::span<const MultipartContent> parts) {
  constexpr std::size_t kDigits = 40;
  Sha256 sha256;
  std::string digests;
  for (const MultipartContent& each : parts) digests += encode_hex(sha256.digest(each.content));
  std::string boundary;
  do {
    digests = encode_hex(sha256.digest(digests));
    boundary = "linkspan-" + digests.substr(0, kDigits);
  } while (occurs(boundary, parts));
  return boundary;
}

Error unwritable(std::string what) {
  return Error(errors::form_unwritable, std::move(what));
}

}  // namespace

Result<void> append_part_head(std::string& out, std::string_view boundary, const MultipartPart& part) {
  if (!is_multipart_boundary(boundary))
    return unwritable("RFC 2046 does not allow the boundary " + in_quotes(boundary));
  std::string head = "--" + std::string(boundary) + "\r\nContent-Disposition: form-data; name=\"";
  if (!append_part_name(head, part.name))
    return unwritable("the name " + in_quotes(part.name) + " has no spelling");
  head += '"';
  if (part.filename) {
    head += "; filename=\"";
    if (!append_part_name(head, *part.filename))
      return unwritable("the file name " + in_quotes(*part.filename) + " has no spelling");
    head += '"';
  }
  if (!part.content_type.empty()) {
    if (!parse_parameters(part.content_type) || trim(part.content_type) != part.content_type ||
        valid_utf8_bytes(part.content_type) != part.content_type.size())
      return unwritable("the content type " + in_quotes(part.content_type) + " is malformed");
    (head += "\r\nContent-Type: ") += part.content_type;
  }
  (out += head) += "\r\n\r\n";
  return {};
}

void append_multipart_end(std::string& out, std::string_view boundary) {
  ((out += "--") += boundary) += "--\r\n";
}

std::string multipart_content_type(std::string_view boundary) {
  std::string type = "multipart/form-data; boundary=";
  if (is_token(boundary)) return type += boundary;
  return ((type += '"') += boundary) += '"';
}

Result<MultipartForm> write_multipart(std::span<const MultipartContent> parts, std::string_view boundary) {
  const std::string chosen = boundary.empty() ? choose_boundary(parts) : std::string(boundary);
  if (!boundary.empty() && occurs(boundary, parts))
    return unwritable("the boundary " + in_quotes(boundary) + " occurs in a content");
  MultipartForm form{multipart_content_type(chosen), {}};
  for (const MultipartContent& each : parts) {
    Result<void> head = append_part_head(form.body, chosen, each.part);
    if (!head) return std::move(head).error();
    (form.body += each.content) += kMultipartPartEnd;
  }
  append_multipart_end(form.body, chosen);
  return form;
}

}  // namespace linkspan::data
