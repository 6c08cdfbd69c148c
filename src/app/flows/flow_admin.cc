#include "app/flows/flow_admin.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "app/flows/flow_document.h"
#include "app/flows/run_action.h"
#include "app/flows/run_document.h"
#include "base/error_kinds.h"
#include "base/fault_point.h"
#include "base/strings.h"
#include "data/json_parse.h"
#include "data/json_write.h"
#include "http/accept.h"
#include "http/url.h"

namespace linkspan::app {

namespace {

constexpr std::size_t kMaxBodyBytes = 16 * 1024 * 1024;
constexpr std::size_t kMaxListed = 1000;
constexpr std::int64_t kPatienceNs = 60 * kNsPerSecond;

std::string decoded(std::string_view text, bool plus_is_space) {
  std::string out(text.size(), '\0');
  std::size_t written = 0;
  if (!http::percent_decode(text, out, written, plus_is_space)) return std::string(text);
  out.resize(written);
  return out;
}

// The part of a path before the next slash, which is taken off with it.
std::string_view next_segment(std::string_view& path) {
  const std::size_t slash = path.find('/');
  const std::string_view segment = path.substr(0, slash);
  path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  return segment;
}

std::string text_member(const data::JsonValue& body, std::string_view name) {
  const data::JsonValue* value = body.find(name);
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? std::string(value->string()) : data::write_json(*value);
}

data::JsonValue member(const data::JsonValue& body, std::string_view name) {
  const data::JsonValue* value = body.find(name);
  return value == nullptr ? data::JsonValue() : *value;
}

// What a page of another site could send without the browser asking first.
std::optional<Error> refuse_foreign(const gateway::Exchange& exchange) {
  const http::RequestHead& head = exchange.request();
  const auto media = http::parse_media_type(head.fields.value(http::HeaderId::content_type));
  if (!media || !equals_ignore_case(media->type, "application") ||
      !equals_ignore_case(media->subtype, "json")) {
    return Error(errors::media_type_unsupported,
                 "what changes something needs Content-Type: application/json");
  }
  const http::Field* origin = head.fields.find("Origin");
  const std::string own = (exchange.is_tls() ? "https://" : "http://") + std::string(head.authority);
  if (origin != nullptr && !equals_ignore_case(origin->value(), own)) {
    return Error(errors::origin_refused, "the admin listener is not for pages of other sites");
  }
  return std::nullopt;
}

Error no_such_page() {
  return {errors::endpoint_not_found, "the admin listener has no such page; see /"};
}

// What the request waits for; the control thread's.
template <typename Reply>
struct Pending {
  io::Waiter* waiter = nullptr;
  std::optional<Reply> reply;
};

}  // namespace

bool FlowAdmin::takes(std::string_view path) {
  return path == "/runs" || path.starts_with("/runs/") || path == "/flows" || path.starts_with("/flows/") ||
         path.starts_with("/events/");
}

FlowAdmin::Reply FlowAdmin::failed(Error error) {
  Reply reply;
  reply.error = std::move(error);
  return reply;
}

bool FlowAdmin::has_flows() const {
  return host_.is_open();
}

io::Task<void> FlowAdmin::handle(gateway::Exchange& exchange) {
  const http::RequestHead& head = exchange.request();
  std::optional<Error> refused;
  std::string body;
  if (head.method == http::Method::post) {
    refused = refuse_foreign(exchange);
    if (!refused && !exchange.body().finished()) {
      io::Task<Result<std::string>> reading = exchange.read_body(kMaxBodyBytes);
      Result<std::string> read = co_await reading;
      if (read) body = std::move(*read);
      if (!read) refused = std::move(read).error();
    }
  }
  if (!refused && !host_.is_open()) refused = Error(errors::flow_unknown, "the config has no flows");
  if (!refused) {
    Result<Work> work = plan(head, body);
    if (work) {
      io::Task<void> answering = answer(exchange, std::move(*work));
      co_await answering;
      co_return;
    }
    refused = std::move(work).error();
  }
  io::Task<void> refusing = exchange.respond_problem(refused->kind(), refused->detail());
  co_await refusing;
}

Result<FlowAdmin::Work> FlowAdmin::plan(const http::RequestHead& head, std::string_view body) const {
  const bool reads = head.method == http::Method::get || head.method == http::Method::head;
  if (!reads && head.method != http::Method::post) {
    return Error(errors::method_not_allowed, "runs are read with GET and changed with POST");
  }
  std::string_view rest = head.path.substr(1);
  const std::string_view room = next_segment(rest);
  const std::string name = decoded(next_segment(rest), false);
  const std::string_view action = next_segment(rest);
  if (!rest.empty()) return no_such_page();
  if (reads) {
    if (room == "flows" && name.empty()) return plan_flows();
    if (room != "runs" || !action.empty()) return no_such_page();
    if (name.empty()) return plan_list(head.query);
    return Work([name](FlowWork& work, const Answer& answer) {
      Result<store::StoredRun> run = work.store.read(work.engine.run_of(name));
      answer(run ? Reply{.status = 200, .body = run_document(name, *run), .error = {}}
                 : failed(std::move(run).error()));
    });
  }
  data::JsonValue value;
  if (!body.empty()) {
    Result<data::JsonValue> parsed = data::parse_json(body);
    if (!parsed) return std::move(parsed).error();
    value = std::move(*parsed);
  }
  if (room == "flows" && action == "run") return plan_start(name, std::move(value));
  if (room == "events" && action.empty() && !name.empty()) return plan_event(name, value);
  if (room == "runs" && name.empty() && action.empty()) return plan_bulk(value);
  if (room == "runs" && !action.empty()) return plan_action(name, action, value);
  return no_such_page();
}

FlowAdmin::Work FlowAdmin::plan_flows() {
  return [](FlowWork& work, const Answer& answer) {
    data::JsonArrayBuilder flows;
    const std::vector<flow::PollStatus> polls = work.polls.status();
    for (const FlowEntry& entry : work.flows.flows) {
      const std::string& name = entry.config->name;
      const auto poll = std::ranges::find(polls, name, &flow::PollStatus::flow);
      flows.add(flow_document(*entry.config, poll == polls.end() ? nullptr : &*poll));
    }
    answer({.status = 200, .body = data::JsonValue::object({{"flows", flows.build()}}), .error = {}});
  };
}

Result<FlowAdmin::Work> FlowAdmin::plan_list(std::string_view query) {
  store::RunFilter filter;
  std::string before;
  std::string_view key;
  std::string_view raw;
  while (http::next_query_parameter(query, key, raw)) {
    const std::string value = decoded(raw, true);
    flow::RunStatus status{};
    if (key == "flow") {
      filter.flow = value;
    } else if (key == "status" && value == "open") {
      filter.open = true;
    } else if (key == "status" && flow::parse_run_status(value, status)) {
      filter.state = static_cast<std::uint8_t>(status);
    } else if (key == "limit" && parse_u64(value)) {
      filter.limit = std::clamp<std::size_t>(*parse_u64(value), 1, kMaxListed);
    } else if (key == "before") {
      before = value;
    } else {
      return Error(errors::bad_request,
                   "runs are listed by flow, status (open, or one of a run), limit and before");
    }
  }
  return Work([filter, before](FlowWork& work, const Answer& answer) mutable {
    if (!before.empty()) filter.before = work.engine.run_of(before);
    Result<std::vector<store::RunRow>> rows = work.store.list(filter);
    if (!rows) return answer(failed(std::move(rows).error()));
    data::JsonArrayBuilder runs;
    for (const store::RunRow& row : *rows) runs.add(row_document(work.engine.id_of(row.run), row));
    data::JsonValue body = data::JsonValue::object({{"runs", runs.build()}});
    if (rows->size() == filter.limit) body.set("next", work.engine.id_of(rows->back().run));
    answer({.status = 200, .body = std::move(body), .error = {}});
  });
}

Result<FlowAdmin::Work> FlowAdmin::plan_action(std::string id, std::string_view action,
                                               const data::JsonValue& body) {
  if (!is_run_action(action)) return no_such_page();
  Result<RunAction> read = read_run_action(action, body);
  if (!read) return std::move(read).error();
  return Work([id = std::move(id), what = std::move(*read)](FlowWork& work, const Answer& answer) {
    const store::RunNo run = work.engine.run_of(id);
    flow::Engine::Done done = [answer, id](Result<void> outcome) {
      answer(outcome ? Reply{.status = 200, .body = data::JsonValue::object({{"run", id}}), .error = {}}
                     : failed(std::move(outcome).error()));
    };
    if (run == 0) return done(Error(errors::run_not_found, "there is no run " + id));
    act_on_run(work, run, what, std::move(done));
  });
}

Result<FlowAdmin::Work> FlowAdmin::plan_bulk(const data::JsonValue& body) {
  Result<BulkAction> read = read_bulk_action(body);
  if (!read) return std::move(read).error();
  return Work([bulk = std::move(*read)](FlowWork& work, const Answer& answer) {
    act_on_runs(work, bulk, [answer](Result<data::JsonValue> told) {
      answer(told ? Reply{.status = 200, .body = std::move(*told), .error = {}}
                  : failed(std::move(told).error()));
    });
  });
}

FlowAdmin::Work FlowAdmin::plan_start(std::string flow, data::JsonValue input) {
  return [flow = std::move(flow), input = std::move(input)](FlowWork& work, const Answer& answer) {
    for (const FlowEntry& entry : work.flows.flows) {
      if (entry.config->name != flow || !entry.input || entry.input->is_valid(input)) continue;
      std::string detail = "the input is not a " + entry.plan->input_name;
      for (const data::SchemaProblem& problem : entry.input->validate(input))
        detail += "; " + problem.to_string();
      return answer(failed(Error(errors::input_invalid, std::move(detail))));
    }
    flow::StartRequest request;
    request.flow = flow;
    request.input = input;
    request.trigger = "manual";
    work.engine.start(std::move(request), [answer](flow::StartOutcome outcome) {
      if (outcome.error) return answer(failed(std::move(*outcome.error)));
      LINKSPAN_FAULT_POINT("app:before-acknowledge");
      answer({.status = 202, .body = data::JsonValue::object({{"run", outcome.run_id}}), .error = {}});
    });
  };
}

FlowAdmin::Work FlowAdmin::plan_event(std::string event, const data::JsonValue& body) {
  return [event = std::move(event), key = text_member(body, "key"), data = member(body, "data"),
          id = text_member(body, "id")](FlowWork& work, const Answer& answer) {
    work.engine.emit(event, key, data, id, [answer, event](Result<void> outcome) {
      answer(outcome ? Reply{.status = 202, .body = data::JsonValue::object({{"event", event}}), .error = {}}
                     : failed(std::move(outcome).error()));
    });
  };
}

io::Task<void> FlowAdmin::answer(gateway::Exchange& exchange, Work work) {
  const auto pending = std::make_shared<Pending<Reply>>();
  io::Loop& loop = exchange.loop();
  host_.post([work = std::move(work), pending, &loop](FlowWork& parts) {
    work(parts, [pending, &loop](Reply reply) {
      auto told = std::make_shared<Reply>(std::move(reply));
      loop.post([pending, told] {
        pending->reply = std::move(*told);
        if (pending->waiter != nullptr) pending->waiter->notify();
      });
    });
  });
  pending->waiter = &exchange.waiter();
  struct Leave {
    ~Leave() { pending.waiter = nullptr; }
    Pending<Reply>& pending;
  };
  const Leave leave{*pending};
  const MonotonicNs deadline = loop.now() + kPatienceNs;
  while (!pending->reply && !exchange.client().broken() && loop.now() < deadline) {
    co_await exchange.waiter().wait(deadline);
  }
  if (!pending->reply) pending->reply = failed(Error(errors::store_failed, "the flows do not answer"));
  if (pending->reply->error) {
    const Error& error = *pending->reply->error;
    io::Task<void> refusing = exchange.respond_problem(error.kind(), error.detail());
    co_await refusing;
    co_return;
  }
  const std::string body = data::write_json(pending->reply->body, {.indent = 2}) + "\n";
  const gateway::Response response{.status = pending->reply->status,
                                   .content_type = "application/json",
                                   .fields = {},
                                   .lines = "Cache-Control: no-store\r\n",
                                   .body = body};
  io::Task<void> responding = exchange.respond(response);
  co_await responding;
}

}  // namespace linkspan::app
