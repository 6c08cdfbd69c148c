#include "gateway/proxy_target.h"

#include <algorithm>
#include <cstring>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "http/forwarded.h"
#include "http/head_writer.h"
#include "http/url.h"

namespace linkspan::gateway {
namespace {

using http::HeaderId;

std::int32_t param_index(const config::PathPattern& pattern, std::string_view name) {
  std::int32_t index = 0;
  for (const config::PathSegment& segment : pattern.segments) {
    if (segment.kind == config::PathSegment::Kind::literal) continue;
    if (segment.text == name) return index;
    ++index;
  }
  return -1;
}

void drop(std::string_view name, http::HeaderSet& ids, std::vector<std::string_view>& names) {
  const HeaderId id = http::header_id(name);
  if (id != HeaderId::other) {
    ids.add(id);
  } else if (std::find(names.begin(), names.end(), name) == names.end()) {
    names.push_back(name);
  }
}

Result<void> add_line(std::string_view name, std::string_view value, std::string& lines) {
  const auto invalid = [&](std::string_view why) {
    return Error(errors::config_invalid,
                 "header \"" + std::string(name) + "\" cannot be set: " + std::string(why));
  };
  if (!http::is_token(name)) return invalid("this is no valid name of a header field");
  if (!http::is_field_value(value)) return invalid("its value has characters that no header field has");
  lines.append(name).append(": ").append(value).append("\r\n");
  return {};
}

Result<void> compile_request_fields(const config::Config& config, const config::EndpointConfig& endpoint,
                                    ProxyTarget& target) {
  target.request_drop.add(HeaderId::host);
  target.request_drop = target.request_drop | http::kForwardedHeaders;
  for (std::uint32_t index : endpoint.auth_indices) {
    const std::optional<config::ApiKeyAuthConfig>& key = config.auth[index].api_key;
    if (!key) continue;
    if (!key->header.empty()) drop(key->header, target.request_drop, target.request_drop_names);
    if (!key->query.empty()) target.strip_query.push_back(key->query);
  }
  const config::HeaderRules& rules = endpoint.proxy->headers;
  for (const std::string& name : rules.remove) drop(name, target.request_drop, target.request_drop_names);
  const config::ApiConfig& api = config.apis[target.api];
  if (const config::CredentialConfig* credential = config::find_credential(config, api.credential)) {
    // Fields that carry a credential are its own, whatever the caller sent or the endpoint sets.
    for (const config::SecretHeader& field : config::credential_headers(*credential)) {
      Result<void> added = add_line(field.name, field.value.reveal(), target.request_lines);
      if (!added) return std::move(added).error().context("credential \"" + credential->name + "\"");
      target.credential_names.push_back(field.name);
    }
  }
  for (const std::string& name : target.credential_names)
    drop(name, target.request_drop, target.request_drop_names);
  for (const config::HeaderField& field : rules.set) {
    drop(field.name, target.request_drop, target.request_drop_names);
    const bool taken =
        std::any_of(target.credential_names.begin(), target.credential_names.end(),
                    [&](const std::string& name) { return equals_ignore_case(name, field.name); });
    if (taken) continue;
    Result<void> added = add_line(field.name, field.value, target.request_lines);
    if (!added) return added;
  }
  return {};
}

Result<void> compile_response_fields(const config::HeaderRules& rules, ProxyTarget& target) {
  for (const std::string& name : rules.remove) drop(name, target.response_drop, target.response_drop_names);
  for (const config::HeaderField& field : rules.set) {
    drop(field.name, target.response_drop, target.response_drop_names);
    Result<void> added = add_line(field.name, field.value, target.response_lines);
    if (!added) return added;
  }
  return {};
}

void compile_path(const config::EndpointConfig& endpoint, ProxyTarget& target) {
  const config::PathPattern& path = endpoint.proxy->path;
  if (path.empty()) return;
  target.rewrites = true;
  std::string literal;
  for (const config::PathSegment& segment : path.segments) {
    literal += '/';
    if (segment.kind == config::PathSegment::Kind::literal) {
      literal += segment.text;
    } else {
      target.pieces.push_back({std::move(literal), param_index(endpoint.path, segment.text)});
      literal.clear();
    }
  }
  if (path.segments.empty()) literal = "/";
  if (!literal.empty()) target.pieces.push_back({std::move(literal), -1});
}

// Writes into a span; once something does not fit, nothing more is written and the text is empty.
class TargetWriter {
 public:
  explicit TargetWriter(std::span<char> out) : out_(out) {}
  void add(std::string_view text) {
    if (text.size() > out_.size() - size_) {
      overflow_ = true;
      return;
    }
    if (!text.empty()) std::memcpy(out_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  std::string_view text() const {
    return overflow_ ? std::string_view{} : std::string_view{out_.data(), size_};
  }

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
  bool overflow_ = false;
};

void write_query(const ProxyTarget& target, std::string_view query, TargetWriter& out) {
  if (target.strip_query.empty()) {
    out.add("?");
    out.add(query);
    return;
  }
  std::string_view name;
  std::string_view value;
  std::string_view separator = "?";
  for (std::string_view parameter : split(query, '&')) {
    std::string_view rest = parameter;
    const bool any = http::next_query_parameter(rest, name, value);
    const auto& stripped = target.strip_query;
    if (any && std::find(stripped.begin(), stripped.end(), name) != stripped.end()) continue;
    out.add(separator);
    out.add(parameter);
    separator = "&";
  }
}

std::string_view without_prefix(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return path;
  const std::string_view rest = path.substr(prefix.size());
  if (rest.empty()) return "/";
  return rest.front() == '/' ? rest : path;
}

}  // namespace

Result<ProxyTarget> make_proxy_target(const config::Config& config, const config::EndpointConfig& endpoint) {
  const config::ProxyConfig& proxy = *endpoint.proxy;
  ProxyTarget target;
  target.api = proxy.api_index;
  const config::ApiConfig& api = config.apis[target.api];
  target.host_mode =
      api.host_header == config::HostHeader::preserve ? HostMode::preserve : HostMode::upstream;
  if (!proxy.host.empty()) {
    target.host_mode = HostMode::fixed;
    target.host = proxy.host;
  }
  target.total_timeout = endpoint.timeout.value_or(api.timeout.total);
  target.prefix = api.path_prefix;
  target.strip_prefix = proxy.strip_prefix;
  if (api.balance.hash_input == config::HashInput::path) {
    target.hash_param = param_index(endpoint.path, api.balance.hash_name);
  }
  compile_path(endpoint, target);
  Result<void> compiled = compile_request_fields(config, endpoint, target);
  if (compiled) compiled = compile_response_fields(proxy.response_headers, target);
  if (!compiled) {
    return std::move(compiled).error().context(config::describe(config, endpoint.origin) + ": endpoint \"" +
                                               endpoint.name + "\"");
  }
  return target;
}

std::string_view write_upstream_target(const ProxyTarget& target, const RequestContext& context,
                                       std::span<char> out) {
  const http::RequestHead& head = *context.head;
  const bool same_path = !target.rewrites && target.prefix.empty() && target.strip_prefix.empty() &&
                         context.path.data() == head.path.data() && context.path.size() == head.path.size();
  const bool same_query = target.strip_query.empty() || !head.has_query;
  if (same_path && same_query && head.target_form == http::TargetForm::origin) return head.target;

  TargetWriter writer(out);
  writer.add(target.prefix);
  if (target.rewrites) {
    for (const ProxyTarget::Piece& piece : target.pieces) {
      writer.add(piece.literal);
      if (piece.param >= 0) writer.add(context.params[static_cast<std::size_t>(piece.param)]);
    }
  } else {
    writer.add(without_prefix(context.path, target.strip_prefix));
  }
  if (head.has_query) write_query(target, head.query, writer);
  std::string_view text = writer.text();
  if (target.rewrites || !target.strip_prefix.empty()) {
    // What we cut or put together must not begin with "//", which some servers take for a host.
    while (text.starts_with("//")) text.remove_prefix(1);
  }
  return text;
}

std::string_view balance_key(const config::ApiConfig& api, const ProxyTarget& target,
                             const RequestContext& context, std::span<char, 16> scratch) {
  const http::RequestHead& head = *context.head;
  switch (api.balance.hash_input) {
    case config::HashInput::header: {
      const HeaderId id = http::header_id(api.balance.hash_name);
      if (id != HeaderId::other) return head.fields.value(id);
      const http::Field* field = head.fields.find(api.balance.hash_name);
      return field != nullptr ? field->value() : std::string_view{};
    }
    case config::HashInput::query: {
      std::string_view query = head.query;
      std::string_view name;
      std::string_view value;
      while (http::next_query_parameter(query, name, value)) {
        if (name == api.balance.hash_name) return value;
      }
      return {};
    }
    case config::HashInput::path:
      return target.hash_param >= 0 ? context.params[static_cast<std::size_t>(target.hash_param)]
                                    : std::string_view{};
    case config::HashInput::consumer:
      return context.consumer != nullptr ? context.consumer->name : std::string_view{};
    case config::HashInput::address:
      std::memcpy(scratch.data(), context.client.bytes.data(), scratch.size());
      return {scratch.data(), scratch.size()};
  }
  return {};
}

}  // namespace linkspan::gateway
