#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "catalog/document_set.h"

namespace linkspan::catalog {
namespace {

class FolderLoader : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) / ("folder_loader_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_ / "in");
    std::ofstream(folder_ / "secret.yaml") << "secret";
    std::ofstream(folder_ / "in/a.yaml") << "text";
    std::filesystem::create_symlink(folder_ / "secret.yaml", folder_ / "in/link.yaml");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(FolderLoader, files_inside_are_read_and_nothing_outside) {
  const DocumentLoader load = folder_loader((folder_ / "in").string(), 100);
  EXPECT_EQ(load("a.yaml").value(), "text");
  EXPECT_FALSE(load("../secret.yaml").ok());
  EXPECT_FALSE(load("link.yaml").ok());
  EXPECT_FALSE(load("none.yaml").ok());
  EXPECT_FALSE(load(".").ok());
  EXPECT_FALSE(folder_loader((folder_ / "in").string(), 3)("a.yaml").ok());
}

}  // namespace
}  // namespace linkspan::catalog
