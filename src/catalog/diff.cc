#include "catalog/diff.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/strings.h"
#include "catalog/diff_schema.h"
#include "catalog/media.h"

namespace linkspan::catalog {

namespace {

// "/orders/{id}" and "/orders/{orderId}" are the same.
std::string path_key(std::string_view path) {
  std::string key;
  bool is_name = false;
  for (char c : path) {
    if (c == '}') is_name = false;
    if (!is_name) key += c;
    if (c == '{') is_name = true;
  }
  return key;
}

std::string name_of(const Operation& operation) {
  return operation.method + " " + operation.path;
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

template <typename T>
std::vector<const T*> pointers_to(const std::vector<T>& list) {
  std::vector<const T*> pointers;
  for (const T& item : list) pointers.push_back(&item);
  return pointers;
}

// The first that is the same, out of what is left; nullptr if there is none.
template <typename T, typename Same>
const T* take(std::vector<const T*>& left, const Same& same) {
  const auto found = std::find_if(left.begin(), left.end(), [&](const T* item) { return same(*item); });
  if (found == left.end()) return nullptr;
  const T* item = *found;
  left.erase(found);
  return item;
}

class Differ {
 public:
  Differ(const Api& before, const Api& after)
      : before_(before), after_(after), schemas_(before, after, changes_) {}

  std::vector<Change> run() {
    compare_servers();
    compare_operations(before_.operations, after_.operations);
    compare_operations(before_.webhooks, after_.webhooks);
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](const Change& a, const Change& b) { return a.is_breaking > b.is_breaking; });
    return std::move(changes_);
  }

 private:
  void add(bool is_breaking, std::string place, std::string what, std::string kind) {
    changes_.push_back({is_breaking, at_, std::move(place), std::move(what), std::move(kind)});
  }

  void compare_servers() {
    const auto has = [](const std::vector<Server>& servers, const std::string& url) {
      return std::any_of(servers.begin(), servers.end(),
                         [&](const Server& server) { return server.url == url; });
    };
    for (const Server& server : before_.servers)
      if (!has(after_.servers, server.url))
        add(true, "", "the server " + server.url + " is gone", "server-removed");
    for (const Server& server : after_.servers)
      if (!has(before_.servers, server.url))
        add(false, "", "the server " + server.url + " is new", "server-added");
  }

  void compare_operations(const std::vector<Operation>& before, const std::vector<Operation>& after) {
    const auto key_of = [](const Operation& operation) {
      return operation.method + " " + path_key(operation.path);
    };
    std::multimap<std::string, const Operation*> remaining;
    for (const Operation& operation : after) remaining.emplace(key_of(operation), &operation);
    std::set<const Operation*> matched;
    for (const Operation& operation : before) {
      at_ = name_of(operation);
      // The one with the same names in its path, if there are several.
      const auto [first, last] = remaining.equal_range(key_of(operation));
      auto found =
          std::find_if(first, last, [&](const auto& other) { return other.second->path == operation.path; });
      if (found == last) found = first;
      if (found == last) {
        add(true, "", "the operation is gone", "operation-removed");
        continue;
      }
      compare_operation(operation, *found->second);
      matched.insert(found->second);
      remaining.erase(found);
    }
    for (const Operation& operation : after) {
      if (matched.contains(&operation)) continue;
      at_ = name_of(operation);
      add(false, "", "the operation is new", "operation-added");
    }
    at_.clear();
  }

  void compare_operation(const Operation& before, const Operation& after) {
    if (before.id != after.id)
      add(true, "", "its id changes from " + before.id + " to " + after.id, "operation-id");
    if (!before.deprecated && after.deprecated) add(false, "", "it is deprecated", "deprecated");
    compare_parameters(before, after);
    compare_bodies(before, after);
    compare_responses(before, after);
    compare_security(before, after);
  }

  // Names in the path are matched by where they stand.
  static std::vector<std::pair<std::string, const Parameter*>> keyed(const Operation& operation) {
    std::vector<std::pair<std::string, const Parameter*>> result;
    for (const Parameter& parameter : operation.parameters) {
      std::string key(to_string(parameter.in));
      if (parameter.in == ParameterIn::path) {
        key += std::to_string(
            operation.path.find("{" + parameter.name + "}") == std::string::npos
                ? std::string::npos
                : static_cast<std::size_t>(std::count(
                      operation.path.begin(),
                      operation.path.begin() +
                          static_cast<std::ptrdiff_t>(operation.path.find("{" + parameter.name + "}")),
                      '{')));
      } else {
        key += " " + (parameter.in == ParameterIn::header ? to_lower_ascii(parameter.name) : parameter.name);
      }
      result.emplace_back(std::move(key), &parameter);
    }
    return result;
  }

  void compare_parameters(const Operation& before, const Operation& after) {
    auto remaining = keyed(after);
    for (const auto& [key, parameter] : keyed(before)) {
      const std::string& wanted = key;
      const auto found = std::find_if(remaining.begin(), remaining.end(),
                                      [&](const auto& other) { return other.first == wanted; });
      const std::string place = std::string(to_string(parameter->in)) + " " + parameter->name;
      if (found == remaining.end()) {
        add(true, place, "the parameter is gone", "parameter-removed");
        continue;
      }
      compare_parameter(*parameter, *found->second, place);
      remaining.erase(found);
    }
    for (const auto& [key, parameter] : remaining)
      add(parameter->required, std::string(to_string(parameter->in)) + " " + parameter->name,
          parameter->required ? "the parameter is new, and required" : "the parameter is new",
          "parameter-added");
  }

  void compare_parameter(const Parameter& before, const Parameter& after, const std::string& place) {
    if (!before.required && after.required)
      add(true, place, "the parameter is required now", "parameter-required");
    if (before.required && !after.required)
      add(false, place, "the parameter is no longer required", "parameter-required");
    if (before.name != after.name)
      add(true, place, "it is called " + quoted(after.name) + " now", "parameter-name");
    if (before.style != after.style || before.explode != after.explode)
      add(true, place, "it is written in another style", "parameter-style");
    const DiffPlace where{at_, place};
    if (before.schema && after.schema)
      schemas_.compare(*before.schema, *after.schema, DiffDirection::request, where);
    compare_content(before.content, after.content, DiffDirection::request, place);
  }

  void compare_bodies(const Operation& before, const Operation& after) {
    if (!before.request_body && !after.request_body) return;
    if (!before.request_body)
      return add(after.request_body->required, "body",
                 after.request_body->required ? "a body is required now" : "a body may be sent now",
                 "body-added");
    if (!after.request_body) return add(true, "body", "no body is taken any more", "body-removed");
    if (!before.request_body->required && after.request_body->required)
      add(true, "body", "the body is required now", "body-required");
    if (before.request_body->required && !after.request_body->required)
      add(false, "body", "the body is no longer required", "body-required");
    compare_content(before.request_body->content, after.request_body->content, DiffDirection::request,
                    "body");
  }

  void compare_content(const std::vector<MediaType>& before, const std::vector<MediaType>& after,
                       DiffDirection direction, const std::string& place) {
    std::vector<const MediaType*> left = pointers_to(after);
    for (const MediaType& media : before) {
      const MediaType* found = take(
          left, [&](const MediaType& other) { return essence_of(other.type) == essence_of(media.type); });
      if (found == nullptr) {
        add(true, place, "the media type " + media.type + " is gone", "media-type-removed");
        continue;
      }
      const DiffPlace where{at_, place};
      if (media.schema && found->schema) schemas_.compare(*media.schema, *found->schema, direction, where);
      if (media.item_schema && found->item_schema)
        schemas_.compare(*media.item_schema, *found->item_schema, direction, where);
    }
    for (const MediaType* media : left)
      add(false, place, "the media type " + media->type + " is new", "media-type-added");
  }

  void compare_responses(const Operation& before, const Operation& after) {
    std::vector<const Response*> left = pointers_to(after.responses);
    for (const Response& response : before.responses) {
      const std::string place = "response " + response.status;
      const Response* found =
          take(left, [&](const Response& other) { return other.status == response.status; });
      if (found == nullptr) {
        const bool is_success = response.status[0] == '2' || response.status[0] == '3';
        add(is_success, place, "the response is gone", "response-removed");
        continue;
      }
      compare_headers(response, *found, place);
      compare_content(response.content, found->content, DiffDirection::response, place);
    }
    for (const Response* response : left)
      add(false, "response " + response->status, "the response is new", "response-added");
  }

  void compare_headers(const Response& before, const Response& after, const std::string& place) {
    std::vector<const Header*> left = pointers_to(after.headers);
    for (const Header& header : before.headers) {
      const std::string where = place + " header " + header.name;
      const Header* found =
          take(left, [&](const Header& other) { return equals_ignore_case(other.name, header.name); });
      if (found == nullptr) {
        add(true, where, "the header is gone", "header-removed");
        continue;
      }
      if (header.required && !found->required)
        add(true, where, "the header is no longer required", "header-required");
      const DiffPlace at{at_, where};
      if (header.schema && found->schema)
        schemas_.compare(*header.schema, *found->schema, DiffDirection::response, at);
    }
    for (const Header* header : left)
      add(false, place + " header " + header->name, "the header is new", "header-added");
  }

  // Whether who could satisfy `given` satisfies `asked` too.
  static bool is_enough(const SecurityRequirement& given, const SecurityRequirement& asked) {
    return std::all_of(asked.schemes.begin(), asked.schemes.end(), [&](const auto& scheme) {
      return std::any_of(given.schemes.begin(), given.schemes.end(), [&](const auto& other) {
        return other.first == scheme.first &&
               std::all_of(scheme.second.begin(), scheme.second.end(), [&](const std::string& scope) {
                 return std::find(other.second.begin(), other.second.end(), scope) != other.second.end();
               });
      });
    });
  }

  static bool is_accepted(const SecurityRequirement& given, const std::vector<SecurityRequirement>& asked) {
    return asked.empty() ||
           std::any_of(asked.begin(), asked.end(), [&](const auto& one) { return is_enough(given, one); });
  }

  void compare_security(const Operation& before, const Operation& after) {
    std::vector<SecurityRequirement> given = before.security;
    if (given.empty()) given.emplace_back();
    bool is_stricter = false;
    for (const SecurityRequirement& requirement : given)
      is_stricter = is_stricter || !is_accepted(requirement, after.security);
    if (is_stricter)
      return add(true, "security", "credentials that were enough are not any more", "security");
    std::vector<SecurityRequirement> asked = after.security;
    if (asked.empty()) asked.emplace_back();
    for (const SecurityRequirement& requirement : asked)
      if (!is_accepted(requirement, before.security))
        return add(false, "security", "other credentials, or fewer, are enough now", "security");
  }

  const Api& before_;
  const Api& after_;
  std::vector<Change> changes_;
  SchemaDiff schemas_;
  std::string at_;  // the operation
};

}  // namespace

std::string to_string(const Change& change) {
  std::string text = change.is_breaking ? "breaking: " : "harmless: ";
  if (!change.operation.empty()) text += change.operation + ": ";
  if (!change.place.empty()) text += change.place + ": ";
  return text + change.what + " [" + change.kind + "]";
}

std::vector<Change> diff(const Api& before, const Api& after) {
  return Differ(before, after).run();
}

}  // namespace linkspan::catalog
