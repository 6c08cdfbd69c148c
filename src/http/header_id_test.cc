#include "http/header_id.h"

#include <cctype>
#include <string>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "http/status.h"

namespace linkspan::http {
namespace {

TEST(HeaderId, every_name_is_found_in_any_case) {
  for (std::size_t i = 1; i < kHeaderIdCount; ++i) {
    const auto id = static_cast<HeaderId>(i);
    std::string name(to_string(id));
    EXPECT_EQ(header_id(name), id) << name;
    EXPECT_EQ(header_id(to_lower_ascii(name)), id) << name;
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(header_id(name), id) << name;
  }
}

TEST(HeaderId, near_misses_are_other_names) {
  for (std::size_t i = 1; i < kHeaderIdCount; ++i) {
    const std::string name(to_string(static_cast<HeaderId>(i)));
    EXPECT_NE(header_id(name + "s"), static_cast<HeaderId>(i));
    EXPECT_NE(header_id(name.substr(1)), static_cast<HeaderId>(i));
    for (std::size_t k = 0; k < name.size(); ++k) {
      std::string changed = name;
      changed[k] = changed[k] == 'q' || changed[k] == 'Q' ? 'z' : 'q';
      EXPECT_NE(header_id(changed), static_cast<HeaderId>(i)) << changed;
    }
  }
  EXPECT_EQ(header_id("Transfer_Encoding"), HeaderId::other);
  EXPECT_EQ(header_id(""), HeaderId::other);
  EXPECT_EQ(header_id(std::string(1000, 'a')), HeaderId::other);
}

TEST(HeaderId, a_name_in_a_buffer_is_found_whatever_follows_it) {
  for (const char filler : {'\0', '\xff', 'a', '-', ':'}) {
    const auto in_buffer = [filler](std::string_view name) {
      std::string buffer(name);
      buffer.resize(2 * kHeaderNameReadAhead, filler);
      return header_id_in_buffer({buffer.data(), name.size()});
    };
    for (std::size_t i = 1; i < kHeaderIdCount; ++i) {
      const auto id = static_cast<HeaderId>(i);
      EXPECT_EQ(in_buffer(to_string(id)), id);
    }
    for (std::size_t size = 1; size < 40; ++size)
      EXPECT_EQ(in_buffer(std::string(size, 'q')), HeaderId::other) << size;
  }
}

TEST(HeaderSet, behaves_as_a_set) {
  HeaderSet set = {HeaderId::host, HeaderId::x_request_id};
  EXPECT_TRUE(set.contains(HeaderId::host));
  EXPECT_FALSE(set.contains(HeaderId::accept));
  EXPECT_TRUE(set.intersects({HeaderId::x_request_id}));
  set.remove(HeaderId::host);
  EXPECT_EQ(set, HeaderSet{HeaderId::x_request_id});
}

TEST(Status, lines_and_reasons) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(status_line(200), "HTTP/1.1 200 OK\r\n");
  EXPECT_EQ(reason_phrase(299), "");
  EXPECT_EQ(status_line(1000), "");
}

}  // namespace
}  // namespace linkspan::http
