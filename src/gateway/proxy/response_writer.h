// The head of a relayed answer: the server's end-to-end fields, and what Linkspan says itself.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/proxy_target.h"
#include "gateway/request_context.h"
#include "gateway/server/exchange.h"
#include "http/h1_response.h"
#include "http/head_writer.h"

namespace linkspan::gateway {

// How the body of an answer travels on to the client.
enum class BodyCoding : std::uint8_t {
  none,          // there is none
  as_is,         // by Content-Length, or as chunks that are passed on validated
  chunk,         // delimited by the server's close; chunks are put around it
  until_close,   // to an HTTP/1.0 client: delimited by our close
  decode_chunks  // the same, from a chunked answer
};

BodyCoding choose_coding(const http::ResponseHead& head, int client_version_minor);

// What is added to every answer of a request.
struct ResponseRules {
  const ProxyTarget* target = nullptr;
  const RequestContext* context = nullptr;
  bool via = true;
  std::string_view via_name;
};

// Fields of an upstream's answer that Linkspan writes itself.
inline constexpr http::HeaderSet kOwnResponseFields = {http::HeaderId::via, http::HeaderId::x_request_id};

// Which fields of an answer, of an interim one, and of a trailer section stay behind.
http::CopyRules response_copy_rules(const ProxyTarget& target);

// Writes the whole head. `exchange` has been told whether it closes.
void write_response_head(const Exchange& exchange, const http::ResponseHead& head, const ResponseRules& rules,
                         BodyCoding coding, http::HeadWriter& out);

}  // namespace linkspan::gateway
