// The part of plan_maker.h that finds operations and checks what they are given.
#include <algorithm>

#include "base/strings.h"
#include "data/in_quotes.h"
#include "flow/plan/plan_maker.h"

namespace linkspan::flow {

namespace {

constexpr std::string_view kDefaultKeyHeader =
    "Idempotency-Key";  // draft-ietf-httpapi-idempotency-key-header

std::string_view place_of(catalog::ParameterIn in) {
  switch (in) {
    case catalog::ParameterIn::path:
      return "path";
    case catalog::ParameterIn::query:
      return "query";
    case catalog::ParameterIn::header:
      return "headers";
    default:
      return "other";
  }
}

bool same_name(std::string_view a, std::string_view b, catalog::ParameterIn in) {
  return in == catalog::ParameterIn::header ? equals_ignore_case(a, b) : a == b;
}

const catalog::Parameter* find_header(const catalog::Operation& operation, std::string_view name) {
  for (const catalog::Parameter& parameter : operation.parameters) {
    if (parameter.in == catalog::ParameterIn::header && equals_ignore_case(parameter.name, name))
      return &parameter;
  }
  return nullptr;
}

}  // namespace

std::string PlanMaker::suggestion(std::string_view name, const std::vector<std::string_view>& names) {
  const std::string_view near = nearest_name(name, names);
  return near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?";
}

const ApiEntry* PlanMaker::find_api(const config::CallArguments& config, std::string& operation_id) {
  // Names of APIs may hold dots, so the longest one that fits is meant.
  const ApiEntry* best = nullptr;
  std::size_t best_size = 0;
  for (const auto& [name, entry] : catalog_) {
    if (name.size() < best_size || !config.call.starts_with(name + ".")) continue;
    best = &entry;
    best_size = name.size();
    operation_id = config.call.substr(name.size() + 1);
  }
  if (best == nullptr) {
    problem(config.call_origin,
            data::in_quotes(config.call) +
                " must be an operation of an api that has a spec, as in stock.createReservation");
  }
  return best;
}

std::optional<Call> PlanMaker::make_call(const config::CallArguments& config, std::string_view idempotency) {
  std::string id;
  const ApiEntry* entry = find_api(config, id);
  if (entry == nullptr) return std::nullopt;
  Call call;
  call.api = config.call.substr(0, config.call.size() - id.size() - 1);
  call.description = entry->api;
  call.path_prefix = entry->path_prefix;
  call.operation = entry->api->find_operation(id);
  if (call.operation == nullptr) {
    std::vector<std::string_view> ids;
    for (const catalog::Operation& operation : entry->api->operations) ids.push_back(operation.id);
    problem(config.call_origin,
            "api \"" + call.api + "\" has no operation " + data::in_quotes(id) + suggestion(id, ids));
    return std::nullopt;
  }
  const catalog::Operation& operation = *call.operation;
  call.method = http::parse_method(operation.method);
  if (call.method == http::Method::other || call.method == http::Method::connect) {
    problem(config.call_origin, config.call + ": flows do not call by method " + operation.method);
    return std::nullopt;
  }
  call.path = make_arguments(config.path, catalog::ParameterIn::path, config, operation);
  call.query = make_arguments(config.query, catalog::ParameterIn::query, config, operation);
  call.headers = make_arguments(config.headers, catalog::ParameterIn::header, config, operation);
  call.body = compile(config.body, "body");
  if (config.body && !operation.request_body) {
    problem(config.body->origin, config.call + " takes no body by its description");
  }
  choose_key_header(call, idempotency);
  check_required(config, operation);
  return call;
}

std::vector<NamedValue> PlanMaker::make_arguments(const std::vector<config::NamedExpression>& given,
                                                  catalog::ParameterIn in,
                                                  const config::CallArguments& config,
                                                  const catalog::Operation& operation) {
  std::vector<NamedValue> arguments;
  for (const config::NamedExpression& one : given) {
    std::vector<std::string_view> names;
    bool known = false;
    for (const catalog::Parameter& parameter : operation.parameters) {
      if (parameter.in != in) continue;
      names.push_back(parameter.name);
      known |= same_name(parameter.name, one.name, in);
    }
    // Header fields that a description does not have are sent all the same: descriptions seldom name them
    // all.
    if (!known && in != catalog::ParameterIn::header) {
      problem(one.origin, config.call + " has no " + std::string(place_of(in)) + " parameter " +
                              data::in_quotes(one.name) + suggestion(one.name, names));
    }
    std::optional<Expression> value = compile(one.value, std::string(place_of(in)) + "." + one.name);
    if (value) arguments.push_back({one.name, std::move(*value)});
  }
  return arguments;
}

void PlanMaker::check_required(const config::CallArguments& config, const catalog::Operation& operation) {
  for (const catalog::Parameter& parameter : operation.parameters) {
    if (!parameter.required) continue;
    const std::vector<config::NamedExpression>* given = nullptr;
    if (parameter.in == catalog::ParameterIn::path) given = &config.path;
    if (parameter.in == catalog::ParameterIn::query) given = &config.query;
    if (parameter.in == catalog::ParameterIn::header) {
      if (equals_ignore_case(parameter.name, kDefaultKeyHeader)) continue;  // sent by us
      given = &config.headers;
    }
    if (given == nullptr) continue;
    const bool is_given = std::any_of(given->begin(), given->end(), [&](const config::NamedExpression& one) {
      return same_name(one.name, parameter.name, parameter.in);
    });
    if (!is_given) {
      problem(config.call_origin, config.call + " needs the " + std::string(place_of(parameter.in)) +
                                      " parameter \"" + parameter.name + "\"");
    }
  }
  if (operation.request_body && operation.request_body->required && !config.body) {
    problem(config.call_origin, config.call + " needs a body");
  }
}

void PlanMaker::choose_key_header(Call& call, std::string_view idempotency) const {
  if (idempotency == "none" || http::is_safe(call.method)) return;
  if (idempotency != "auto") {  // the config says that the operation honours this header
    call.key_header = idempotency;
    call.key_is_honoured = true;
    return;
  }
  const bool described = find_header(*call.operation, kDefaultKeyHeader) != nullptr;
  if (!described && call.method != http::Method::post && call.method != http::Method::patch) return;
  call.key_header = kDefaultKeyHeader;
  call.key_is_honoured = described;
}

}  // namespace linkspan::flow
