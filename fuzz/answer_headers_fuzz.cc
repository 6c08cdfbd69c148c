// Header fields of answers that flows read, Link and Retry-After, on arbitrary values; a line is a field.
// Invariants: delays stay within their limit; a page's link keeps its meaning when it is written anew;
// another link in front does not hide it.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "flow/calls/link_header.h"
#include "flow/calls/retry_after.h"

namespace {

using namespace linkspan;
using namespace linkspan::flow;

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr std::string_view kRequest = "https://api.example/v1/orders?page=2";

void check_delay(std::string_view value) {
  const auto delay = parse_retry_after(value, 1'700'000'000'500'000'000, std::chrono::hours(1));
  require(!delay || (*delay >= Duration(0) && *delay <= std::chrono::hours(1)));
}

void check_link(const std::vector<std::string_view>& values) {
  const auto next = next_page_link(values, kRequest);
  if (!next || !*next) return;
  require((*next)->find('#') == std::string::npos && (*next)->find('>') == std::string::npos);
  const std::string written = "<" + **next + ">; rel=\"next\"";
  const std::string_view again[] = {"</first>; rel=first", written};
  const auto resolved = next_page_link(again, kRequest);
  require(resolved.ok() && *resolved == *next);
  require(same_origin(**next, kRequest) == same_origin(kRequest, **next));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> values;
  for (const std::string_view line : split(text, '\n')) values.push_back(line);
  for (const std::string_view value : values) check_delay(value);
  check_link(values);
  return 0;
}
