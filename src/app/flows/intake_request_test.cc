#include "app/flows/intake_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/flows/flow_routes.h"
#include "base/error_kinds.h"
#include "config/loader.h"
#include "data/json_write.h"
#include "http/fields.h"

namespace linkspan::app {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kConfig = R"(
listen: http://127.0.0.1:0
auth:
  by_query: { api_key: { query: key } }
endpoints:
  order: { path: "/orders/{shop}", methods: POST, auth: by_query, flow: intake }
  files: { path: "/files/{rest...}", methods: POST, flow: intake }
flows:
  intake:
    trigger:
      dedupe: { key: .id, window: 1h }
    steps:
      one: { set: .id }
  hook:
    trigger: { webhook: /hooks/in }
    steps:
      one: { set: 1 }
)";

class IntakeRequest : public ::testing::Test {
 protected:
  IntakeRequest() {
    const config::LoadResult loaded = config::load_text("test.yaml", kConfig, config::empty_sources());
    EXPECT_TRUE(loaded.ok()) << (loaded.problems.empty() ? "" : to_string(loaded.problems.front()));
    Result<std::shared_ptr<FlowSet>> built = build_flow_set(loaded.config);
    EXPECT_TRUE(built) << built.error().detail();
    flows = *built;
  }

  std::variant<flow::StartRequest, IntakeRefusal> make(std::string_view fields, std::string_view body,
                                                       std::string_view consumer = {}) {
    text = "POST " + target + " HTTP/1.1\r\nHost: x\r\n" + std::string(fields) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    EXPECT_EQ(http::parse_request_head(text, {}, 0, head).state, http::ParseState::complete);
    return make_start_request({.flow = flows->flows[0],
                               .kind = FlowRoute::Kind::answer,
                               .config = *flows->config,
                               .endpoint = flows->config->endpoints[0],
                               .head = head,
                               .body = body,
                               .consumer = consumer,
                               .request_id = "r-1",
                               .now = 0},
                              parser, evaluator);
  }
  flow::StartRequest start(std::string_view fields, std::string_view body, std::string_view consumer = {}) {
    auto made = make(fields, body, consumer);
    EXPECT_TRUE(std::holds_alternative<flow::StartRequest>(made)) << std::get<IntakeRefusal>(made).detail;
    return std::get<flow::StartRequest>(std::move(made));
  }

  std::shared_ptr<const FlowSet> flows;
  std::string target = "/orders/a";
  std::string text;
  http::FieldStorage<> storage;
  http::RequestHead head{storage};
  RealClock clock;
  data::JsonParser parser;
  flow::Evaluator evaluator{clock};
};

TEST_F(IntakeRequest, what_is_kept_of_the_query_has_no_api_key_in_it) {
  target = "/orders/a?source=shop&key=s3cret&test=1";
  EXPECT_EQ(data::write_json(start("", R"({"id":7})").facts),
            R"({"path":"/orders/a","query":"source=shop&test=1","request_id":"r-1"})");
  target = "/orders/a?key=s3cret";
  EXPECT_EQ(data::write_json(start("", R"({"id":7})").facts), R"({"path":"/orders/a","request_id":"r-1"})");
}

TEST_F(IntakeRequest, takes_json_and_the_key_that_the_flow_names) {
  const flow::StartRequest request =
      start("Content-Type: application/json; charset=utf-8\r\n", R"({"id":7})");
  EXPECT_EQ(request.flow, "intake");
  EXPECT_EQ(request.trigger, "endpoint");
  EXPECT_EQ(request.input.find("id")->int64(), 7);
  EXPECT_EQ(request.claim_space, "dedupe:intake");
  EXPECT_EQ(request.claim_key, "7");
  EXPECT_EQ(request.claim_for_ns, 3600 * kNsPerSecond);
}

TEST_F(IntakeRequest, the_caller_s_key_is_the_caller_s_alone) {
  const flow::StartRequest ada = start("Idempotency-Key: k\r\n", R"({"id":7})", "ada");
  const flow::StartRequest nobody = start("Idempotency-Key: k\r\n", R"({"id":7})");
  EXPECT_EQ(ada.claim_key, "k");
  EXPECT_EQ(nobody.claim_key, "k");
  EXPECT_NE(ada.claim_space, nobody.claim_space);
}

TEST_F(IntakeRequest, a_key_that_is_null_claims_nothing) {
  EXPECT_EQ(start("", R"({})").claim_key, "");
}

TEST_F(IntakeRequest, without_a_body_the_input_is_null) {
  EXPECT_TRUE(start("", "").input.is_null());
}

TEST_F(IntakeRequest, refuses_what_is_no_json) {
  auto made = make("Content-Type: text/plain\r\n", "hello");
  EXPECT_EQ(std::get<IntakeRefusal>(made).kind, &errors::media_type_unsupported);
  made = make("", "{");
  EXPECT_EQ(std::get<IntakeRefusal>(made).kind, &errors::json_invalid);
  made = make("Idempotency-Key:\r\n", "{}");
  EXPECT_EQ(std::get<IntakeRefusal>(made).kind, &errors::bad_request);
}

TEST_F(IntakeRequest, a_refusal_lists_what_is_wrong_by_pointers) {
  const IntakeRefusal refusal{
      &errors::input_invalid, "the body is not a shop#Order", {{"/total", "must be a number"}}};
  EXPECT_EQ(
      problem_document(refusal, "r-1"),
      R"({"type":"urn:linkspan:error:input-invalid","title":"Not the input that is expected","status":422,)"
      R"("detail":"the body is not a shop#Order","instance":"r-1",)"
      R"("errors":[{"pointer":"/total","detail":"must be a number"}]})");
}

TEST_F(IntakeRequest, webhooks_and_places_of_status_become_endpoints) {
  std::vector<std::string> routes;
  for (std::size_t i = 0; i < flows->config->endpoints.size(); ++i) {
    routes.push_back(flows->config->endpoints[i].path.text);
    ASSERT_TRUE(flows->routes[i]) << i;
  }
  EXPECT_THAT(routes,
              ::testing::ElementsAre("/orders/{shop}", "/files/{rest...}", "/orders/{shop}/runs/{run}",
                                     "/hooks/in", "/hooks/in/runs/{run}"));
  EXPECT_FALSE(flows->routes[1]->has_status) << "nothing can come behind a rest";
  EXPECT_EQ(flows->routes[3]->kind, FlowRoute::Kind::accept);
  EXPECT_EQ(flows->routes[4]->kind, FlowRoute::Kind::status);
  EXPECT_EQ(status_path("/orders/a", "x-1-proof"), "/orders/a/runs/x-1-proof");
}

TEST_F(IntakeRequest, a_stored_definition_makes_the_same_plan_again) {
  const flow::Plan& plan = *flows->flows[0].plan;
  const auto again = plan_of_definition(plan.definition, flows->catalog);
  ASSERT_TRUE(again) << again.error().detail() << "\n" << plan.definition;
  EXPECT_EQ((*again)->flow, "intake");
  EXPECT_EQ((*again)->digest, plan.digest);
  EXPECT_EQ((*again)->steps.size(), 1U);
}

}  // namespace
}  // namespace linkspan::app
