// A request for tests: text, its parsed head, and a context started with it.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "gateway/request_context.h"

namespace linkspan::gateway {

class TestRequest {
 public:
  // `lines` are whole field lines.
  TestRequest(std::string_view method, std::string_view target, std::string_view lines = "",
              std::string_view client = "192.0.2.1", MonotonicNs now = 1000 * kNsPerSecond)
      : text_(std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n" +
              (lines.find("Host:") == std::string_view::npos ? "Host: shop.example\r\n" : "") +
              std::string(lines) + "\r\n") {
    const http::ParseStatus status = http::parse_request_head(text_, {}, 0, head_);
    EXPECT_EQ(status.state, http::ParseState::complete) << text_;
    context.start(head_, http::parse_ip_address(client).value(), now, scratch_);
    context.request_id = "request-1";
  }

  // The value of a response field; all of them joined with " | " if there are several.
  std::string field(std::string_view name) const {
    std::string values;
    for (const ResponseField& field : context.response_fields) {
      if (field.name == name) values += (values.empty() ? "" : " | ") + std::string(field.value);
    }
    return values;
  }

  RequestContext context;

 private:
  std::string text_;
  http::FieldStorage<> storage_;
  http::RequestHead head_{storage_};
  WorkerScratch scratch_;
};

}  // namespace linkspan::gateway
