#include "base/digest.h"

#include <string>

#include <gtest/gtest.h>

#include "base/strings.h"

namespace linkspan {
namespace {

TEST(Sha256, matches_the_published_vectors) {
  Sha256 sha256;
  EXPECT_EQ(encode_hex(sha256.digest("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(encode_hex(sha256.digest("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(encode_hex(sha256.digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(encode_hex(sha256.digest(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, one_object_serves_many_inputs) {
  Sha256 first;
  const Digest once = first.digest("key");
  Sha256 moved = std::move(first);
  EXPECT_EQ(moved.digest("key"), once);
  EXPECT_NE(moved.digest("kez"), once);
}

TEST(ConstantTimeEqual, compares_content_and_size) {
  EXPECT_TRUE(constant_time_equal("secret", "secret"));
  EXPECT_FALSE(constant_time_equal("secret", "secreT"));
  EXPECT_FALSE(constant_time_equal("secret", "secrets"));
  EXPECT_TRUE(constant_time_equal("", ""));
}

}  // namespace
}  // namespace linkspan
