#include "base/hmac.h"

#include <string>

#include <gtest/gtest.h>

#include "base/strings.h"

namespace linkspan {
namespace {

std::string hex(Sha2 hash, std::string_view key, std::initializer_list<std::string_view> parts) {
  return encode_hex(Hmac(hash, as_bytes(key)).sign(parts));
}

// RFC 4231 sections 4.2, 4.3 and 4.7.
TEST(Hmac, matches_the_published_vectors) {
  EXPECT_EQ(hex(Sha2::sha256, std::string(20, '\x0b'), {"Hi There"}),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(Sha2::sha512, std::string(20, '\x0b'), {"Hi There"}),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
            "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
  EXPECT_EQ(hex(Sha2::sha256, "Jefe", {"what do ya want for nothing?"}),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(Sha2::sha512, "Jefe", {"what do ya want for nothing?"}),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

TEST(Hmac, keys_longer_than_a_block_are_hashed_first) {
  EXPECT_EQ(
      hex(Sha2::sha256, std::string(131, '\xaa'), {"Test Using Larger Than Block-Size Key - Hash Key First"}),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(
      hex(Sha2::sha512, std::string(131, '\xaa'), {"Test Using Larger Than Block-Size Key - Hash Key First"}),
      "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
      "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
}

TEST(Hmac, parts_are_signed_as_if_they_were_joined) {
  EXPECT_EQ(hex(Sha2::sha256, "key", {"a", "", "bc"}), hex(Sha2::sha256, "key", {"abc"}));
  EXPECT_NE(hex(Sha2::sha256, "key", {"abc"}), hex(Sha2::sha256, "kez", {"abc"}));
}

}  // namespace
}  // namespace linkspan
