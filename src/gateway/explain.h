// Says what would happen to a request, and why, without sending it and without counting it: which endpoint
// matches and where it is configured, what each policy would decide, which api and servers, the rewritten
// target, and why endpoints that come near do not match. For people and tools: allocates freely. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/snapshot.h"

namespace linkspan::gateway {

struct Explanation {
  struct Step {
    enum class Outcome : std::uint8_t { passes, refuses, not_reached };
    std::string policy;
    Outcome outcome = Outcome::passes;
    std::string text;  // "consumer \"storefront\" by key \"k1\" in header X-Api-Key"
  };
  void add_step(std::string_view policy, Verdict verdict, std::string text) {
    const auto outcome = verdict == Verdict::refuse ? Step::Outcome::refuses : Step::Outcome::passes;
    steps.push_back({std::string(policy), outcome, std::move(text)});
  }
  struct Miss {
    std::string endpoint;
    std::string origin;  // "linkspan.yaml:14:3"
    std::string text;
  };
  struct Field {
    std::string name;
    std::string value;  // "***" for credentials
  };

  std::string method;
  std::string target;
  std::string host;
  std::string client;
  std::string normalized_path;  // only if it differs from the target's path

  std::string endpoint;  // empty: none matches
  std::string origin;
  std::string pattern;
  std::vector<Field> params;
  std::vector<Step> steps;

  std::string api;
  std::vector<std::string> servers;
  std::string balance;  // how one of them is chosen; of consistent_hash also which
  std::string upstream_target;
  std::vector<std::string> removed_fields;
  std::vector<Field> set_fields;
  std::string host_header;
  std::string total_timeout;
  std::string when_unavailable;  // a flow: a run of it starts if no server takes the request

  std::string flow;            // of which a run starts
  std::string respond_within;  // how long the caller waits for it

  int status = 0;     // of what Linkspan itself would answer; 0: the upstream or the flow decides
  std::string error;  // slug
  std::string detail;
  std::vector<Field> response_fields;
  std::vector<Miss> near_misses;
};

struct ExplainRequest {
  std::string method = "GET";
  std::string target = "/";  // path and query, or a whole URL
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string client = "127.0.0.1";
};

// A request that is no valid HTTP is explained by the answer that it would get. Fails with bad-request for a
// client that is no address.
Result<Explanation> explain(const Snapshot& snapshot, const ExplainRequest& request, MonotonicNs now_ns);

// For a terminal, and as one JSON object.
std::string render_text(const Explanation& explanation);
std::string render_json(const Explanation& explanation);

}  // namespace linkspan::gateway
