// The files behind time_zone.h: TZif (RFC 8536, RFC 9636).
#include <algorithm>
#include <fstream>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "flow/triggers/time_zone.h"

namespace linkspan::flow {
namespace {

constexpr std::size_t kHeaderBytes = 44;
constexpr std::size_t kTypeBytes = 6;
constexpr std::int32_t kMinOffset = -89'999;  // RFC 8536 section 3.2
constexpr std::int32_t kMaxOffset = 93'599;
constexpr UnixSeconds kFirstInstant = -62'167'219'200;  // 0000-01-01T00:00:00Z
constexpr UnixSeconds kLastInstant = 253'402'300'799;   // 9999-12-31T23:59:59Z

std::int64_t big_endian(std::string_view bytes, std::size_t size) {
  std::uint64_t value = static_cast<unsigned char>(bytes[0]) & 0x80 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return static_cast<std::int64_t>(value);
}

// The counts of a header, all of them within 32 bits (RFC 8536 section 3.1).
struct Header {
  char version = 0;
  std::uint64_t ut_indicators = 0;
  std::uint64_t standard_indicators = 0;
  std::uint64_t leap_seconds = 0;
  std::uint64_t transitions = 0;
  std::uint64_t types = 0;
  std::uint64_t abbreviation_bytes = 0;

  std::uint64_t data_bytes(std::size_t time_bytes) const {
    return transitions * (time_bytes + 1) + types * kTypeBytes + abbreviation_bytes +
           leap_seconds * (time_bytes + 4) + standard_indicators + ut_indicators;
  }
};

std::optional<Header> read_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with("TZif")) return std::nullopt;
  const auto count = [bytes](std::size_t index) {
    return static_cast<std::uint64_t>(big_endian(bytes.substr(20 + 4 * index), 4)) & 0xffff'ffff;
  };
  return Header{bytes[4], count(0), count(1), count(2), count(3), count(4), count(5)};
}

Error refused(std::string_view name, std::string_view reason) {
  std::string text = "the file of the time zone \"";
  text.append(name).append("\" ").append(reason);
  return Error(errors::config_invalid, std::move(text));
}

struct Transition {
  UnixSeconds at;
  std::int32_t offset;
};

struct DataBlock {
  std::int32_t first_offset = 0;
  std::vector<Transition> transitions;
};

// nullopt if it contradicts itself.
std::optional<DataBlock> read_data(std::string_view bytes, const Header& header, std::size_t time_bytes) {
  const std::string_view times = bytes.substr(0, header.transitions * time_bytes);
  const std::string_view indices = bytes.substr(times.size(), header.transitions);
  const std::string_view types = bytes.substr(times.size() + indices.size(), header.types * kTypeBytes);
  std::vector<std::int32_t> offsets;
  for (std::size_t i = 0; i < header.types; ++i) {
    const std::int64_t offset = big_endian(types.substr(i * kTypeBytes), 4);
    if (offset < kMinOffset || offset > kMaxOffset) return std::nullopt;
    offsets.push_back(static_cast<std::int32_t>(offset));
  }
  DataBlock block;
  block.first_offset = offsets[0];
  for (std::size_t i = 0; i < header.transitions; ++i) {
    const UnixSeconds at = big_endian(times.substr(i * time_bytes), time_bytes);
    const auto type = static_cast<unsigned char>(indices[i]);
    if (type >= offsets.size()) return std::nullopt;
    if (!block.transitions.empty() && at <= block.transitions.back().at) return std::nullopt;
    block.transitions.push_back({at, offsets[type]});
  }
  return block;
}

Result<std::optional<PosixTimeZone>> read_footer(std::string_view bytes, std::string_view name) {
  const std::size_t end = bytes.find('\n', 1);
  if (!bytes.starts_with('\n') || end == std::string_view::npos) return refused(name, "ends too early");
  const std::string_view text = bytes.substr(1, end - 1);
  if (text.empty()) return std::optional<PosixTimeZone>();
  std::optional<PosixTimeZone> rules = parse_posix_time_zone(text);
  if (!rules) return refused(name, "has rules for the future that cannot be read");
  return rules;
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes(kMaxTimeZoneBytes + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (in.bad() || in.gcount() <= 0) return std::nullopt;  // a directory cannot be read either
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

bool exists(std::string_view directory) {
  return std::ifstream(std::string(directory) + "/Etc/UTC").good();
}

}  // namespace

Result<TimeZone> parse_time_zone(std::string_view bytes, std::string_view name) {
  if (bytes.size() > kMaxTimeZoneBytes) return refused(name, "is larger than any file of a time zone");
  std::optional<Header> header = read_header(bytes);
  if (!header) return refused(name, "is not a TZif file");
  std::size_t time_bytes = 4;
  bytes.remove_prefix(kHeaderBytes);
  if (header->version >= '2') {  // what came before is for readers that know version 1 alone
    if (header->data_bytes(4) > bytes.size()) return refused(name, "ends too early");
    bytes.remove_prefix(header->data_bytes(4));
    header = read_header(bytes);
    if (!header) return refused(name, "lacks its second header");
    bytes.remove_prefix(kHeaderBytes);
    time_bytes = 8;
  }
  if (header->data_bytes(time_bytes) > bytes.size()) return refused(name, "ends too early");
  if (header->leap_seconds != 0) return refused(name, "counts leap seconds, which Linkspan's clock does not");
  if (header->types == 0) return refused(name, "has no local time");
  const std::optional<DataBlock> block = read_data(bytes, *header, time_bytes);
  if (!block) return refused(name, "contradicts itself");

  TimeZone zone;
  zone.name_ = name;
  zone.first_offset_ = block->first_offset;
  zone.listed_until_ = kFirstInstant;
  std::int32_t offset = block->first_offset;
  for (const Transition& transition : block->transitions) {
    if (transition.at > kLastInstant) break;
    zone.listed_until_ = std::max(transition.at, kFirstInstant);
    if (transition.offset != offset) zone.periods_.push_back({transition.at, transition.offset});
    offset = transition.offset;
  }
  if (time_bytes == 8) {
    Result<std::optional<PosixTimeZone>> rules = read_footer(bytes.substr(header->data_bytes(8)), name);
    if (!rules) return std::move(rules).error();
    zone.rules_ = *rules;
    // RFC 8536 section 3.3: they agree on the last transition.
    if (zone.rules_ && !block->transitions.empty() && zone.rules_->offset_at(zone.listed_until_) != offset)
      return refused(name, "contradicts itself");
  }
  return zone;
}

bool is_time_zone_name(std::string_view name) {
  if (name.empty() || name.size() > 128) return false;
  for (const std::string_view part : split(name, '/')) {
    if (part.empty()) return false;
    for (const char c : part) {
      if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '_') return false;
    }
  }
  return true;
}

Result<TimeZone> load_time_zone(std::string_view name, std::span<const std::string_view> directories) {
  if (name == "UTC" || name == "Etc/UTC") return TimeZone::utc();
  const std::string quoted = "\"" + std::string(name) + "\"";
  if (!is_time_zone_name(name))
    return Error(errors::config_invalid,
                 quoted + " is not the name of a time zone, such as Europe/Berlin or UTC");
  bool has_zones = false;
  for (const std::string_view directory : directories) {
    const std::string path = std::string(directory).append("/").append(name);
    if (const std::optional<std::string> bytes = read_file(path)) return parse_time_zone(*bytes, name);
    has_zones = has_zones || exists(directory);
  }
  if (has_zones)
    return Error(errors::config_invalid,
                 "there is no time zone " + quoted + " on this system; names are like Europe/Berlin or UTC");
  return Error(errors::config_invalid,
               "the time zone " + quoted +
                   " cannot be looked up: this system has no zoneinfo files. Install the"
                   " package tzdata; UTC works without it");
}

}  // namespace linkspan::flow
