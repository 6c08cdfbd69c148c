#include "config/validate.h"

#include <algorithm>
#include <unordered_map>

#include "base/strings.h"
#include "config/names.h"
#include "data/in_quotes.h"

namespace linkspan::config {
namespace {

using Index = std::unordered_map<std::string_view, std::uint32_t>;

template <typename T>
Index index_of(const std::vector<T>& things) {
  Index index;
  index.reserve(things.size());
  for (std::uint32_t i = 0; i < things.size(); ++i) index.emplace(things[i].name, i);
  return index;
}

void report_missing_name(const NameUse& use, const Index& index, Decoder& decoder) {
  // Comparing with all names takes time; a config with many mistakes in many names gets fewer suggestions.
  constexpr std::size_t kMaxComparisons = 2000;
  std::string message = use.subject + ": there is no " + std::string(use.kind);
  if (use.secret) return decoder.problem(use.position, message + " of this name (it comes from a reference)");
  message += " " + data::in_quotes(use.name);
  if (index.size() <= kMaxComparisons) {
    std::vector<std::string_view> names;
    for (const auto& [name, position] : index) names.push_back(name);
    std::sort(names.begin(), names.end());
    const std::string_view near = nearest_name(use.name, names);
    if (!near.empty()) message += "; did you mean \"" + std::string(near) + "\"?";
  }
  decoder.problem(use.position, std::move(message));
}

// Whether the beginning of "api.operation" names an api: names of apis may hold dots.
bool names_api(std::string_view operation, const Index& apis) {
  for (std::size_t dot = operation.find('.'); dot != std::string_view::npos;
       dot = operation.find('.', dot + 1)) {
    if (apis.contains(operation.substr(0, dot))) return true;
  }
  return false;
}

void report_missing_api(NameUse use, const Index& apis, Decoder& decoder) {
  use.kind = "api";
  use.name = use.name.substr(0, use.name.find('.'));
  report_missing_name(use, apis, decoder);
}

// What a mock stands for is a key, so that it is no name that was used while decoding.
bool mocks_exist(const Config& config, const Index& apis, Decoder& decoder) {
  bool all_exist = true;
  for (const FlowConfig& flow : config.flows) {
    for (std::size_t i = 0; i < flow.tests.size(); ++i) {
      for (const MockAnswer& mock : flow.tests[i].mock) {
        if (names_api(mock.name, apis)) continue;
        if (mock.name.find('.') == std::string::npos) {
          decoder.problem({mock.origin.file, mock.origin.line, mock.origin.column},
                          "mock " + data::in_quotes(mock.name) + " of tests[" + std::to_string(i) +
                              "] of flow \"" + flow.name +
                              "\" must be an operation of an api, such as stock.createReservation");
          continue;
        }
        const NameUse use{"operation",
                          mock.name,
                          "mock of tests[" + std::to_string(i) + "] of flow \"" + flow.name + "\"",
                          {mock.origin.file, mock.origin.line, mock.origin.column}};
        report_missing_api(use, apis, decoder);
        all_exist = false;
      }
    }
  }
  return all_exist;
}

void set_index(EndpointFlowConfig& use, const Index& flows) {
  const auto flow = flows.find(use.flow);
  if (flow != flows.end()) use.flow_index = flow->second;
}

bool holds(std::string_view content, std::string_view kind) {
  if (kind == "API description" || kind == "input") return true;  // whatever it is, others say it better
  if (kind == "private key") return content.find("PRIVATE KEY-----") != std::string_view::npos;
  return content.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos ||
         content.find("-----BEGIN TRUSTED CERTIFICATE-----") != std::string_view::npos;
}

bool is_written(const ForwardedConfig& forwarded, std::string_view key) {
  if (key == "via") return forwarded.via;
  return key == "forwarded" ? forwarded.forwarded : forwarded.x_forwarded;
}

// The rules for one message of an endpoint, and where they stand.
struct HeaderRulesAt {
  const HeaderRules& rules;
  const YamlNode* node;  // may be null: then there are none
  std::string subject;   // `proxy.headers`
  HeaderOf message;
};

void check_forwarded_names(const HeaderRulesAt& at, const EndpointConfig& endpoint,
                           const ForwardedConfig& forwarded, Decoder& decoder) {
  const auto check = [&](const std::string& name, const std::string& place, YamlPosition position) {
    const std::string_view key = forwarded_key(name, at.message);
    if (key.empty() || !is_written(forwarded, key)) return;
    decoder.problem(position, at.subject + "." + place + " of endpoint \"" + endpoint.name +
                                  "\": Linkspan writes this header itself, unless forwarded." +
                                  std::string(key) + " is false");
  };
  for (const HeaderField& field : at.rules.set) {
    for (const YamlEntry& entry : at.node->find("set")->entries()) {
      if (entry.key == field.name) check(field.name, "set." + field.name, entry.key_position);
    }
  }
  for (std::size_t i = 0; i < at.rules.remove.size(); ++i) {
    const YamlNode* list = at.node->find("remove");
    const YamlNode& item = list->is_sequence() ? list->items()[i] : *list;
    check(at.rules.remove[i], "remove", item.position());
  }
}

}  // namespace

bool resolve_names(Config& config, Decoder& decoder) {
  bool all_exist = true;
  const Index apis = index_of(config.apis);
  const Index auth = index_of(config.auth);
  const Index credentials = index_of(config.credentials);
  const Index flows = index_of(config.flows);
  const std::unordered_map<std::string_view, const Index*> indices = {
      {"api", &apis}, {"auth", &auth}, {"credential", &credentials}, {"flow", &flows}};
  for (const NameUse& use : decoder.name_uses()) {
    if (use.kind == "operation") {
      if (names_api(use.name, apis)) continue;
      report_missing_api(use, apis, decoder);
    } else {
      const Index& index = *indices.at(use.kind);
      if (index.contains(use.name)) continue;
      report_missing_name(use, index, decoder);
    }
    all_exist = false;
  }
  all_exist = mocks_exist(config, apis, decoder) && all_exist;
  for (EndpointConfig& endpoint : config.endpoints) {
    if (endpoint.proxy) {
      const auto api = apis.find(endpoint.proxy->api);
      if (api != apis.end()) endpoint.proxy->api_index = api->second;
    }
    if (endpoint.flow) set_index(*endpoint.flow, flows);
    if (endpoint.proxy && endpoint.proxy->when_unavailable) {
      set_index(*endpoint.proxy->when_unavailable, flows);
    }
    for (const std::string& name : endpoint.auth) {
      if (const auto found = auth.find(name); found != auth.end())
        endpoint.auth_indices.push_back(found->second);
    }
  }
  return all_exist;
}

void check_files(Config& config, Decoder& decoder, FileSet& files) {
  std::unordered_map<std::string, std::string> inputs;
  for (const FileUse& use : decoder.file_uses()) {
    const bool is_spec = use.kind == "API description";
    Result<std::string> content =
        files.read(use.path, is_spec ? FileSet::kMaxFileBytes : FileSet::kMaxReferenceBytes);
    const std::string name = use.secret ? "the file" : data::in_quotes(use.path);
    if (!content) {
      decoder.problem(use.position,
                      use.subject + ": " + name + " cannot be read: " + content.error().detail());
    } else if (!holds(*content, use.kind)) {
      decoder.problem(use.position,
                      use.subject + ": " + name + " holds no " + std::string(use.kind) + " in PEM form");
    } else if (use.kind == "private key" && content->find("ENCRYPTED") != std::string::npos) {
      decoder.problem(use.position, use.subject + ": the key in " + name +
                                        " is encrypted; Linkspan cannot ask for a "
                                        "password");
    } else if (use.kind == "input") {
      inputs[use.path] = std::move(content).value();
    }
  }
  for (FlowConfig& flow : config.flows) {
    for (FlowTestConfig& test : flow.tests) {
      if (const auto input = inputs.find(test.given); input != inputs.end()) test.given_text = input->second;
    }
  }
}

void check_key_hashes(const Config& config, const YamlNode& root, Decoder& decoder) {
  struct Place {
    const Digest* hash;
    std::uint32_t consumer;
    std::uint32_t key;
  };
  std::vector<Place> places;
  for (std::uint32_t i = 0; i < config.consumers.size(); ++i) {
    const std::vector<KeyConfig>& keys = config.consumers[i].keys;
    for (std::uint32_t k = 0; k < keys.size(); ++k) places.push_back({&keys[k].sha256, i, k});
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    if (*a.hash != *b.hash) return *a.hash < *b.hash;
    return a.consumer != b.consumer ? a.consumer < b.consumer : a.key < b.key;
  });
  for (std::size_t i = 1; i < places.size() && !decoder.full(); ++i) {
    if (*places[i].hash != *places[i - 1].hash) continue;
    const std::string& later = config.consumers[places[i].consumer].name;
    const std::string& earlier = config.consumers[places[i - 1].consumer].name;
    const YamlNode* node = root.find("consumers")->find(later);
    const YamlNode& key = node->find("keys")->items()[places[i].key];
    decoder.problem(key.position(),
                    "consumer \"" + later + "\" has a key that " +
                        (later == earlier ? "stands there twice" : "consumer \"" + earlier + "\" has, too"));
  }
}

void check_forwarded_headers(const Config& config, const YamlNode& root, Decoder& decoder) {
  for (const EndpointConfig& endpoint : config.endpoints) {
    if (!endpoint.proxy || (endpoint.proxy->headers.empty() && endpoint.proxy->response_headers.empty())) {
      continue;
    }
    const YamlNode* proxy = root.find("endpoints")->find(endpoint.name)->find("proxy");
    const HeaderRulesAt all[] = {
        {endpoint.proxy->headers, proxy->find("headers"), "proxy.headers", HeaderOf::request},
        {endpoint.proxy->response_headers, proxy->find("response_headers"), "proxy.response_headers",
         HeaderOf::answer}};
    for (const HeaderRulesAt& at : all) {
      if (!at.rules.empty()) check_forwarded_names(at, endpoint, config.forwarded, decoder);
    }
  }
}

void check_balance(const Config& config, Decoder& decoder) {
  for (const EndpointConfig& endpoint : config.endpoints) {
    if (!endpoint.proxy) continue;
    const ApiConfig& api = config.apis[endpoint.proxy->api_index];
    const BalanceConfig& balance = api.balance;
    if (balance.policy != BalancePolicy::consistent_hash) continue;
    std::string missing;
    if (balance.hash_input == HashInput::path && !endpoint.path.has_parameter(balance.hash_name)) {
      missing = "path." + balance.hash_name + ", which this endpoint's path does not have";
    } else if (balance.hash_input == HashInput::consumer && endpoint.auth.empty()) {
      missing = "consumer, and without auth none is known here";
    }
    if (missing.empty()) continue;
    const Origin& at = endpoint.origin;
    decoder.problem({at.file, at.line, at.column}, "endpoint \"" + endpoint.name + "\": api \"" + api.name +
                                                       "\" chooses its servers by " + missing);
  }
}

void check_trace(const Config& config, const YamlNode& root, Decoder& decoder) {
  const std::vector<std::string>& secrets = decoder.secret_paths();
  for (const EndpointConfig& endpoint : config.endpoints) {
    const std::vector<std::string>& methods = endpoint.methods;
    if (!endpoint.proxy || std::find(methods.begin(), methods.end(), "TRACE") == methods.end()) continue;
    const ApiConfig& api = config.apis[endpoint.proxy->api_index];
    std::string shown;
    if (!api.credential.empty()) shown = "the credential of api \"" + api.name + "\"";
    const std::string set = "endpoints." + endpoint.name + ".proxy.headers.set.";
    for (const HeaderField& field : endpoint.proxy->headers.set) {
      if (std::find(secrets.begin(), secrets.end(), set + field.name) == secrets.end()) continue;
      shown = "the value of " + field.name;
    }
    if (shown.empty()) continue;
    const YamlNode* node = root.find("endpoints")->find(endpoint.name);
    decoder.problem(node->find("methods")->position(), "methods of endpoint \"" + endpoint.name +
                                                           "\": the answer to TRACE would show " + shown +
                                                           " to callers; leave TRACE out");
  }
}

}  // namespace linkspan::config
