#include "http/url.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace linkspan::http {
namespace {

std::string normalized(const std::string& raw) {
  std::string scratch(raw.size(), '\0');
  ProtocolError error;
  const std::string_view clean = normalize_path(raw, scratch, error);
  return clean.empty() ? "refused: " + std::string(error.detail()) : std::string(clean);
}

TEST(NormalizePath, a_clean_path_is_returned_without_a_copy) {
  for (const std::string raw :
       {"/", "/a", "/customers/12345/orders", "/a/b/", "/v1.2/a.b-c_d~e/@x:y;z=1,2"}) {
    ProtocolError error;
    const std::string_view clean = normalize_path(raw, {}, error);
    EXPECT_EQ(clean.data(), raw.data());
    EXPECT_EQ(clean.size(), raw.size());
  }
}

TEST(NormalizePath, dots_are_found_wherever_they_stand_in_a_block) {
  for (std::size_t before = 1; before < 40; ++before) {
    const std::string prefix = "/" + std::string(before, 'a');
    EXPECT_EQ(normalized(prefix + "/b/../c"), prefix + "/c");
    EXPECT_EQ(normalized(prefix + "/.hidden/.x"), prefix + "/.hidden/.x");
    EXPECT_EQ(normalized(prefix + ".b/c."), prefix + ".b/c.");
    EXPECT_EQ(normalized(prefix + "%41"), prefix + "A");
    EXPECT_EQ(normalized(prefix + "//b///c//"), prefix + "/b/c/");
  }
}

TEST(NormalizePath, empty_segments_are_removed) {
  EXPECT_EQ(normalized("//admin"), "/admin");
  EXPECT_EQ(normalized("//"), "/");
  EXPECT_EQ(normalized("/a//../b"), "/b");
  EXPECT_EQ(normalized("/a/.//b"), "/a/b");
  EXPECT_EQ(normalized("/a/b//"), "/a/b/");
}

TEST(NormalizePath, normalising_twice_changes_nothing) {
  for (const std::string raw :
       {"/a/./b/../c", "/%61%7e%2e", "/a%20%c3%bc", "/x/..", "/%25", "/a//..//b", "/.//b"}) {
    const std::string once = normalized(raw);
    EXPECT_EQ(normalized(once), once) << raw;
  }
}

TEST(NormalizePath, says_what_and_where) {
  EXPECT_EQ(normalized("/abc%2Fd"), "refused: an encoded slash (%2F) is in the path, at byte 4");
  EXPECT_EQ(normalized("abc"), "refused: the path does not begin with '/', at byte 0");
  EXPECT_EQ(normalized(""), "refused: the path does not begin with '/', at byte 0");
}

TEST(ParseUrl, splits_and_normalises) {
  Result<Url> url = parse_url("HTTPS://API.Example:8443/a/../b%7e?x=%2F");
  ASSERT_TRUE(url.ok());
  EXPECT_TRUE(url->https);
  EXPECT_EQ(url->host, "api.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/b~");
  EXPECT_EQ(url->query, "x=%2F");
  EXPECT_EQ(url->to_string(), "https://api.example:8443/b~?x=%2F");
}

TEST(ParseUrl, knows_the_default_port_and_leaves_it_out_of_the_authority) {
  EXPECT_EQ(parse_url("http://a")->port, 80);
  EXPECT_EQ(parse_url("https://a:/")->port, 443);
  EXPECT_EQ(parse_url("https://a:443/x")->authority(), "a");
  EXPECT_EQ(parse_url("http://a:443")->authority(), "a:443");
  EXPECT_EQ(parse_url("http://a?q")->to_string(), "http://a/?q");
  EXPECT_EQ(parse_url("http://a/?")->to_string(), "http://a/?");
}

TEST(ParseUrl, addresses_are_canonical) {
  Result<Url> url = parse_url("http://[2001:DB8:0:0::1]:81/");
  ASSERT_TRUE(url.ok());
  EXPECT_TRUE(url->host_is_ip);
  EXPECT_EQ(url->host, "2001:db8::1");
  EXPECT_EQ(url->authority(), "[2001:db8::1]:81");
  EXPECT_TRUE(parse_url("http://192.0.2.1")->host_is_ip);
  EXPECT_FALSE(parse_url("http://192.0.2.example")->host_is_ip);
}

TEST(ParseUrl, refuses_what_is_no_plain_http_url) {
  for (const char* text :
       {"", "a.example", "ftp://a", "http:/a", "http://", "http:///x", "http://a b", "http://a:x",
        "http://a:0", "http://a:70000", "http://u:p@a/", "http://a/#f", "http://[::1", "http://[a]/",
        "http://a/%2f", "http://a/..", "http://a/?\"", "http://a\\b/"}) {
    EXPECT_FALSE(parse_url(text).ok()) << text;
  }
}

TEST(PercentDecode, decodes_or_says_no) {
  std::string out(32, '\0');
  std::size_t written = 0;
  ASSERT_TRUE(percent_decode("a%20b+c%2f%c3%BC", out, written));
  EXPECT_EQ(out.substr(0, written), "a b+c/\xc3\xbc");
  ASSERT_TRUE(percent_decode("a+b", out, written, true));
  EXPECT_EQ(out.substr(0, written), "a b");
  EXPECT_FALSE(percent_decode("a%2", out, written));
  EXPECT_FALSE(percent_decode("a%zz", out, written));
  EXPECT_FALSE(percent_decode("abc", std::span<char>(out.data(), 2), written));
}

TEST(PercentEncode, encoded_text_is_decoded_to_itself) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  for (const UrlPart part : {UrlPart::path_segment, UrlPart::query_component}) {
    std::string encoded;
    percent_encode(all, part, encoded);
    std::string decoded(encoded.size(), '\0');
    std::size_t written = 0;
    ASSERT_TRUE(percent_decode(encoded, decoded, written));
    EXPECT_EQ(decoded.substr(0, written), all);
  }
  std::string segment;
  percent_encode("a/b?c d+e:f", UrlPart::path_segment, segment);
  EXPECT_EQ(segment, "a%2Fb%3Fc%20d+e:f");
  std::string component;
  percent_encode("a/b?c d+e&f=g", UrlPart::query_component, component);
  EXPECT_EQ(component, "a%2Fb%3Fc%20d%2Be%26f%3Dg");
}

TEST(QueryParameters, are_given_in_order_and_raw) {
  std::string_view query = "a=1&&b&c=x=y&=z&d=%20";
  std::vector<std::string> seen;
  std::string_view name;
  std::string_view value;
  while (next_query_parameter(query, name, value))
    seen.push_back(std::string(name) + "|" + std::string(value));
  EXPECT_EQ(seen, (std::vector<std::string>{"a|1", "b|", "c|x=y", "|z", "d|%20"}));
}

}  // namespace
}  // namespace linkspan::http
