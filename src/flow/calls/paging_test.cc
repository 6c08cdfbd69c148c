#include "flow/calls/paging.h"

#include <gtest/gtest.h>

#include "data/json_parse.h"

namespace linkspan::flow {
namespace {

TEST(Paging, with_query_replaces_the_parameter_and_keeps_the_rest) {
  EXPECT_EQ(with_query("/items", "page", "2"), "/items?page=2");
  EXPECT_EQ(with_query("/items?page=1&limit=5", "page", "a b"), "/items?limit=5&page=a%20b");
}

class Pages : public ::testing::Test {
 protected:
  Result<Page> read(const Paginate& paginate, std::string_view target, std::string_view body,
                    Incoming message = {}) {
    const data::JsonValue answer =
        data::JsonObjectBuilder().set("status", 200).set("body", *data::parse_json(body)).build();
    return read_page(paginate, target, message, answer, evaluator_, {});
  }

 private:
  RealClock clock_;
  Evaluator evaluator_{clock_};
};

Paginate by(config::Paging how, std::string parameter = {}) {
  Paginate paginate;
  paginate.by = how;
  paginate.parameter = std::move(parameter);
  return paginate;
}

TEST_F(Pages, an_offset_grows_by_what_came_until_nothing_comes) {
  const Result<Page> first = read(by(config::Paging::offset, "offset"), "/items?offset=10", "[1,2,3]");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->target, "/items?offset=13");
  const Result<Page> last = read(by(config::Paging::offset, "offset"), "/items?offset=13", "[]");
  ASSERT_TRUE(last);
  EXPECT_FALSE(last->target);
}

TEST_F(Pages, page_numbers_begin_at_one) {
  EXPECT_EQ(read(by(config::Paging::page, "page"), "/items", "[1]")->target, "/items?page=2");
}

TEST_F(Pages, a_link_to_another_host_is_asked_of_the_same_servers) {
  const Incoming message{.status = 200,
                         .headers = {{"Link", "<https://elsewhere.example/items?after=9>; rel=\"next\""}},
                         .body = {}};
  EXPECT_EQ(read(by(config::Paging::link), "/items", "[1]", message)->target, "/items?after=9");
}

TEST_F(Pages, without_an_array_of_items_there_is_no_page) {
  EXPECT_FALSE(read(by(config::Paging::page, "page"), "/items", "{}"));
}

}  // namespace
}  // namespace linkspan::flow
