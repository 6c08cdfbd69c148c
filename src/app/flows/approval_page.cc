#include "app/flows/approval_page.h"

#include <algorithm>

#include "app/flows/run_document.h"
#include "data/json_write.h"
#include "data/utf8.h"
#include "flow/run/record.h"

namespace linkspan::app {

namespace {

constexpr std::size_t kMaxQuestionBytes = 8 * 1024;

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        // Controls that HTML does not know are shown as what they are not.
        out += static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t' ? '?' : c;
    }
  }
}

void append_paragraph(std::string& out, std::string_view text) {
  out += "<p>";
  append_escaped(out, text);
  out += "</p>\n";
}

std::string page(std::string_view title, std::string_view content) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"robots\" "
      "content=\"noindex\">\n<title>";
  append_escaped(out, title);
  out += "</title>\n</head>\n<body>\n<h1>";
  append_escaped(out, title);
  out += "</h1>\n";
  return out.append(content).append("</body>\n</html>\n");
}

std::string question_text(const data::JsonValue& question) {
  std::string text = question.is_string() ? std::string(question.string()) : data::write_json(question);
  if (text.size() <= kMaxQuestionBytes) return text;
  std::size_t end = kMaxQuestionBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // not within a character
  text.resize(end);
  return text + " ...";
}

}  // namespace

ApprovalView approval_view(const store::StoredRun& run, std::string_view step) {
  const std::string key = "approval:" + std::string(step);
  ApprovalView view;
  view.flow = run.row.flow;
  bool is_decided = false;
  for (const std::string& row : run.records) {
    const Result<std::vector<flow::Record>> records = flow::parse_records(row);
    if (!records) continue;
    for (const flow::Record& record : *records) {
      if (record.step != step) continue;
      if (record.kind == flow::RecordKind::await && record.text == key) {
        view.asked_at = record.at;
        view.question = question_text(record.value);
      }
      is_decided |= record.kind == flow::RecordKind::event;
    }
  }
  const bool waits = run.row.open && std::ranges::find(run.row.waits, key) != run.row.waits.end();
  if (waits) {
    view.state = ApprovalState::asked;
  } else if (is_decided) {
    view.state = ApprovalState::decided;
  } else {
    view.state = run.row.open && view.asked_at == 0 ? ApprovalState::not_yet : ApprovalState::over;
  }
  return view;
}

std::string question_page(const ApprovalView& view, const flow::ApprovalTicket& ticket) {
  std::string content;
  append_paragraph(content, view.question);
  content +=
      "<form method=\"post\">\n<button name=\"decision\" value=\"approve\">Approve</button>\n"
      "<button name=\"decision\" value=\"reject\">Reject</button>\n</form>\n";
  append_paragraph(content, "Asked by flow " + view.flow + ", run " + ticket.run_id + ", step " +
                                ticket.step + ", at " + time_text(view.asked_at) +
                                ". This link may be used until " + time_text(ticket.expires_at) +
                                ", and decides once.");
  return page("Your approval is asked for", content);
}

std::string_view why_not(ApprovalState state) {
  switch (state) {
    case ApprovalState::asked:
      return "This link was used before. The run asks again, by another link.";
    case ApprovalState::decided:
      return "It is decided already.";
    case ApprovalState::not_yet:
      return "Nothing is asked yet. Try again in a moment.";
    case ApprovalState::over:
      break;
  }
  return "It is over: nothing is to be decided any more.";
}

std::string message_page(std::string_view title, std::string_view text) {
  std::string content;
  append_paragraph(content, text);
  return page(title, content);
}

}  // namespace linkspan::app
