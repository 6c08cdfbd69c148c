#include "flow/approval_links.h"

#include <array>
#include <span>

#include "base/digest.h"
#include "base/error_kinds.h"
#include "base/strings.h"

namespace linkspan::flow {

namespace {

constexpr std::string_view kPurpose = "linkspan approval 1\n";
constexpr std::size_t kMaxTokenBytes = 512;
constexpr std::size_t kIdBytes = 8;

std::string id_of(std::string_view token) {
  const Digest digest = Sha256().digest(token);
  return "link:" + encode_hex(std::span(digest).first(kIdBytes));
}

Error not_valid() {
  return {errors::approval_invalid, "the link is not one that this Linkspan has made"};
}

}  // namespace

ApprovalLinks::ApprovalLinks(std::string_view key, std::string url, std::int64_t valid_for_ns)
    : hmac_(Sha2::sha256, as_bytes(key)), url_(std::move(url)), valid_for_ns_(valid_for_ns) {}

std::string ApprovalLinks::signature(std::string_view claims) const {
  const HmacTag tag = hmac_.sign({kPurpose, claims});
  return encode_hex(std::span<const std::uint8_t>(tag));
}

std::string ApprovalLinks::link(std::string_view run_id, std::string_view step, WallNs now) const {
  std::string claims(run_id);
  claims.append(".").append(step).append(".");
  claims += std::to_string((now + valid_for_ns_) / kNsPerSecond);
  return url_ + "?t=" + claims + "." + signature(claims);
}

Result<ApprovalTicket> ApprovalLinks::read(std::string_view token, WallNs now) const {
  const std::size_t dot = token.rfind('.');
  if (token.size() > kMaxTokenBytes || dot == std::string_view::npos) return not_valid();
  const std::string_view claims = token.substr(0, dot);
  if (!constant_time_equal(signature(claims), token.substr(dot + 1))) return not_valid();
  std::array<std::string_view, 3> parts;
  std::size_t count = 0;
  for (std::string_view part : split(claims, '.')) {
    if (count == parts.size()) return not_valid();
    parts[count++] = part;
  }
  const std::optional<std::uint64_t> expires = parse_u64(parts[2]);
  if (count != parts.size() || !expires) return not_valid();
  ApprovalTicket ticket{.run_id = std::string(parts[0]),
                        .step = std::string(parts[1]),
                        .expires_at = static_cast<WallNs>(*expires) * kNsPerSecond,
                        .id = id_of(token)};
  if (ticket.expires_at <= now) return Error(errors::approval_expired, "the link has expired");
  return ticket;
}

}  // namespace linkspan::flow
