// What starts a run.
#include <array>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/call_keys.h"
#include "config/describe.h"
#include "config/header_types.h"
#include "config/path_pattern.h"
#include "config/scalar_types.h"

namespace linkspan::config {
namespace {

using namespace std::chrono_literals;

Result<std::uint32_t> parse_algorithm(std::string_view text) {
  if (text == "sha256") return 256U;
  if (text == "sha512") return 512U;
  return Error(errors::config_invalid, {});
}

std::string format_algorithm(const std::uint32_t& bits) {
  return "sha" + std::to_string(bits);
}

Typed<HmacConfig> hmac_type() {
  return object<HmacConfig>("An HMAC of the body, in a header field.")
      .field("header", &HmacConfig::header, header_name(), "The header field.")
      .required()
      .field("secret", &HmacConfig::secret, secret(), "What sender and Linkspan share.")
      .required()
      .field("prefix", &HmacConfig::prefix, text(), "What stands before it in the field, such as `sha256=`.")
      .field("encoding", &HmacConfig::base64, Typed<bool>(choice_type({{"hex", 0}, {"base64", 1}})),
             "How it is written.")
      .field("algorithm", &HmacConfig::bits,
             parsed<std::uint32_t>({.form = "`sha256` or `sha512`",
                                    .expected = "\"sha256\" or \"sha512\"",
                                    .pattern = "sha256|sha512"},
                                   parse_algorithm, format_algorithm),
             "The hash.")
      .done();
}

void check_one_of(const ObjectView& view, std::initializer_list<std::string_view> keys,
                  std::string_view message) {
  bool found = false;
  for (std::string_view key : keys) {
    if (!view.given(key)) continue;
    if (found) view.problem(key, message);
    found = true;
  }
}

void check_verify(VerifyConfig&, const ObjectView& view) {
  const std::initializer_list<std::string_view> keys = {"standard_webhooks", "github", "hmac"};
  check_one_of(view, keys, "a webhook is verified in one way; leave the others out");
  bool any = view.has_unknown_keys();
  for (std::string_view key : keys) any = any || view.given(key);
  if (!any) view.problem("needs standard_webhooks, github or hmac");
}

Typed<VerifyConfig> verify_type() {
  return object<VerifyConfig>("How a webhook proves who sent it: one of these.")
      .field("standard_webhooks", &VerifyConfig::standard_webhooks, optional(secret()),
             "Signed as standardwebhooks.com says, with this secret (`whsec_...`).")
      .field("github", &VerifyConfig::github, optional(secret()),
             "Signed as GitHub does, in `X-Hub-Signature-256`, with this secret.")
      .field("hmac", &VerifyConfig::hmac, optional(hmac_type()),
             "Signed with an HMAC in another header field.")
      .check<check_verify>()
      .done();
}

Result<std::string> parse_webhook_path(std::string_view text) {
  Result<PathPattern> pattern = parse_path_pattern(text);
  if (!pattern) return std::move(pattern).error();
  std::string path = pattern->segments.empty() ? "/" : "";
  for (const PathSegment& segment : pattern->segments) {
    if (segment.kind != PathSegment::Kind::literal) {
      return Error(errors::config_invalid, "the path of a webhook has no parameters");
    }
    path += "/" + segment.text;
  }
  return path;
}

Typed<WebhookConfig> webhook_type() {
  return object<WebhookConfig>("A request that starts a run: POST to a path. The path alone will do.")
      .scalar("path")
      .positioned()
      .field("path", &WebhookConfig::path,
             parsed_text({.form = "path",
                          .expected = "a path such as /hooks/shop/orders",
                          .pattern = "/[^?#{}]*",
                          .explained = true},
                         parse_webhook_path),
             "The path, on every address in `listen`.")
      .required()
      .field("verify", &WebhookConfig::verify, optional(verify_type()),
             "How it is verified; anybody may start runs if not given.")
      .done();
}

Typed<ScheduleConfig> schedule_type() {
  return object<ScheduleConfig>("Starts runs by the clock. The cron expression alone will do.")
      .scalar("cron")
      .positioned()
      .field("cron", &ScheduleConfig::cron, text(),
             "Minute, hour, day of the month, month, day of the week: `30 6 * * mon-fri`.")
      .required()
      .field("time_zone", &ScheduleConfig::time_zone, text(), "Name of a time zone, such as `Europe/Berlin`.")
      .field(
          "missed", &ScheduleConfig::missed,
          choice<MissedTicks>(
              {{"skip", MissedTicks::skip}, {"once", MissedTicks::once}, {"all", MissedTicks::all}}),
          "What becomes of times at which Linkspan did not run: `skip` them, run `once` for all of them, or "
          "run `all`.")
      .done();
}

void check_poll(PollConfig&, const ObjectView& view) {
  if (view.given("changed_only") && !view.given("key")) {
    view.problem("changed_only", "means something only with key");
  }
}

bool has_key(const PollConfig& poll) {
  return poll.key.has_value();
}

Typed<PollConfig> poll_type() {
  auto builder = object<PollConfig>("Calls an operation again and again; each new item starts a run.");
  builder.positioned()
      .whole("call", call_operation<PollConfig>(), "The operation: `api.operation`.")
      .required();
  add_call_arguments(builder);
  return builder.field("every", &PollConfig::every, duration({100ms, 366 * 24h}), "Time between two calls.")
      .field("items", &PollConfig::items, expression(),
             "The items, out of the answer as `{status, headers, body}`.")
      .required()
      .field("cursor", &PollConfig::cursor, optional(expression()),
             "Out of the answer: what the next call gets as `$cursor`, which is null at first; null keeps "
             "the one "
             "before.")
      .field("key", &PollConfig::key, optional(expression()),
             "Out of an item: what it is known by. An item that was there already starts no run.")
      .field("changed_only", &PollConfig::changed_only, boolean(),
             "With `key`: an item that is there again starts a run if its content is another.")
      .shown_when<has_key>()
      .check<check_poll>()
      .done();
}

Typed<DedupeConfig> dedupe_type() {
  return object<DedupeConfig>("What happens twice starts one run only. The key alone will do.")
      .scalar("key")
      .field("key", &DedupeConfig::key, expression(), "Out of the input: what it is known by.")
      .required()
      .field("window", &DedupeConfig::window, duration({1s, 3660 * 24h}), "How long a key is remembered.")
      .done();
}

void check_trigger(TriggerConfig&, const ObjectView& view) {
  check_one_of(view, {"webhook", "schedule", "poll", "event"},
               "a flow has one trigger; another flow can start it by a step with run");
}

}  // namespace

Typed<TriggerConfig> trigger_type() {
  return object<TriggerConfig>(
             "What starts a run: `webhook`, `schedule`, `poll` or `event`. Without any of them only an "
             "endpoint, "
             "another flow or a person does.")
      .field("webhook", &TriggerConfig::webhook, optional(webhook_type()), "A request.")
      .field("schedule", &TriggerConfig::schedule, optional(schedule_type()), "The clock.")
      .field("poll", &TriggerConfig::poll, optional(poll_type()), "New items that an operation gives.")
      .field("event", &TriggerConfig::event, event_name(), "An event that a step with `emit` sends.")
      .field("dedupe", &TriggerConfig::dedupe, optional(dedupe_type()), "What happens twice starts one run.")
      .check<check_trigger>()
      .done();
}

}  // namespace linkspan::config
