// URLs, paths, queries and addresses on arbitrary bytes. Invariants: what is accepted and written anew reads
// back as the same; a normalised path stays as it is, has no dot segment and hides none one decoding away.
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/ip_address.h"
#include "http/url.h"

namespace {

using namespace linkspan::http;

void require(bool condition) {
  if (!condition) std::abort();
}

bool has_dot_segment(std::string_view path) {
  std::string padded(path);
  padded += '/';
  return padded.find("/../") != std::string::npos || padded.find("/./") != std::string::npos;
}

void check_path(std::string_view raw) {
  std::string scratch(raw.size(), '\0');
  ProtocolError error;
  const std::string once(normalize_path(raw, scratch, error));
  require(once.empty() == error.is_set());
  if (once.empty()) return;
  require(once.front() == '/' && once.size() <= raw.size() && !has_dot_segment(once));
  std::string scratch_again(once.size(), '\0');
  require(normalize_path(once, scratch_again, error) == once);
  std::string decoded(once.size(), '\0');
  std::size_t bytes = 0;
  require(percent_decode(once, decoded, bytes));
  decoded.resize(bytes);
  require(!has_dot_segment(decoded) && decoded.find('\\') == std::string::npos);
}

void check_url(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return;
  const std::string written = url->to_string();
  const auto again = parse_url(written);
  require(again.ok() && again->to_string() == written);
  require(again->host == url->host && again->port == url->port && again->path == url->path &&
          again->query == url->query);
}

void check_address(std::string_view text) {
  const auto address = parse_ip_address(text);
  if (address) {
    char out[kMaxIpAddressText];
    const auto again = parse_ip_address(format_ip_address(*address, out));
    require(again == address);
  }
  NetworkSet networks;
  if (networks.add(text).ok() && address) require(networks.contains(*address));
}

void check_encoding(std::string_view text) {
  std::string encoded;
  percent_encode(text, UrlPart::query_component, encoded);
  std::string decoded(encoded.size(), '\0');
  std::size_t bytes = 0;
  require(percent_decode(encoded, decoded, bytes, true));
  require(decoded.substr(0, bytes) == text);
  std::string_view query = text;
  std::string_view name;
  std::string_view value;
  while (next_query_parameter(query, name, value)) require(name.size() + value.size() <= text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_path(text);
  check_url(text);
  check_address(text);
  check_encoding(text);
  HostPort parts;
  if (parse_host_port(text, parts)) require(!parts.host.empty() && parts.host.size() <= text.size());
  return 0;
}
