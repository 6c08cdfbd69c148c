#include "gateway/request_testing.h"

namespace linkspan::gateway {

TestRequest::TestRequest(std::string_view method, std::string_view target, std::string_view lines,
                         std::string_view client, MonotonicNs now)
    : text_(std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n" +
            (lines.find("Host:") == std::string_view::npos ? "Host: shop.example\r\n" : "") +
            std::string(lines) + "\r\n") {
  const http::ParseStatus status = http::parse_request_head(text_, {}, 0, head_);
  EXPECT_EQ(status.state, http::ParseState::complete) << text_;
  context.start(head_, http::parse_ip_address(client).value(), now, scratch_);
  context.request_id = "request-1";
}

std::string TestRequest::field(std::string_view name) const {
  std::string values;
  for (const ResponseField& field : context.response_fields) {
    if (field.name == name) values += (values.empty() ? "" : " | ") + std::string(field.value);
  }
  return values;
}

TestRequest::~TestRequest() = default;

}  // namespace linkspan::gateway
