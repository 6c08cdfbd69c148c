#include "data/csv_json.h"

#include <gtest/gtest.h>

#include "data/json_parse.h"
#include "data/json_write.h"

namespace linkspan::data {
namespace {

std::string to_json(std::string_view text, CsvShape shape) {
  const auto rows = parse_csv(text, shape);
  return rows ? write_json(*rows) : rows.error().to_string();
}

std::string to_csv(std::string_view json, CsvShape shape) {
  const auto text = write_csv(*parse_json(json), shape);
  return text ? *text : text.error().to_string();
}

TEST(CsvJson, rows_become_arrays_of_strings) {
  EXPECT_EQ(to_json("a,1\n,\"x\ny\"", CsvShape::arrays), R"([["a","1"],["","x\ny"]])");
  EXPECT_EQ(to_json("", CsvShape::arrays), "[]");
}

TEST(CsvJson, the_header_names_the_members) {
  EXPECT_EQ(to_json("id,name\n1,Ada\n2,Bo\n", CsvShape::objects),
            R"([{"id":"1","name":"Ada"},{"id":"2","name":"Bo"}])");
  EXPECT_EQ(to_json("id,name\n", CsvShape::objects), "[]");
}

TEST(CsvJson, rows_that_do_not_fit_the_header_are_refused) {
  EXPECT_EQ(to_json("a,b\n1\n", CsvShape::objects),
            "csv-invalid: line 2, column 1 (byte 4): the row has 1 field, the header 2");
  EXPECT_EQ(to_json("a,b\n1,2,3\n", CsvShape::objects),
            "csv-invalid: line 2, column 1 (byte 4): the row has 3 fields, the header 2");
  EXPECT_EQ(to_json("a,a\n", CsvShape::objects),
            "csv-invalid: line 1, column 1 (byte 0): the name \"a\" comes twice in the header");
}

TEST(CsvJson, scalars_are_written_and_the_rest_refused) {
  EXPECT_EQ(to_csv(R"([["a",1,2.50,true,null,18446744073709551615]])", CsvShape::arrays),
            "a,1,2.5,true,,18446744073709551615\r\n");
  EXPECT_EQ(to_csv(R"([["a"],[[1]]])", CsvShape::arrays),
            "csv-unwritable: row 2: an array or object is no field");
  EXPECT_EQ(to_csv(R"([[]])", CsvShape::arrays),
            "csv-unwritable: row 1: expected an array with something in it");
  EXPECT_EQ(to_csv("{}", CsvShape::arrays), "csv-unwritable: expected an array of rows");
}

TEST(CsvJson, objects_are_written_in_the_order_of_the_first) {
  EXPECT_EQ(to_csv(R"([{"a":1,"b":2},{"b":3}])", CsvShape::objects), "a,b\r\n1,2\r\n,3\r\n");
  EXPECT_EQ(to_csv(R"([{"a":1},{"b":2}])", CsvShape::objects),
            "csv-unwritable: row 2: the first row has no \"b\"");
  EXPECT_EQ(to_csv(R"([{"a":{}}])", CsvShape::objects),
            "csv-unwritable: row 1: the array or object at \"a\" is no field");
  EXPECT_EQ(to_csv("[]", CsvShape::objects), "");
}

TEST(CsvJson, strings_come_back_as_they_were) {
  const char* const json = R"([{"a\"b":"1,2","":"\r\n"},{"a\"b":"","":" x "}])";
  EXPECT_EQ(to_json(to_csv(json, CsvShape::objects), CsvShape::objects), json);
}

}  // namespace
}  // namespace linkspan::data
