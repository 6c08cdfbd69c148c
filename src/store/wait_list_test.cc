#include "store/wait_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace linkspan::store {
namespace {

TEST(WaitList, any_text_comes_back) {
  const std::vector<std::string> waits = {"event:paid:7", "", "5:x,", std::string("\0,", 2), "é"};
  std::string text = "replaced";
  write_waits(waits, text);
  EXPECT_EQ(read_waits(text), waits);
}

TEST(WaitList, what_is_not_of_its_form_ends_the_list) {
  for (const char* text : {"", "x", "3:ab", "3:abc", "99999999999999999999:a,", "-1:a,", ":a,"}) {
    EXPECT_THAT(read_waits(text), testing::IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace linkspan::store
