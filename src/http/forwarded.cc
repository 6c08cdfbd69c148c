#include "http/forwarded.h"

#include <array>
#include <optional>

#include "base/strings.h"
#include "http/char_class.h"
#include "http/url.h"

namespace linkspan::http {

namespace {

// More hops than this are not walked; the nearest ones count.
constexpr std::size_t kMaxHops = 16;

// What the last hop wrote, where a quote that an earlier one left open would swallow it. No hop has a comma
// in what it says of itself.
std::string_view behind_last_comma(std::string_view line) {
  return trim(line.substr(line.rfind(',') + 1));
}

// The last elements of a list field over all its lines, the nearest hop last.
struct Hops {
  std::array<std::string_view, kMaxHops> ring;
  std::size_t total = 0;

  Hops(const Fields& fields, HeaderId id) {
    if (!fields.contains(id)) return;
    for (const Field& field : fields) {
      if (field.id != id) continue;
      if (id == HeaderId::forwarded) {
        add_forwarded(field.value());
      } else {
        add_plain(field.value());
      }
    }
  }
  void add(std::string_view element) { ring[total++ % kMaxHops] = element; }
  // X-Forwarded-*: a quote there means nothing.
  void add_plain(std::string_view line) {
    for (std::string_view element : split(line, ',')) {
      element = trim(element);
      if (!element.empty()) add(element);
    }
  }
  // RFC 7239. Of a line whose quotes do not balance nothing can be told but the end; what is before it ends
  // the walk.
  void add_forwarded(std::string_view line) {
    if (!quotes_balance(line)) {
      add({});
      if (line.find(',') != std::string_view::npos) add(behind_last_comma(line));
      return;
    }
    std::string_view element;
    while (next_list_element(line, element)) add(element);
  }
  std::size_t size() const { return total < kMaxHops ? total : kMaxHops; }
  // `distance` 0 is the nearest hop's element.
  std::string_view from_right(std::size_t distance) const { return ring[(total - 1 - distance) % kMaxHops]; }
  // The element that the hop at `distance` wrote; the outermost there is, if hops left it to others.
  std::string_view at_or_outermost(std::size_t distance) const {
    return size() == 0 ? std::string_view{} : from_right(distance < size() ? distance : size() - 1);
  }
};

std::string_view unquote(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
  return text;
}

// An address as hops write it: alone, or with a port, IPv6 then in brackets.
std::optional<IpAddress> parse_hop_address(std::string_view text) {
  if (const auto plain = parse_ip_address(text)) return plain;
  HostPort parts;
  if (!parse_host_port(text, parts)) return std::nullopt;
  return parse_ip_address(parts.host);
}

// Value of a parameter of a Forwarded element (RFC 7239 section 4), unquoted; empty if absent.
std::string_view forwarded_parameter(std::string_view element, std::string_view name) {
  std::string_view pair;
  while (next_list_element(element, pair, ';')) {
    const auto [key, value] = split_once(pair, '=');
    if (value && equals_ignore_case(trim(key), name)) return unquote(trim(*value));
  }
  return {};
}

std::string_view valid_host(std::string_view text) {
  HostPort parts;
  return parse_host_port(text, parts) ? text : std::string_view{};
}

template <typename AddressOf>
std::size_t walk(const Hops& hops, const NetworkSet& trusted, AddressOf address_of, IpAddress& address) {
  std::size_t walked = 0;
  while (walked < hops.size() && trusted.contains(address)) {
    const std::optional<IpAddress> next = address_of(hops.from_right(walked));
    if (!next) break;
    address = *next;
    ++walked;
  }
  return walked;
}

void write_joined(const Fields& fields, HeaderId id, HeadWriter& out) {
  for (const Field& field : fields) {
    if (field.id != id || field.value_bytes == 0) continue;
    // An open quote would swallow our element too.
    const bool whole = id != HeaderId::forwarded || quotes_balance(field.value());
    const std::string_view value = whole ? field.value() : behind_last_comma(field.value());
    if (!whole && !quotes_balance(value)) continue;
    out.raw(value);
    out.raw(", ");
  }
}

// First value of the field where the peer is trusted and sent one, else ours.
void write_kept_or_own(const Fields& fields, HeaderId id, std::string_view own, bool peer_trusted,
                       HeadWriter& out) {
  const std::string_view kept = peer_trusted ? fields.value(id) : std::string_view{};
  const std::string_view value = kept.empty() ? own : kept;
  if (!value.empty()) out.field(to_string(id), value);
}

void write_forwarded_element(std::string_view peer, std::string_view proto, std::string_view host,
                             HeadWriter& out) {
  const bool v6 = peer.find(':') != std::string_view::npos;
  out.raw(v6 ? "for=\"[" : "for=");
  out.raw(peer);
  if (v6) out.raw("]\"");
  if (!host.empty()) {
    const bool token = is_token(host);
    out.raw(token ? ";host=" : ";host=\"");
    out.raw(host);
    if (!token) out.raw("\"");
  }
  out.raw(";proto=");
  out.raw(proto);
}

}  // namespace

ClientInfo client_info(const Fields& fields, const IpAddress& peer, bool peer_is_https,
                       const NetworkSet& trusted) {
  ClientInfo info{peer, peer_is_https, {}};
  if (trusted.empty() || !trusted.contains(peer)) return info;
  if (!fields.contains(HeaderId::x_forwarded_for) && fields.contains(HeaderId::forwarded)) {
    const Hops hops(fields, HeaderId::forwarded);
    const std::size_t walked = walk(
        hops, trusted,
        [](std::string_view element) { return parse_hop_address(forwarded_parameter(element, "for")); },
        info.address);
    const std::string_view element = hops.at_or_outermost(walked == 0 ? 0 : walked - 1);
    const std::string_view proto = forwarded_parameter(element, "proto");
    if (!proto.empty()) info.https = equals_ignore_case(proto, "https");
    info.host = valid_host(forwarded_parameter(element, "host"));
    return info;
  }
  const Hops hops(fields, HeaderId::x_forwarded_for);
  const std::size_t walked = walk(hops, trusted, parse_hop_address, info.address);
  const std::size_t distance = walked == 0 ? 0 : walked - 1;
  const std::string_view proto = Hops(fields, HeaderId::x_forwarded_proto).at_or_outermost(distance);
  if (!proto.empty()) info.https = equals_ignore_case(proto, "https");
  info.host = valid_host(Hops(fields, HeaderId::x_forwarded_host).at_or_outermost(distance));
  return info;
}

void write_forwarded(const Fields& fields, std::string_view peer, bool peer_is_https, std::string_view host,
                     const ForwardedOptions& options, HeadWriter& out) {
  const std::string_view proto = peer_is_https ? "https" : "http";
  if (options.x_forwarded) {
    out.begin_field("X-Forwarded-For");
    if (options.peer_trusted && fields.contains(HeaderId::x_forwarded_for)) {
      write_joined(fields, HeaderId::x_forwarded_for, out);
    }
    out.raw(peer);
    out.end_line();
    write_kept_or_own(fields, HeaderId::x_forwarded_proto, proto, options.peer_trusted, out);
    write_kept_or_own(fields, HeaderId::x_forwarded_host, host, options.peer_trusted, out);
  }
  if (options.forwarded) {
    out.begin_field("Forwarded");
    if (options.peer_trusted && fields.contains(HeaderId::forwarded)) {
      write_joined(fields, HeaderId::forwarded, out);
    }
    write_forwarded_element(peer, proto, host, out);
    out.end_line();
  }
}

void write_via(const Fields& fields, int version_minor, std::string_view pseudonym, HeadWriter& out) {
  out.begin_field("Via");
  if (fields.contains(HeaderId::via)) write_joined(fields, HeaderId::via, out);
  out.raw(version_minor == 0 ? "1.0 " : "1.1 ");
  out.raw(pseudonym);
  out.end_line();
}

int via_count(const Fields& fields, std::string_view pseudonym) {
  int count = 0;
  if (!fields.contains(HeaderId::via)) return count;
  for (const Field& field : fields) {
    if (field.id != HeaderId::via) continue;
    std::string_view list = field.value();
    std::string_view element;
    while (next_list_element(list, element)) {
      // received-protocol RWS received-by [ RWS comment ]
      const std::size_t gap = element.find_first_of(" \t");
      if (gap == std::string_view::npos) continue;
      const std::string_view rest = trim(element.substr(gap));
      if (equals_ignore_case(rest.substr(0, rest.find_first_of(" \t(")), pseudonym)) ++count;
    }
  }
  return count;
}

}  // namespace linkspan::http
