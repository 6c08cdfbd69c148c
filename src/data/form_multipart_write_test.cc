#include "data/form_multipart_write.h"

#include <gtest/gtest.h>

#include "base/error_kinds.h"

namespace linkspan::data {
namespace {

TEST(MultipartWriter, writes_parts_with_a_given_boundary) {
  const auto form = write_multipart(
      std::vector<MultipartContent>{{{"a", {}, {}}, "1"}, {{"f", "x\"\\.txt", "text/plain"}, "two\r\n"}},
      "b c");
  ASSERT_TRUE(form.ok());
  EXPECT_EQ(form->content_type, "multipart/form-data; boundary=\"b c\"");
  EXPECT_EQ(form->body,
            "--b c\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
            "--b c\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x%22\\\\.txt\"\r\n"
            "Content-Type: text/plain\r\n\r\ntwo\r\n\r\n--b c--\r\n");
}

TEST(MultipartWriter, the_boundary_it_chooses_is_in_no_content) {
  std::vector<MultipartContent> parts{{{"a", {}, {}}, "1"}};
  const std::string first = *multipart_boundary(write_multipart(parts)->content_type);
  const std::string content = "\r\n--" + first;
  parts[0].content = content;
  const std::string second = *multipart_boundary(write_multipart(parts)->content_type);
  EXPECT_EQ(content.find(second), std::string::npos);
  EXPECT_EQ(write_multipart(parts)->body, write_multipart(parts)->body);
}

TEST(MultipartWriter, what_cannot_be_written_is_refused) {
  const auto refused = [](const MultipartContent& part, std::string_view boundary = {}) {
    const auto form = write_multipart(std::vector<MultipartContent>{part}, boundary);
    return form ? "" : form.error().to_string();
  };
  EXPECT_EQ(refused({{"a", {}, {}}, "--b"}, "b"), "form-unwritable: the boundary \"b\" occurs in a content");
  EXPECT_EQ(refused({{"a", {}, {}}, ""}, "b\n"),
            "form-unwritable: RFC 2046 does not allow the boundary \"b?\"");
  EXPECT_EQ(refused({{"%22", {}, {}}, ""}), "form-unwritable: the name \"%22\" has no spelling");
  EXPECT_EQ(refused({{"a", "b\x01", {}}, ""}), "form-unwritable: the file name \"b?\" has no spelling");
  EXPECT_EQ(refused({{"a", {}, "x\r\nY: z"}, ""}),
            "form-unwritable: the content type \"x??Y: z\" is malformed");
}

}  // namespace
}  // namespace linkspan::data
