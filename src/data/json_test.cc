#include "data/json.h"

#include <cmath>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "data/json_parse.h"
#include "data/json_testing.h"
#include "data/json_write.h"

namespace linkspan::data {
namespace {

using testing::parsed;

constexpr char kLong[] = "longer than what fits into the value itself";

TEST(Json, values_know_their_type) {
  EXPECT_EQ(JsonValue().type(), JsonType::null);
  EXPECT_EQ(JsonValue(true).type(), JsonType::boolean);
  EXPECT_EQ(JsonValue(1).type(), JsonType::number);
  EXPECT_EQ(JsonValue(1.5).type(), JsonType::number);
  EXPECT_EQ(JsonValue("a").type(), JsonType::string);
  EXPECT_EQ(JsonValue(kLong).type(), JsonType::string);
  EXPECT_EQ(JsonValue::empty_array().type(), JsonType::array);
  EXPECT_EQ(JsonValue::empty_object().type(), JsonType::object);
  EXPECT_EQ(to_string(JsonType::boolean), "boolean");
}

TEST(Json, strings_of_every_length_are_kept_whole) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'x');
    const JsonValue value(text);
    const JsonValue copy = value;
    EXPECT_EQ(copy.string(), text);
    EXPECT_EQ(copy.size(), size);
  }
}

TEST(Json, integers_of_64_bits_are_exact) {
  EXPECT_EQ(JsonValue(INT64_MIN).int64(), INT64_MIN);
  EXPECT_EQ(JsonValue(std::uint64_t{7}).int64(), 7);
  EXPECT_EQ(JsonValue(UINT64_MAX).uint64(), UINT64_MAX);
  EXPECT_EQ(JsonValue(UINT64_MAX).number_kind(), JsonNumberKind::uint64);
}

TEST(Json, a_whole_double_is_an_integer_too) {
  EXPECT_EQ(JsonValue(7.0).to_int64(), 7);
  EXPECT_EQ(JsonValue(7.5).to_int64(), std::nullopt);
  EXPECT_EQ(JsonValue(0x1p63).to_int64(), std::nullopt);
  EXPECT_EQ(JsonValue(-0x1p63).to_int64(), INT64_MIN);
  EXPECT_EQ(JsonValue(std::nan("")).to_int64(), std::nullopt);
}

TEST(Json, a_change_does_not_show_in_copies) {
  JsonValue one = JsonValue::array({1, kLong, JsonValue::object({{"a", 1}})});
  JsonValue two = one;
  two.push_back(4);
  two.set_item(0, "other");
  EXPECT_EQ(write_json(one), R"([1,"longer than what fits into the value itself",{"a":1}])");
  EXPECT_EQ(two.size(), 4U);
  EXPECT_EQ(two.items()[0].string(), "other");

  JsonValue object = JsonValue::object({{"a", 1}, {"b", 2}});
  JsonValue changed = object;
  changed.set("a", 3);
  changed.erase("b");
  EXPECT_EQ(write_json(object), R"({"a":1,"b":2})");
  EXPECT_EQ(write_json(changed), R"({"a":3})");
}

TEST(Json, a_value_that_owns_its_node_changes_in_place) {
  JsonValue array = JsonValue::array({1, 2, 3});
  array.reserve_items(8);
  const JsonValue* where = array.items().data();
  array.push_back(4);
  array.set_item(0, 9);
  JsonValue moved = std::move(array);
  moved.push_back(5);
  EXPECT_EQ(moved.items().data(), where);
  EXPECT_TRUE(moved.is_unique());
}

TEST(Json, arrays_insert_erase_and_hand_out_items) {
  JsonValue array = JsonValue::array({0, 1, 2, 3, 4});
  array.erase_items(1, 3);
  EXPECT_EQ(write_json(array), "[0,3,4]");
  array.insert_item(1, kLong);
  array.insert_item(4, "end");
  EXPECT_EQ(array.size(), 5U);
  JsonValue taken = array.take_item(1);
  EXPECT_EQ(taken.string(), kLong);
  EXPECT_EQ(write_json(array), R"([0,null,3,4,"end"])");
  JsonValue shared = array;
  EXPECT_EQ(write_json(array.take_item(4)), "\"end\"");
  EXPECT_EQ(shared.items()[4].string(), "end");
}

TEST(Json, null_becomes_what_it_is_used_as) {
  JsonValue array;
  array.push_back(1);
  EXPECT_TRUE(array.is_array());
  JsonValue object;
  object.set("a", 1);
  EXPECT_TRUE(object.is_object());
}

TEST(Json, objects_keep_the_order_in_which_keys_came) {
  JsonValue object = JsonValue::object({{"z", 1}, {"a", 2}, {"m", 3}});
  object.set("z", 4);
  object.erase("a");
  object.set("a", 5);
  EXPECT_EQ(write_json(object), R"({"z":4,"m":3,"a":5})");
}

TEST(Json, large_objects_find_every_key_through_growth_and_erasure) {
  JsonValue object;
  for (int i = 0; i < 1000; ++i) object.set("key " + std::to_string(i), i);
  for (int i = 0; i < 1000; i += 3) EXPECT_TRUE(object.erase("key " + std::to_string(i)));
  EXPECT_FALSE(object.erase("key 0"));
  for (int i = 1000; i < 1500; ++i) object.set("key " + std::to_string(i), i);
  EXPECT_EQ(object.size(), 1166U);
  for (int i = 0; i < 1500; ++i) {
    const JsonValue* found = object.find("key " + std::to_string(i));
    if (i < 1000 && i % 3 == 0) {
      EXPECT_EQ(found, nullptr) << i;
    } else {
      ASSERT_NE(found, nullptr) << i;
      EXPECT_EQ(found->int64(), i);
    }
  }
  int last = -1;
  std::size_t seen = 0;
  for (const JsonMember& member : object.members()) {
    EXPECT_LT(last, member.value.int64());
    last = static_cast<int>(member.value.int64());
    ++seen;
  }
  EXPECT_EQ(seen, object.size());
}

TEST(Json, setting_and_erasing_for_ever_takes_no_more_room) {
  JsonValue object = JsonValue::object({{"stays", 1}});
  for (int i = 0; i < 10000; ++i) {
    object.set("comes and goes " + std::to_string(i), i);
    object.erase("comes and goes " + std::to_string(i));
  }
  EXPECT_EQ(object.size(), 1U);
  EXPECT_LT(object.node_bytes(), 2000U);
}

TEST(Json, take_leaves_null_where_it_took_unless_shared) {
  JsonValue object = JsonValue::object({{"a", JsonValue::array({1})}});
  JsonValue taken = object.take("a");
  EXPECT_TRUE(taken.is_unique());
  EXPECT_EQ(write_json(object), R"({"a":null})");
  object.set("a", taken);
  const JsonValue shared = object;
  EXPECT_EQ(write_json(object.take("a")), "[1]");
  EXPECT_EQ(write_json(shared), R"({"a":[1]})");
  EXPECT_TRUE(object.take("absent").is_null());
}

TEST(Json, builders_hand_over_what_they_collected) {
  JsonArrayBuilder array(2);
  array.add(1).add("two");
  EXPECT_EQ(write_json(array.build()), R"([1,"two"])");
  EXPECT_EQ(write_json(array.build()), "[]");
  JsonObjectBuilder object(2);
  object.set("a", 1).set("b", 2).set("a", 3);
  EXPECT_EQ(write_json(object.build()), R"({"a":3,"b":2})");
}

TEST(Json, depth_has_no_limit_but_memory) {
  JsonValue deep;
  for (int i = 0; i < 300000; ++i)
    deep = i % 2 == 0 ? JsonValue::array({std::move(deep)}) : JsonValue::object({{"k", std::move(deep)}});
  EXPECT_EQ(json_bytes(deep), 300000U / 2 * 2 + 300000U / 2 * 6 + 4);
}

TEST(Json, threads_share_a_value_and_change_their_own) {
  const JsonValue shared = parsed(R"({"items":[1,2,3],"name":"a name that lives on the heap"})");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&shared] {
      for (int i = 0; i < 500; ++i) {
        JsonValue own = shared;
        JsonValue items = own.take("items");
        items.push_back(i);
        own.set("items", std::move(items));
        EXPECT_EQ(own.find("items")->size(), 4U);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(shared.find("items")->size(), 3U);
}

TEST(JsonString, appending_changes_no_other_value) {
  for (const std::string start :
       {"", "short", "exactly 14 byt", "a string that lives in a node of its own"}) {
    JsonValue text(start);
    const JsonValue shared = text;
    std::string expected = start;
    for (const std::string_view more : {"", "x", "and a little more", "", "y", "z"}) {
      text.append(more);
      expected += more;
      EXPECT_EQ(text.string(), expected);
      EXPECT_EQ(text, JsonValue(expected));
    }
    EXPECT_EQ(shared.string(), start);
  }
}

TEST(JsonString, appending_to_a_string_of_its_own_is_in_place) {
  JsonValue text(std::string(100, 'a'));
  text.append("b");
  EXPECT_EQ(text.append_bytes(10), 0U);
  const char* const before = text.string().data();
  text.append("0123456789");
  EXPECT_EQ(text.string().data(), before);
  EXPECT_GE(text.node_bytes(), text.size());
  const JsonValue shared = text;
  EXPECT_GT(text.append_bytes(1), text.size());
}

TEST(JsonObject, keys_of_all_lengths_are_found_in_objects_of_all_sizes) {
  for (const int count : {1, 8, 16, 17, 40}) {
    JsonValue object;
    const auto key = [](int i) { return std::string(static_cast<std::size_t>(i), 'k') + std::to_string(i); };
    for (int i = 0; i < count; ++i) object.set(key(i), i);
    for (int i = 0; i < count; ++i) {
      ASSERT_NE(object.find(key(i)), nullptr) << i;
      EXPECT_EQ(object.find_key(JsonValue(key(i)))->int64(), i);
      EXPECT_EQ(object.find(key(i) + "x"), nullptr);
    }
    EXPECT_TRUE(object.erase("0"));
    EXPECT_EQ(object.find("0"), nullptr);
    EXPECT_EQ(object.find(""), nullptr);
  }
}

}  // namespace
}  // namespace linkspan::data
