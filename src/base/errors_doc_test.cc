#include "base/errors_doc.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "base/strings.h"

namespace linkspan {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<std::string> documented_slugs() {
  std::vector<std::string> slugs;
  for (const std::string_view line : split(errors_page(), '\n')) {
    if (line.starts_with("## ")) slugs.emplace_back(line.substr(3));
  }
  return slugs;
}

TEST(ErrorsDoc, every_kind_has_a_section_that_says_what_to_do) {
  for (const ErrorKind* kind : errors::kAll) {
    const std::string section(error_doc(kind->slug));
    EXPECT_THAT(section, StartsWith("## " + std::string(kind->slug) + "\n\n")) << kind->slug;
    EXPECT_THAT(section, HasSubstr("\nWhat to do: ")) << kind->slug;
  }
}

TEST(ErrorsDoc, every_section_is_of_a_kind_and_there_once) {
  std::set<std::string> known;
  for (const ErrorKind* kind : errors::kAll) known.emplace(kind->slug);
  std::set<std::string> seen;
  for (const std::string& slug : documented_slugs()) {
    EXPECT_TRUE(known.contains(slug)) << slug << " is in docs/errors.md but not in error_kinds.h";
    EXPECT_TRUE(seen.insert(slug).second) << slug << " has two sections";
  }
}

TEST(ErrorsDoc, sections_name_the_status_that_callers_see) {
  for (const ErrorKind* kind : errors::kAll) {
    const std::string_view section = error_doc(kind->slug);
    const std::string_view text = section.substr(std::min(section.size(), kind->slug.size() + 5));
    if (kind->status != 0) {
      EXPECT_THAT(std::string(text), StartsWith(std::to_string(kind->status) + ". ")) << kind->slug;
    } else {
      EXPECT_FALSE(!text.empty() && is_digit(text.front())) << kind->slug;
    }
  }
}

TEST(ErrorsDoc, one_section_does_not_run_into_the_next) {
  const std::string_view section = error_doc("proxy-protocol-invalid");
  EXPECT_EQ(section.find("\n#"), std::string_view::npos);
  EXPECT_FALSE(section.ends_with('\n'));
}

TEST(ErrorsDoc, unknown_slugs_have_none) {
  for (const char* slug : {"", "no-such-error", "bad", "bad-request\n", "Errors"})
    EXPECT_EQ(error_doc(slug), "") << slug;
}

}  // namespace
}  // namespace linkspan
