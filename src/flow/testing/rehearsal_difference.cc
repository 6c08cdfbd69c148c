#include "flow/testing/rehearsal_difference.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "data/json_pointer.h"
#include "data/json_write.h"

namespace linkspan::flow {

namespace {

constexpr std::size_t kMaxShownBytes = 160;
constexpr std::size_t kMaxLines = 50;
constexpr std::array<std::string_view, 12> kSecretWords = {"password",      "passwd", "secret", "token",
                                                           "authorization", "cookie", "apikey", "api_key",
                                                           "api-key",       "card",   "cvc",    "iban"};

bool is_secret_name(std::string_view name) {
  const std::string lower = to_lower_ascii(name);
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

// Long texts are shown from shortly before the place where they begin to differ.
std::string shown(const data::JsonValue* value, std::size_t from) {
  if (value == nullptr) return "nothing";
  std::string text = data::write_json(*value);
  if (text.size() <= kMaxShownBytes) return text;
  from = from > 20 ? from - 20 : 0;
  const std::size_t left = text.size() - from;
  return (from == 0 ? "" : "...") + text.substr(from, kMaxShownBytes) + (left > kMaxShownBytes ? "..." : "");
}

class Differ {
 public:
  explicit Differ(std::string_view what) : what_(what) {}

  void walk(const data::JsonValue* then, const data::JsonValue* now, const std::string& pointer,
            bool secret) {
    if (then != nullptr && now != nullptr) {
      if (*then == *now) return;
      if (then->is_object() && now->is_object()) return walk_members(*then, *now, pointer, secret);
      if (then->is_array() && now->is_array()) return walk_items(*then, *now, pointer, secret);
    }
    tell(then, now, pointer, secret);
  }

  std::vector<std::string> take() { return std::move(lines_); }

 private:
  void walk_members(const data::JsonValue& then, const data::JsonValue& now, const std::string& pointer,
                    bool secret) {
    const auto walk_one = [&](std::string_view name) {
      std::string place = pointer;
      data::append_pointer_token(place, name);
      walk(then.find(name), now.find(name), place, secret || is_secret_name(name));
    };
    for (const data::JsonMember& member : then.members()) walk_one(member.key.string());
    for (const data::JsonMember& member : now.members()) {
      if (then.find(member.key.string()) == nullptr) walk_one(member.key.string());
    }
  }

  void walk_items(const data::JsonValue& then, const data::JsonValue& now, const std::string& pointer,
                  bool secret) {
    for (std::size_t i = 0; i < std::max(then.size(), now.size()); ++i) {
      std::string place = pointer;
      data::append_pointer_token(place, i);
      walk(i < then.size() ? &then.items()[i] : nullptr, i < now.size() ? &now.items()[i] : nullptr, place,
           secret);
    }
  }

  void tell(const data::JsonValue* then, const data::JsonValue* now, const std::string& pointer,
            bool secret) {
    if (lines_.size() == kMaxLines) lines_.push_back(what_ + ": and more");
    if (lines_.size() > kMaxLines) return;
    std::string line = what_ + (pointer.empty() ? "" : " " + pointer) + ": ";
    if (secret) {
      line += then == nullptr ? "nothing -> ***" : now == nullptr ? "*** -> nothing" : "*** -> another ***";
    } else {
      std::size_t from = 0;
      if (then != nullptr && now != nullptr) {
        const std::string a = data::write_json(*then);
        const std::string b = data::write_json(*now);
        from =
            static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
      }
      line += shown(then, from) + " -> " + shown(now, from);
    }
    lines_.push_back(std::move(line));
  }

  std::string what_;
  std::vector<std::string> lines_;
};

std::string_view text_of(const data::JsonValue& object, std::string_view name) {
  const data::JsonValue* value = object.find(name);
  return value != nullptr && value->is_string() ? value->string() : std::string_view();
}

// A target as {path, query: {...}}, so that a parameter is compared by its name.
data::JsonValue parts_of(std::string_view target) {
  const auto [path, query] = split_once(target, '?');
  data::JsonObjectBuilder parts;
  parts.set("path", path);
  if (query) {
    data::JsonValue parameters = data::JsonValue::empty_object();
    for (const std::string_view pair : split(*query, '&')) {
      const auto [name, value] = split_once(pair, '=');
      parameters.set(name, value.value_or(std::string_view()));
    }
    parts.set("query", std::move(parameters));
  }
  return parts.build();
}

// Keys tell the run and the step, and how often a person changed what is sent: no difference of the flow.
data::JsonValue without_keys(const data::JsonValue* headers, const std::string& run) {
  data::JsonObjectBuilder kept;
  if (headers == nullptr) return kept.build();
  for (const data::JsonMember& header : headers->members()) {
    const std::string_view value = header.value.is_string() ? header.value.string() : std::string_view();
    if (equals_ignore_case(header.key.string(), "idempotency-key") || value.starts_with(run + ".")) continue;
    kept.set(header.key, header.value);
  }
  return kept.build();
}

// What is sent, taken apart so that it can be compared.
data::JsonValue comparable(const data::JsonValue& request, const std::string& run) {
  if (text_of(request, "call").empty()) return request;  // an event, or the input of another run
  data::JsonObjectBuilder parts;
  parts.set("target", parts_of(text_of(request, "target")));
  parts.set("headers", without_keys(request.find("headers"), run));
  if (const data::JsonValue* json = request.find("json")) parts.set("body", *json);
  if (const data::JsonValue* body = request.find("body")) parts.set("body", *body);
  return parts.build();
}

const Trace* find_trace(const RecordedRun& run, const Doing& doing) {
  const auto found = std::find_if(run.traces.begin(), run.traces.end(),
                                  [&](const Trace& trace) { return trace.doing == doing; });
  return found == run.traces.end() ? nullptr : &*found;
}

std::string end_words(const std::string& end) {
  return end.empty() ? "not over" : end;
}

void compare(const Trace& then, const Trace& now, const std::string& run, std::vector<std::string>& lines) {
  const std::string label = to_string(now.doing);
  const bool other_call = text_of(then.request, "call") != text_of(now.request, "call");
  if (!then.request.is_null() && !now.request.is_null() && other_call) {
    lines.push_back(label + ": " + request_words(then.request) + " -> " + request_words(now.request));
  } else if (!then.request.is_null() && !now.request.is_null()) {
    const data::JsonValue a = comparable(then.request, run);
    const data::JsonValue b = comparable(now.request, run);
    for (std::string& line : value_differences(label + ":", a, b)) lines.push_back(std::move(line));
  }
  if (then.end == now.end) return;
  std::string line = label + ": then " + end_words(then.end) + ", now " + end_words(now.end);
  if (then.request.is_null() && !now.request.is_null()) line += " (" + request_words(now.request) + ")";
  lines.push_back(std::move(line));
}

bool matters(const Trace& trace) {
  return !trace.request.is_null() || (trace.end != "done" && trace.end != "left out");
}

}  // namespace

std::vector<std::string> value_differences(std::string_view what, const data::JsonValue& then,
                                           const data::JsonValue& now) {
  Differ differ(what);
  differ.walk(&then, &now, {}, false);
  return differ.take();
}

std::string request_words(const data::JsonValue& request) {
  const std::string_view call = text_of(request, "call");
  if (call.empty()) {
    const std::string_view flow = text_of(request, "flow");
    return flow.empty() ? "event " + std::string(text_of(request, "event")) : "a run of " + std::string(flow);
  }
  const auto [path, query] = split_once(text_of(request, "target"), '?');
  return std::string(call) + " " + std::string(text_of(request, "method")) + " " + std::string(path);
}

std::vector<std::string> run_differences(const RecordedRun& then, const RecordedRun& now) {
  std::vector<std::string> lines;
  for (const Trace& trace : now.traces) {
    const Trace* before = find_trace(then, trace.doing);
    if (before != nullptr) {
      compare(*before, trace, then.id, lines);
    } else if (matters(trace)) {
      lines.push_back(to_string(trace.doing) + ": new" +
                      (trace.request.is_null() ? "" : ": " + request_words(trace.request)) + ", " +
                      end_words(trace.end));
    }
  }
  for (const Trace& trace : then.traces) {
    if (find_trace(now, trace.doing) != nullptr || !matters(trace)) continue;
    lines.push_back(to_string(trace.doing) + ": not done any more" +
                    (trace.request.is_null() ? "" : ": " + request_words(trace.request)));
  }
  for (std::string& line : value_differences("answer", then.answer, now.answer))
    lines.push_back(std::move(line));
  if (then.status != now.status) {
    lines.push_back("then " + std::string(to_string(then.status)) + ", now " +
                    std::string(to_string(now.status)) + (now.reason.empty() ? "" : ": " + now.reason));
  } else {
    for (std::string& line : value_differences("output", then.output, now.output))
      lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace linkspan::flow
