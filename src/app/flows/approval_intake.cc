#include "app/flows/approval_intake.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/flows/approval_page.h"
#include "base/error_kinds.h"
#include "base/strings.h"
#include "http/accept.h"
#include "http/url.h"

namespace linkspan::app {

namespace {

constexpr std::size_t kMaxBodyBytes = 1024;
constexpr std::size_t kMaxWaiting = 1000;
constexpr std::int64_t kPatienceNs = 60 * kNsPerSecond;
constexpr std::string_view kHeaders =
    "Content-Security-Policy: default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri "
    "'none'\r\n"
    "X-Frame-Options: DENY\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cache-Control: no-store\r\n"
    "X-Robots-Tag: noindex\r\n";

struct Reply {
  const ErrorKind* error = nullptr;
  std::string page;
};
using Tell = std::function<void(Reply)>;

struct Pending {
  io::Waiter* waiter = nullptr;  // null: nobody waits any more
  std::optional<Reply> reply;
};

Reply refusal(const ErrorKind& kind, std::string_view why) {
  return {.error = &kind, .page = message_page(kind.title, why)};
}

std::string token_of(std::string_view query) {
  std::string_view key;
  std::string_view value;
  while (http::next_query_parameter(query, key, value)) {
    if (key == "t") return std::string(value);
  }
  return {};
}

std::optional<bool> decision_of(const http::RequestHead& head, std::string_view body) {
  const auto media = http::parse_media_type(head.fields.value(http::HeaderId::content_type));
  const bool is_form = media && equals_ignore_case(media->type, "application") &&
                       equals_ignore_case(media->subtype, "x-www-form-urlencoded");
  if (is_form && body == "decision=approve") return true;
  if (is_form && body == "decision=reject") return false;
  return std::nullopt;
}

Reply reply_of(const Result<store::StoredRun>& run, const flow::ApprovalTicket& ticket) {
  if (!run) {
    const bool is_gone = run.error().kind().slug == errors::run_not_found.slug;
    return is_gone ? refusal(errors::approval_closed, why_not(ApprovalState::over))
                   : refusal(run.error().kind(), "Try again in a moment.");
  }
  const ApprovalView view = approval_view(*run, ticket.step);
  if (view.state == ApprovalState::asked) return {.error = nullptr, .page = question_page(view, ticket)};
  return refusal(errors::approval_closed, why_not(view.state));
}

// On the thread of the flows. Without a decision the question is shown.
void answer(FlowWork& work, const std::string& token, std::optional<bool> decision, WallNs now,
            const Tell& tell) {
  if (work.approvals == nullptr)
    return tell(refusal(errors::approval_invalid, "There are no approvals here."));
  Result<flow::ApprovalTicket> ticket = work.approvals->read(token, now);
  if (!ticket) return tell(refusal(ticket.error().kind(), ticket.error().detail()));
  const store::RunNo run = work.engine.run_of(ticket->run_id);
  if (run == 0) return tell(refusal(errors::approval_invalid, "The link is one of another store."));
  const auto show = [&store = work.store, run, ticket = *ticket, tell](bool was_refused) {
    store.load(run, [ticket, tell, was_refused](const Result<store::StoredRun>& stored) {
      Reply reply = reply_of(stored, ticket);
      if (was_refused && reply.error == nullptr)
        reply = refusal(errors::approval_closed, why_not(ApprovalState::asked));
      tell(std::move(reply));
    });
  };
  if (!decision) return show(false);
  work.engine.approve_by_link(
      run, ticket->step, *decision, ticket->id,
      [show, tell, approved = *decision](const Result<void>& outcome) {
        if (!outcome) return show(true);
        tell({.error = nullptr,
              .page = message_page(approved ? "Approved" : "Rejected", "The run goes on. Thank you.")});
      });
}

io::Task<void> send(gateway::Exchange& exchange, gateway::FlowRequest& request, Reply reply) {
  if (exchange.client().broken()) {
    request.error = &errors::client_closed;
    exchange.set_response_state(gateway::ResponseState::broken);
    co_return;
  }
  request.error = reply.error;
  const gateway::Response response{.status = reply.error == nullptr ? 200 : reply.error->status,
                                   .content_type = "text/html; charset=utf-8",
                                   .fields = request.context.response_fields,
                                   .lines = kHeaders,
                                   .body = reply.page};
  io::Task<void> responding = exchange.respond(response);
  co_await responding;
}

}  // namespace

io::Task<void> ApprovalIntake::handle(gateway::Exchange& exchange, gateway::FlowRequest& request) {
  const http::RequestHead& head = exchange.request();
  std::optional<bool> decision;
  std::optional<Reply> refused;
  if (head.method == http::Method::post) {
    std::string body;
    if (!exchange.body().finished()) {
      io::Task<Result<std::string>> reading = exchange.read_body(kMaxBodyBytes);
      Result<std::string> read = co_await reading;
      if (read) body = std::move(*read);
      if (!read) refused = refusal(read.error().kind(), read.error().detail());
    }
    decision = decision_of(head, body);
    if (!refused && !decision)
      refused = refusal(errors::bad_request, "A decision is either approve or reject.");
  }
  if (!refused && waiting_ >= kMaxWaiting) refused = refusal(errors::overloaded, "Try again in a moment.");
  if (!refused) {
    const auto pending = std::make_shared<Pending>();
    io::Loop& loop = exchange.loop();
    const Tell tell = [pending, &loop](Reply reply) {
      auto told = std::make_shared<Reply>(std::move(reply));
      loop.post([pending, told] {
        pending->reply = std::move(*told);
        if (pending->waiter != nullptr) pending->waiter->notify();
      });
    };
    host_.post([token = token_of(head.query), decision, now = loop.clock().wall_ns(), tell](FlowWork& work) {
      answer(work, token, decision, now, tell);
    });
    struct Attention {
      ~Attention() {
        pending.waiter = nullptr;
        --waiting;
      }
      Pending& pending;
      std::size_t& waiting;
    };
    pending->waiter = &exchange.waiter();
    ++waiting_;
    const Attention attention{*pending, waiting_};
    const MonotonicNs deadline = loop.now() + kPatienceNs;
    while (!pending->reply && !exchange.client().broken() && loop.now() < deadline) {
      co_await exchange.waiter().wait(deadline);
    }
    refused = pending->reply ? std::move(*pending->reply)
                             : refusal(errors::store_failed, "The flows do not answer.");
  }
  io::Task<void> sending = send(exchange, request, std::move(*refused));
  co_await sending;
}

}  // namespace linkspan::app
