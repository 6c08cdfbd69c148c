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
              std::string_view client = "192.0.2.1", MonotonicNs now = 1000 * kNsPerSecond);

  ~TestRequest();

  // The value of a response field; all of them joined with " | " if there are several.
  std::string field(std::string_view name) const;

  RequestContext context;

 private:
  std::string text_;
  http::FieldStorage<> storage_;
  http::RequestHead head_{storage_};
  WorkerScratch scratch_;
};

}  // namespace linkspan::gateway
