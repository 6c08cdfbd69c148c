#include "data/form_json.h"

#include <gtest/gtest.h>

#include "data/json_parse.h"
#include "data/json_write.h"

namespace linkspan::data {
namespace {

std::string written(std::string_view json) {
  const auto fields = json_to_form(*parse_json(json));
  return fields ? write_urlencoded(*fields) : fields.error().to_string();
}

TEST(FormJson, names_that_repeat_become_arrays) {
  EXPECT_EQ(write_json(form_to_json(*parse_urlencoded("a=1&b=x&a=2&a="))), R"({"a":["1","2",""],"b":"x"})");
  EXPECT_EQ(write_json(form_to_json({})), "{}");
}

TEST(FormJson, scalars_and_lists_of_them_are_written) {
  EXPECT_EQ(written(R"({"a":["1",2],"b":true,"c":null,"d":[],"e":""})"), "a=1&a=2&b=true&e=");
  EXPECT_EQ(written(R"({"a":{"b":1}})"), "form-unwritable: \"a\": an array or object within is no field");
  EXPECT_EQ(written("[1]"), "form-unwritable: expected an object of fields");
}

TEST(FormJson, multipart_forms_come_back_as_they_were) {
  const auto form = parse_json(
      R"({"a":["1",""],"file":{"filename":"x.txt","content_type":"text/plain","content":"é\r\n"},"t":{"filename":"","content":""}})");
  const auto multipart = json_to_multipart(*form);
  ASSERT_TRUE(multipart.ok());
  EXPECT_EQ(write_json(*multipart_to_json(multipart->content_type, multipart->body)), write_json(*form));
}

TEST(FormJson, multipart_forms_that_do_not_fit_are_refused) {
  const auto refused = [](std::string_view json) {
    return json_to_multipart(*parse_json(json)).error().to_string();
  };
  EXPECT_EQ(refused(R"({"a":[[1]]})"), "form-unwritable: \"a\": an array in an array is no field");
  EXPECT_EQ(refused(R"({"a":{"x":"1"}})"),
            "form-unwritable: \"a\": an object is a part of the strings filename, content_type and content");
  const std::string body = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\xFF\r\n--b--";
  EXPECT_EQ(multipart_to_json("multipart/form-data; boundary=b", body).error().to_string(),
            "form-invalid: the content of \"a\" is no UTF-8");
}

}  // namespace
}  // namespace linkspan::data
