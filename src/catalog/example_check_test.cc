#include "catalog/example_check.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "catalog/catalog_testing.h"

namespace linkspan::catalog {
namespace {

class RealDescription : public ::testing::TestWithParam<const char*> {};

// Every operation builds a request from a generated example that the validator accepts.
TEST_P(RealDescription, has_examples_that_are_what_it_asks_for) {
  const char* data = std::getenv("LINKSPAN_TEST_DATA");
  const std::filesystem::path folder =
      (data != nullptr ? std::filesystem::path(data)
                       : std::filesystem::path(LINKSPAN_SOURCE_DIR "/../shared/data")) /
      "openapi";
  if (!std::filesystem::exists(folder / GetParam()))
    GTEST_SKIP() << "no " << folder / GetParam() << " (LINKSPAN_TEST_DATA names another folder)";
  const LoadResult result = load_api(GetParam(), folder_loader(folder.string()));
  EXPECT_EQ(testing::texts_of(result.problems), "");
  ASSERT_NE(result.api, nullptr);
  for (const Operation& operation : result.api->operations)
    for (const Problem& problem : check_examples(*result.api, operation))
      ADD_FAILURE() << operation.id << ": " << to_string(problem);
}

INSTANTIATE_TEST_SUITE_P(Files, RealDescription,
                         ::testing::Values("adyen_checkout_v71.json", "twilio_api_v2010.json",
                                           "twilio_messaging_v1.yaml"),
                         [](const auto& test) {
                           const std::string name = test.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace linkspan::catalog
