#include "gateway/access_log.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "gateway/endpoint.h"

namespace linkspan::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string line_of(const RequestRecord& record, std::vector<std::string> fields = {}) {
  config::AccessLogConfig config;
  config.fields = std::move(fields);
  AccessLog log(config);
  // Exactly the promised room, so that the sanitizer sees a line that is longer.
  const auto out = std::make_unique<char[]>(log.max_bytes(record));
  return {out.get(), log.format(record, out.get())};
}

RequestRecord plain_record() {
  RequestRecord record;
  record.finished_at_ns = 1'795'333'651'123'456'000;
  record.request_id = "r1";
  record.client = "192.0.2.1";
  record.method = http::Method::get;
  record.method_name = "GET";
  record.host = "shop.example";
  record.path = "/customers/7";
  record.query = "api_key=secret";
  record.protocol = "HTTP/1.1";
  record.status = 200;
  record.bytes_in = 120;
  record.bytes_out = 456;
  record.total_ns = 1'234'567;
  return record;
}

TEST(AccessLog, a_line_tells_all_that_is_known_and_nothing_else) {
  Endpoint endpoint;
  endpoint.name = "customer";
  TraceContext trace{};
  trace.trace_id.fill('a');
  trace.span_id.fill('b');
  RequestRecord record = plain_record();
  record.endpoint = &endpoint;
  record.trace = &trace;
  record.consumer = "storefront";
  record.key_id = "k1";
  record.api = "crm";
  record.server = "10.0.0.5:7001";
  record.attempts = 2;
  record.wait_ns = 1'000;
  record.first_byte_ns = 900'000;
  record.user_agent = "curl/7.88";
  EXPECT_EQ(
      line_of(record),
      R"({"time":"2026-11-22T07:47:31.123456Z","request_id":"r1","client":"192.0.2.1","consumer":"storefront",)"
      R"("key":"k1","endpoint":"customer","method":"GET","host":"shop.example","path":"/customers/7",)"
      R"("protocol":"HTTP/1.1","status":200,"bytes_in":120,"bytes_out":456,"duration_ms":1.234,"api":"crm",)"
      R"("upstream":"10.0.0.5:7001","attempts":2,"phases":{"wait_ms":0.001,"first_byte_ms":0.900},)"
      R"("user_agent":"curl/7.88","trace_id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","span_id":"bbbbbbbbbbbbbbbb"})"
      "\n");
}

TEST(AccessLog, a_refusal_names_its_slug_and_no_upstream) {
  RequestRecord record = plain_record();
  record.status = 401;
  record.error = &errors::credentials_missing;
  EXPECT_THAT(line_of(record), HasSubstr(R"("status":401,"error":"credentials-missing","bytes_in":120)"));
  EXPECT_THAT(line_of(record), Not(HasSubstr("attempts")));
}

TEST(AccessLog, the_query_is_logged_only_when_it_is_asked_for) {
  EXPECT_THAT(line_of(plain_record()), Not(HasSubstr("secret")));
  EXPECT_EQ(line_of(plain_record(), {"status", "query"}), "{\"query\":\"api_key=secret\",\"status\":200}\n");
}

TEST(AccessLog, nothing_that_a_caller_sends_breaks_out_of_its_text) {
  RequestRecord record = plain_record();
  record.path = "/a\"},{\"status\":200}\n\\\x01\x7f";
  EXPECT_EQ(line_of(record, {"path"}),
            "{\"path\":\"/a\\\"},{\\\"status\\\":200}\\n\\\\\\u0001\x7f\"}"
            "\n");
}

TEST(AccessLog, text_that_is_no_utf8_is_made_so) {
  RequestRecord record = plain_record();
  record.user_agent = "\xc3\xa4 \xff \xed\xa0\x80 \xf0\x9f\x98\x80 \xc3";
  EXPECT_EQ(line_of(record, {"user_agent"}),
            "{\"user_agent\":\"\xc3\xa4 \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xf0\x9f\x98\x80 "
            "\xef\xbf\xbd\"}\n");
}

TEST(AccessLog, long_text_is_cut_and_the_room_suffices_for_the_worst_of_it) {
  const std::string worst(5000, '\x01');
  RequestRecord record = plain_record();
  record.path = record.user_agent = record.referer = record.host = worst;
  const std::string line = line_of(record);
  EXPECT_THAT(line, HasSubstr("\\u0001...\",\"protocol\""));
  EXPECT_LT(line.size(), 4 * 6 * kMaxLoggedTextBytes + 1000);
}

TEST(AccessLog, a_referer_has_no_query_unless_queries_are_asked_for) {
  RequestRecord record = plain_record();
  record.referer = "https://shop.example/p?key=secret";
  EXPECT_EQ(line_of(record, {"referer"}), "{\"referer\":\"https://shop.example/p\"}\n");
  EXPECT_THAT(line_of(record, {"query", "referer"}), HasSubstr("key=secret"));
}

TEST(AccessLog, fields_that_are_all_absent_make_an_empty_object) {
  EXPECT_EQ(line_of(plain_record(), {"referer"}), "{}\n");
}

TEST(AccessLog, lines_go_into_the_ring_unless_disabled) {
  LogWakeup wakeup;
  LogRing ring(1 << 16, wakeup);
  config::AccessLogConfig config;
  config.fields = {"status"};
  AccessLog log(config);
  log.write(plain_record(), ring);
  config.enabled = false;
  AccessLog(config).write(plain_record(), ring);
  const std::span<const char> written = ring.readable();
  EXPECT_EQ(std::string(written.begin(), written.end()), "{\"status\":200}\n");
}

}  // namespace
}  // namespace linkspan::gateway
