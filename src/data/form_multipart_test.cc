#include "data/form_multipart.h"

#include <gtest/gtest.h>

#include "base/error_kinds.h"

namespace linkspan::data {
namespace {

// What came, as lines: "part NAME FILENAME TYPE", then the content in brackets, then "end" or an error.
std::string read_in_pieces(std::string_view body, std::string_view boundary, std::size_t piece,
                           const MultipartLimits& limits) {
  MultipartReader reader(boundary, limits);
  std::string seen;
  for (std::size_t at = 0; at < body.size(); at += piece) {
    std::string_view bytes = body.substr(at, piece);
    MultipartEvent last{};
    do {
      Result<MultipartEvent> event = reader.read(bytes);
      if (!event) return seen + event.error().to_string();
      last = *event;
      if (last == MultipartEvent::part) {
        const MultipartPart& part = reader.part();
        seen += "part " + part.name + " " + part.filename.value_or("-") + " " + part.content_type + "\n[";
      } else if (last == MultipartEvent::content) {
        EXPECT_FALSE(reader.content().empty());
        seen += reader.content();
      } else if (last == MultipartEvent::part_end) {
        seen += "]\n";
      } else if (last == MultipartEvent::end) {
        seen += "end";
      }
    } while (last != MultipartEvent::need_bytes);
    EXPECT_TRUE(bytes.empty());
  }
  const Result<void> whole = reader.finish();
  return whole ? seen : seen + whole.error().to_string();
}

std::string read(std::string_view body, std::string_view boundary = "b", const MultipartLimits& limits = {}) {
  const std::string whole = read_in_pieces(body, boundary, body.size() + 1, limits);
  for (const std::size_t piece : {1, 2, 3, 5, 11})
    EXPECT_EQ(whole, read_in_pieces(body, boundary, piece, limits)) << piece;
  return whole;
}

std::string head(std::string_view disposition) {
  return "--b\r\nContent-Disposition: " + std::string(disposition) + "\r\n\r\n";
}
const std::string kHead = head("form-data; name=\"n\"");

TEST(Multipart, parts_have_names_file_names_and_types) {
  EXPECT_EQ(read("--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\none\r\n"
                 "--b\r\nX-Other: 1\r\nContent-Disposition: form-data; name=f; filename=\"x y.txt\"\r\n"
                 "Content-Type: text/plain; charset=utf-8\r\n\r\ntwo\r\n\r\n--b--\r\n"),
            "part a - \n[one]\npart f x y.txt text/plain; charset=utf-8\n[two\r\n]\nend");
}

TEST(Multipart, contents_may_be_empty_or_look_like_boundaries) {
  EXPECT_EQ(read(kHead + "\r\n--b--"), "part n - \n[]\nend");
  EXPECT_EQ(read(kHead + "--b--"), "part n - \n[]\nend");
  EXPECT_EQ(read(kHead + "\r\n--c\r\r\n-\r\n--\r\n--bb\r\n--b-x--b\r\n\r\n--b--"),
            "part n - \n[\r\n--c\r\r\n-\r\n--\r\n--bb\r\n--b-x--b\r\n]\nend");
  EXPECT_EQ(read(kHead + "--bx\r\n--b--"), "part n - \n[--bx]\nend");
}

TEST(Multipart, a_boundary_that_begins_like_another_is_content) {
  const std::string inner = "--bound-inner\r\n\r\nx\r\n--bound-inner--";
  EXPECT_EQ(read("--bound\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n" + inner + "\r\n--bound--",
                 "bound"),
            "part n - \n[" + inner + "]\nend");
}

TEST(Multipart, what_stands_before_and_behind_is_skipped) {
  EXPECT_EQ(read("to old readers\r\n--bx\r\n" + kHead + "x\r\n--b--\r\nbye\r\n--b\r\n"),
            "part n - \n[x]\nend");
  EXPECT_EQ(read("--b--"), "end");
  EXPECT_EQ(read("--b \t\r\nContent-Disposition: form-data; name=n\r\n\r\n\r\n--b-- \r\n"),
            "part n - \n[]\nend");
}

TEST(Multipart, names_are_decoded_as_browsers_write_them) {
  EXPECT_EQ(read(head("form-data; name=\"a%22b\"; filename=\"%0D%0Ac\\\\\\\"%41\"") + "\r\n--b--"),
            "part a\"b \r\nc\\\"%41 \n[]\nend");
}

TEST(Multipart, a_form_without_its_end_is_refused) {
  EXPECT_EQ(read(kHead + "abc"),
            "part n - \n[abcform-invalid: byte 52: the form ends without its final boundary");
  EXPECT_EQ(read("--b\r\nContent-"), "form-invalid: byte 13: the form ends without its final boundary");
}

TEST(Multipart, malformed_boundary_lines_are_refused) {
  EXPECT_EQ(read("--b x\r\n"), "form-invalid: byte 4: something stands behind a boundary on its line");
  EXPECT_EQ(read("--b\rx"), "form-invalid: byte 4: something stands behind a boundary on its line");
  EXPECT_EQ(read("--b--x"),
            "endform-invalid: byte 5: something stands behind the final boundary on its line");
}

TEST(Multipart, malformed_headers_are_refused) {
  const auto refused = [](std::string_view headers) {
    const std::string seen = read("--b\r\n" + std::string(headers) + "\r\n\r\nx\r\n--b--");
    EXPECT_TRUE(seen.starts_with("form-invalid: byte 5: ")) << seen;
    return seen.substr(seen.find("5: ") + 3);
  };
  EXPECT_EQ(refused("X: y"), "a part without Content-Disposition");
  EXPECT_EQ(refused(""), "a part without Content-Disposition");
  EXPECT_EQ(refused("Content-Disposition: attachment; name=a"),
            "a part's Content-Disposition must be form-data, not \"attachment\"");
  EXPECT_EQ(refused("Content-Disposition: form-data"), "a part without a name");
  EXPECT_EQ(refused("Content-Disposition: form-data; name=a; filename*=utf-8''b"),
            "a filename*, which RFC 7578 section 4.2 forbids");
  EXPECT_EQ(refused("Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b"),
            "two Content-Dispositions in a part");
  EXPECT_EQ(refused("Content-Disposition: form-data; name=a\r\n folded"),
            "a header line that is malformed: \" folded\"");
  EXPECT_EQ(refused("Content-Disposition: form-data; name=a\nX: y"),
            "a header line that does not end with CRLF");
  EXPECT_EQ(refused("Content-Disposition: form-data; name=\"\xFF\""), "the part's name is no UTF-8");
  EXPECT_EQ(refused("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64"),
            "the transfer encoding \"base64\", which RFC 7578 section 4.7 rules out");
}

TEST(Multipart, limits_hold) {
  EXPECT_EQ(read(kHead + "\r\n" + kHead + "\r\n--b--", "b", {.max_parts = 1}),
            "part n - \n[]\nform-too-large: byte 56: more parts than max_parts, 1");
  EXPECT_EQ(read(kHead + "x\r\n--b--", "b", {.max_header_bytes = 43}),
            "form-too-large: byte 5: the headers of the part are longer than max_header_bytes, 43");
  EXPECT_EQ(read(kHead + "x\r\n--b--", "b", {.max_header_bytes = 44}), "part n - \n[x]\nend");
  EXPECT_EQ(read(head("form-data; name=ab") + "\r\n--b--", "b", {.max_name_bytes = 1}),
            "form-too-large: byte 5: the part's name is longer than max_name_bytes, 1");
}

TEST(Multipart, contents_are_views_of_what_was_given) {
  const std::string body = kHead + "content\r\n--b--";
  MultipartReader reader("b");
  std::string_view bytes = body;
  ASSERT_EQ(*reader.read(bytes), MultipartEvent::part);
  ASSERT_EQ(*reader.read(bytes), MultipartEvent::content);
  EXPECT_EQ(reader.content().data(), body.data() + kHead.size());
  EXPECT_EQ(reader.content(), "content");
}

TEST(Multipart, the_boundary_comes_from_the_content_type) {
  EXPECT_EQ(*multipart_boundary("Multipart/Form-Data; charset=utf-8; boundary=\"a b\""), "a b");
  EXPECT_FALSE(multipart_boundary("multipart/mixed; boundary=a").ok());
  EXPECT_FALSE(multipart_boundary("multipart/form-data").ok());
  EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=\"a \"").ok());
  EXPECT_FALSE(is_multipart_boundary(std::string(71, 'a')));
  EXPECT_FALSE(is_multipart_boundary("a\"b"));
}

}  // namespace
}  // namespace linkspan::data
