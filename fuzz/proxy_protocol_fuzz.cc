// PROXY headers on arbitrary bytes. Invariants: every prefix of an accepted header wants more, and what
// follows a header does not change how it is read.
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/proxy_protocol.h"

namespace {

using namespace linkspan::http;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ProxyHeader header;
  const ParseStatus status = parse_proxy_header(bytes, header);
  if (status.state == ParseState::error) {
    require(header.error.is_set() && !header.error.detail().empty());
    return 0;
  }
  if (status.state != ParseState::complete) return 0;
  require(status.bytes <= size && status.bytes <= kMaxProxyHeaderBytes);
  const std::string exact(bytes.substr(0, status.bytes));
  ProxyHeader again;
  require(parse_proxy_header(exact, again).bytes == status.bytes);
  require(again.has_addresses == header.has_addresses);
  if (header.has_addresses) require(again.source == header.source && again.source_port == header.source_port);
  for (std::size_t prefix = 0; prefix < exact.size(); ++prefix) {
    require(parse_proxy_header(std::string_view(exact).substr(0, prefix), again).state ==
            ParseState::need_more);
  }
  return 0;
}
