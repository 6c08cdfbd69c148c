#include "gateway/near_miss.h"

#include <algorithm>
#include <optional>

#include "base/strings.h"
#include "data/in_quotes.h"
#include "http/header_id.h"

namespace linkspan::gateway {
namespace {

using data::in_quotes;
using Segments = std::vector<std::string_view>;

struct Candidate {
  NearMiss miss;
  std::size_t distance = 0;
};

Segments split_path(std::string_view path) {
  Segments segments;
  if (path.empty() || path.front() != '/') return segments;
  for (std::string_view segment : split(path.substr(1), '/')) segments.push_back(segment);
  return segments;
}

struct PathDifference {
  std::size_t distance = 0;  // edits of letters; 0: the path matches
  std::size_t same = 0;      // literal segments that agree
  bool unlike = false;       // a literal segment is another word rather than a misspelt one
  std::string text;          // of the first difference

  bool is_near() const { return (distance <= 3 && !unlike) || (distance <= 8 && same > 0); }
};

PathDifference compare_path(const Segments& path, const config::PathPattern& pattern) {
  using Kind = config::PathSegment::Kind;
  static const std::vector<config::PathSegment> kRoot = {{Kind::literal, ""}};
  const std::vector<config::PathSegment>& wanted = pattern.segments.empty() ? kRoot : pattern.segments;
  PathDifference difference;
  const auto note = [&](std::size_t by, std::string text) {
    if (difference.distance == 0) difference.text = std::move(text);
    difference.distance += by;
  };
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const config::PathSegment& segment = wanted[i];
    if (i >= path.size()) {
      const std::string shown =
          segment.kind == Kind::literal ? in_quotes(segment.text) : "{" + segment.text + "}";
      note(1 + (segment.kind == Kind::literal ? segment.text.size() : 1),
           "the path ends before segment " + std::to_string(i + 1) + ", " + shown);
      continue;
    }
    if (segment.kind == Kind::rest) return difference;
    if (segment.kind == Kind::literal) {
      const std::size_t by = edit_distance(path[i], segment.text);
      if (by == 0) {
        ++difference.same;
      } else {
        difference.unlike = difference.unlike || 2 * by > std::max(path[i].size(), segment.text.size());
        note(by, "segment " + std::to_string(i + 1) + " is " + in_quotes(path[i]) + ", not " +
                     in_quotes(segment.text));
      }
    } else if (path[i].empty()) {
      note(1, "segment " + std::to_string(i + 1) + " is empty, and {" + segment.text + "} needs a value");
    }
  }
  for (std::size_t i = wanted.size(); i < path.size(); ++i) {
    note(1 + path[i].size(), "the path goes on with " + in_quotes(path[i]) + " where the endpoint's ends");
  }
  return difference;
}

bool host_matches(std::string_view host, const std::vector<std::string>& hosts) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (hosts.empty()) return true;
  return std::any_of(hosts.begin(), hosts.end(), [host](std::string_view wanted) {
    if (!wanted.starts_with('*')) return equals_ignore_case(host, wanted);
    wanted.remove_prefix(1);
    return host.size() > wanted.size() &&
           equals_ignore_case(host.substr(host.size() - wanted.size()), wanted);
  });
}

bool method_matches(std::string_view method, const std::vector<std::string>& methods) {
  const auto named = [&](std::string_view name) {
    return std::find(methods.begin(), methods.end(), name) != methods.end();
  };
  if (methods.empty()) return method != "TRACE";
  return named(method) || (method == "HEAD" && named("GET"));
}

// What an endpoint wants, in words that show no value that came from a reference.
class Wishes {
 public:
  Wishes(const config::Config& config, const config::EndpointConfig& endpoint)
      : config_(config), endpoint_(endpoint) {}

  bool hides(std::string_view key) const {
    return config::is_secret(config_, "endpoints." + endpoint_.name + "." + std::string(key));
  }
  // "GET, PUT"
  std::string list(const std::string& key, const std::vector<std::string>& items) const {
    std::string text;
    for (std::size_t i = 0; i < items.size(); ++i) {
      text += i == 0 ? "" : ", ";
      text += hides(key + "[" + std::to_string(i) + "]") ? "***" : items[i];
    }
    return text;
  }
  // What is wrong with the first header condition that fails; empty if none does.
  std::string header_difference(const http::Fields* fields) const;

 private:
  const config::Config& config_;
  const config::EndpointConfig& endpoint_;
};

std::string Wishes::header_difference(const http::Fields* fields) const {
  for (const config::HeaderField& header : endpoint_.headers) {
    const http::HeaderId id = http::header_id(header.name);
    const http::Field* field = nullptr;
    if (fields != nullptr) field = id != http::HeaderId::other ? fields->find(id) : fields->find(header.name);
    if (field != nullptr && field->value() == header.value) continue;
    const bool hidden = http::kSecretHeaders.contains(id) || hides("headers." + header.name);
    if (field == nullptr) {
      return "header " + header.name + " is not there" +
             (hidden ? "" : "; the endpoint wants " + in_quotes(header.value));
    }
    if (hidden) return "header " + header.name + " is not what the endpoint wants";
    return "header " + header.name + " is " + in_quotes(field->value()) + "; the endpoint wants " +
           in_quotes(header.value);
  }
  return {};
}

// How far the endpoint is from the request; nothing if they have too little in common.
std::optional<Candidate> consider(const config::Config& config, const config::EndpointConfig& endpoint,
                                  const RouteQuery& query, const Segments& path) {
  const Wishes wishes(config, endpoint);
  Candidate candidate;
  NearMiss& miss = candidate.miss;
  std::size_t failures = 0;
  const auto fail = [&](NearMiss::Reason reason, std::size_t weight, std::string text) {
    if (failures == 0) miss.reason = reason;
    if (failures > 0) miss.text += "; ";
    miss.text += text;
    candidate.distance += weight;
    ++failures;
  };
  PathDifference difference = compare_path(path, endpoint.path);
  if (!difference.is_near()) return std::nullopt;
  if (difference.distance > 0 && wishes.hides("path")) difference.text = "its path is nearly this one";
  if (difference.distance > 0)
    fail(NearMiss::Reason::path, 10 + 2 * difference.distance, std::move(difference.text));
  if (!host_matches(query.host, endpoint.hosts)) {
    fail(NearMiss::Reason::host, 8,
         "host is " + in_quotes(query.host) + ", the endpoint is for " + wishes.list("host", endpoint.hosts));
  }
  if (!method_matches(query.method_name, endpoint.methods)) {
    fail(NearMiss::Reason::method, 4,
         "method is " + std::string(query.method_name) + ", the endpoint takes " +
             (endpoint.methods.empty() ? "all but TRACE" : wishes.list("methods", endpoint.methods)));
  }
  std::string header = wishes.header_difference(query.fields);
  if (!header.empty()) fail(NearMiss::Reason::header, 4, std::move(header));
  if (failures == 0) fail(NearMiss::Reason::less_specific, 1, "matches too, but is less specific");
  return candidate;
}

}  // namespace

std::vector<NearMiss> near_misses(const config::Config& config, const RouteQuery& query,
                                  std::uint32_t matched, std::size_t most) {
  const Segments path = split_path(query.path);
  std::vector<Candidate> candidates;
  for (std::uint32_t i = 0; i < config.endpoints.size(); ++i) {
    if (i == matched) continue;
    std::optional<Candidate> candidate = consider(config, config.endpoints[i], query, path);
    if (!candidate) continue;
    candidate->miss.endpoint = i;
    candidates.push_back(std::move(*candidate));
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.distance < b.distance; });
  std::vector<NearMiss> misses;
  for (std::size_t i = 0; i < std::min(most, candidates.size()); ++i)
    misses.push_back(std::move(candidates[i].miss));
  return misses;
}

}  // namespace linkspan::gateway
