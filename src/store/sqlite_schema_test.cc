#include "store/sqlite_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "store/store_testing.h"

namespace linkspan::store {
namespace {

using testing::HasSubstr;

class Schema : public testing::Test {
 protected:
  Database open() {
    auto database = Database::open(folder_.file("db"), Database::Mode::create);
    return std::move(*database);
  }
  Result<void> bring_to(Database& database, std::vector<Migration> all) {
    return migrate(database, all, folder_.file("backup"));
  }
  TemporaryFolder folder_;
};

constexpr Migration kFirst =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value); CREATE TABLE a(x); INSERT INTO a VALUES(1)";
constexpr Migration kSecond = "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1";
constexpr Migration kThird = "INSERT INTO a VALUES(10, 20)";

TEST_F(Schema, an_empty_file_gets_all_migrations_and_no_backup) {
  Database database = open();
  ASSERT_TRUE(bring_to(database, {kFirst, kSecond, kThird}));
  EXPECT_EQ(database.number("SELECT sum(y) FROM a").value(), 22);
  EXPECT_EQ(database.number("PRAGMA user_version").value(), 3);
  EXPECT_EQ(database.number("PRAGMA application_id").value(), kApplicationId);
  EXPECT_FALSE(std::filesystem::exists(folder_.file("backup")));
}

TEST_F(Schema, an_older_store_is_copied_and_then_brought_forward) {
  Database database = open();
  ASSERT_TRUE(bring_to(database, {kFirst}));
  ASSERT_TRUE(bring_to(database, {kFirst, kSecond, kThird}));
  EXPECT_EQ(database.number("SELECT sum(y) FROM a").value(), 22);
  auto backup = Database::open(folder_.file("backup"), Database::Mode::read_only);
  ASSERT_TRUE(backup);
  EXPECT_EQ(backup->number("PRAGMA user_version").value(), 1);
  EXPECT_EQ(backup->number("SELECT sum(x) FROM a").value(), 1);
}

TEST_F(Schema, a_migration_that_fails_changes_nothing) {
  Database database = open();
  ASSERT_TRUE(bring_to(database, {kFirst}));
  EXPECT_FALSE(bring_to(database, {kFirst, "INSERT INTO a VALUES(7); INSERT INTO missing VALUES(1)"}));
  EXPECT_EQ(database.number("SELECT sum(x) FROM a").value(), 1);
  EXPECT_EQ(database.number("PRAGMA user_version").value(), 1);
}

TEST_F(Schema, a_newer_store_is_refused_with_words) {
  Database database = open();
  ASSERT_TRUE(bring_to(database, {kFirst, kSecond}));
  const Result<void> refused = bring_to(database, {kFirst});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().slug(), "store-invalid");
  EXPECT_THAT(refused.error().detail(),
              HasSubstr("newer Linkspan (its version is 2, this Linkspan knows up to 1)"));
}

TEST_F(Schema, a_database_of_another_program_is_refused) {
  Database database = open();
  ASSERT_TRUE(database.run("CREATE TABLE theirs(x)"));
  const Result<void> refused = bring_to(database, {kFirst});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().slug(), "store-invalid");
  EXPECT_THAT(refused.error().detail(), HasSubstr("another program"));
}

}  // namespace
}  // namespace linkspan::store
