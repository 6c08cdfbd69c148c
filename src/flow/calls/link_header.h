// Link header fields (RFC 8288) as far as pages of a list need them: where the next page is. Pure; any
// thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace linkspan::flow {

// The target of the first link of relation type `next` in the values of an answer's Link fields, resolved
// against the URL of the request (RFC 3986 section 5), without fragment. nullopt: there is none, this was the
// last page. Links with an anchor speak of another resource and are passed over.
//
// errors::upstream_bad_response if a field cannot be read: that is not the same as a last page.
//
// The target may be anywhere, as the server says; see same_origin before credentials are sent there.
Result<std::optional<std::string>> next_page_link(std::span<const std::string_view> link_values,
                                                  std::string_view request_url);

// Whether both are http or both https URLs with the same host and port (RFC 6454 section 5). False for all
// else.
bool same_origin(std::string_view a, std::string_view b);

}  // namespace linkspan::flow
