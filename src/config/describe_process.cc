#include <algorithm>

#include "base/error_kinds.h"
#include "base/log_sink.h"
#include "base/strings.h"
#include "config/container_types.h"
#include "config/describe.h"
#include "config/names.h"
#include "config/object_type.h"
#include "config/scalar_types.h"
#include "config/show_writer.h"
#include "data/in_quotes.h"

namespace linkspan::config {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
// The rooms that log; "log" is the log about itself (lines lost, files reopened).
constexpr std::string_view kRooms[] = {"app", "flow", "gateway", "log", "upstream"};

Typed<Level> level_type() {
  return choice<Level>({{"trace", Level::trace},
                        {"debug", Level::debug},
                        {"info", Level::info},
                        {"warn", Level::warn},
                        {"error", Level::error},
                        {"off", Level::off}});
}

// `level: info` or `level: {default: info, gateway: debug}`.
class LogLevelType final : public Type {
 public:
  bool decode(const YamlNode& node, Decoder& decoder, void* out) const override {
    auto& log = *static_cast<LogConfig*>(out);
    if (!node.is_mapping()) return level_.type()->decode(node, decoder, &log.level);
    const std::size_t before = decoder.problem_count();
    for (const YamlEntry& entry : node.entries()) {
      Level level = Level::info;
      if (entry.key == "default") {
        level_.type()->decode(entry.value, decoder, &log.level);
      } else if (std::find(std::begin(kRooms), std::end(kRooms), entry.key) == std::end(kRooms)) {
        report_unknown(entry, decoder);
      } else if (const Decoder::Scope scope(decoder, entry.key);
                 level_.type()->decode(entry.value, decoder, &level)) {
        log.rooms.emplace_back(entry.key, level);
      }
    }
    return decoder.problem_count() == before;
  }

  bool is_absent(const void*) const override { return false; }

  void show(const void* value, ShowWriter& writer) const override {
    const auto& log = *static_cast<const LogConfig*>(value);
    if (writer.is_secret()) return writer.secret();
    if (log.rooms.empty()) return level_.type()->show(&log.level, writer);
    writer.begin_mapping();
    {
      const ShowWriter::Key key(writer, "default");
      level_.type()->show(&log.level, writer);
    }
    for (const auto& [room, level] : log.rooms) {
      const ShowWriter::Key key(writer, room);
      level_.type()->show(&level, writer);
    }
    writer.end_mapping();
  }

  void write_schema(JsonStringWriter& json) const override {
    json.key("anyOf");
    json.begin_array();
    json.begin_object();
    level_.type()->write_schema(json);
    json.end_object();
    json.begin_object();
    json.member("type", "object");
    json.member("additionalProperties", false);
    json.key("properties");
    json.begin_object();
    write_room_schema("default", json);
    for (std::string_view room : kRooms) write_room_schema(room, json);
    json.end_object();
    json.end_object();
    json.end_array();
  }

  std::string form() const override { return level_.type()->form() + ", or a mapping of rooms to these"; }

 private:
  void write_room_schema(std::string_view room, JsonStringWriter& json) const {
    json.key(room);
    json.begin_object();
    level_.type()->write_schema(json);
    json.end_object();
  }

  static void report_unknown(const YamlEntry& entry, Decoder& decoder) {
    std::string message = "unknown room " + data::in_quotes(entry.key) + " in log.level";
    const std::string_view near = nearest_name(entry.key, kRooms);
    if (!near.empty()) {
      message += "; did you mean \"" + std::string(near) + "\"?";
    } else {
      message += "; known are default";
      for (std::string_view room : kRooms) message.append(", ").append(room);
    }
    decoder.problem(entry.key_position, std::move(message));
  }

  Typed<Level> level_ = level_type();
};

// "stderr", "stdout" or a path.
class LogOutputType final : public ScalarType {
 public:
  void show(const void* value, ShowWriter& writer) const override {
    writer.text(*static_cast<const std::string*>(value));
  }
  void write_schema(JsonStringWriter& json) const override { json.member("type", "string"); }
  std::string form() const override { return "`stdout`, `stderr` or a path"; }

 protected:
  std::string expected() const override { return "\"stdout\", \"stderr\" or the path of a file"; }
  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override {
    const std::string_view text = scalar.node.text();
    if (text.empty() || text.find('\0') != std::string_view::npos) {
      decoder.mismatch(scalar.node, scalar.from_reference, expected());
      return false;
    }
    const bool is_stream = text == "stdout" || text == "stderr";
    *static_cast<std::string*>(out) =
        is_stream ? std::string(text) : decoder.resolve_path(text, scalar.node.position());
    return true;
  }
};

Typed<std::string> log_output_type() {
  return Typed<std::string>(std::make_shared<LogOutputType>());
}

Result<std::string> parse_access_field(std::string_view text) {
  for (std::string_view field : kAccessLogFields) {
    if (field == text) return std::string(text);
  }
  std::string detail = "there is no such field";
  const std::string_view near = nearest_name(text, kAccessLogFields);
  if (!near.empty()) {
    detail += "; did you mean \"" + std::string(near) + "\"?";
  } else {
    detail += "; known are ";
    for (std::string_view field : kAccessLogFields) {
      detail.append(field == kAccessLogFields[0] ? "" : ", ").append(field);
    }
  }
  return Error(errors::config_invalid, std::move(detail));
}

Typed<AccessLogConfig> access_log_type() {
  std::string fields;
  for (std::string_view field : kAccessLogFields)
    fields.append(fields.empty() ? "`" : ", `").append(field).append("`");
  return object<AccessLogConfig>("The access log: one line for each request.")
      .scalar("enabled")
      .field("enabled", &AccessLogConfig::enabled, boolean(), "Whether requests are logged.")
      .field("output", &AccessLogConfig::output, log_output_type(), "Where the lines go.")
      .field("fields", &AccessLogConfig::fields,
             list(parsed_text({.form = "field",
                               .expected = "the name of a field",
                               .pattern = "[a-z_]+",
                               .explained = true},
                              parse_access_field),
                  {.flow = true}),
             "What a line holds, out of " + fields + ". All but `query` if not given.")
      .done();
}

void check_limits(LimitsConfig& limits, const ObjectView& view) {
  const bool known = view.ok("max_target_bytes") && view.ok("max_header_bytes");
  if (known && limits.max_target_bytes > limits.max_header_bytes) {
    view.problem("max_target_bytes", "cannot be larger than max_header_bytes, of which it is a part");
  }
}

bool is_via_name(std::string_view text) {
  return is_header_name(text);
}

void add_timeouts(ObjectBuilder<LimitsConfig>& limits) {
  const Typed<Duration> wait = duration({100ms, 24h});
  limits
      .field("header_timeout", &LimitsConfig::header_timeout, wait,
             "From the first byte of a request until its header is complete.")
      .field("body_timeout", &LimitsConfig::body_timeout, wait, "Longest pause within a request body.")
      .field("send_timeout", &LimitsConfig::send_timeout, wait,
             "How long a client may accept no byte of its answer.")
      .field("idle_timeout", &LimitsConfig::idle_timeout, wait,
             "How long a connection is kept open without a request.")
      .field("drain_timeout", &LimitsConfig::drain_timeout, duration({0s, 24h}),
             "On shutdown: how long requests in flight may take to end.");
}

}  // namespace

Typed<LogConfig> log_type() {
  return object<LogConfig>("Logging.")
      .whole("level", Typed<LogConfig>(std::make_shared<LogLevelType>()),
             "What is logged: of everything, or by room, as in `{default: info, gateway: debug}`.")
      .field("format", &LogConfig::format,
             choice<LogFormat>(
                 {{"auto", LogFormat::automatic}, {"json", LogFormat::json}, {"human", LogFormat::human}}),
             "JSON lines, or lines for a person; `auto` is `human` on a terminal, else `json`.")
      .field("output", &LogConfig::output, log_output_type(), "Where the log goes.")
      .field("access", &LogConfig::access, access_log_type(), "The access log.")
      .done();
}

Typed<LimitsConfig> limits_type() {
  auto limits =
      object<LimitsConfig>("Limits of connections and requests. Past one, a caller gets a clear error.");
  limits
      .field("max_header_bytes", &LimitsConfig::max_header_bytes, size({1 * kKiB, 1 * kMiB}),
             "Request line and header fields of one request.")
      .field("max_headers", &LimitsConfig::max_headers, count64({1, 10'000}), "Header fields of one request.")
      .field("max_target_bytes", &LimitsConfig::max_target_bytes, size({64, 1 * kMiB}), "Path and query.")
      .field("max_body_bytes", &LimitsConfig::max_body_bytes, size({1, kAnyCount, "unlimited"}),
             "Body of one request; endpoints may have their own.")
      .field("max_connections", &LimitsConfig::max_connections, count64({1, 10'000'000, "auto"}),
             "Connections of clients at once, over all workers; `auto` follows the process's limit of open "
             "files.")
      .field("max_buffer_bytes", &LimitsConfig::max_buffer_bytes, size({4 * kKiB, 64 * kMiB}),
             "Memory that one connection may hold for data on its way, in each direction.")
      .field("max_requests_per_connection", &LimitsConfig::max_requests_per_connection,
             count64({1, kAnyCount, "unlimited"}), "After so many requests a connection is closed.");
  add_timeouts(limits);
  return limits.check<check_limits>().done();
}

Typed<ForwardedConfig> forwarded_type() {
  return object<ForwardedConfig>("What the APIs are told about the caller and about Linkspan.")
      .field("x_forwarded", &ForwardedConfig::x_forwarded, boolean(),
             "Send `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`.")
      .field("forwarded", &ForwardedConfig::forwarded, boolean(), "Send `Forwarded` (RFC 7239).")
      .field("via", &ForwardedConfig::via, boolean(), "Send `Via`, in requests and in answers.")
      .field("via_name", &ForwardedConfig::via_name,
             text({.form = "name",
                   .expected = "a name such as linkspan",
                   .pattern = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"},
                  is_via_name),
             "The name in `Via`.")
      .done();
}

}  // namespace linkspan::config
