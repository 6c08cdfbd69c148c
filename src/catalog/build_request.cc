#include "catalog/build_request.h"

#include <algorithm>

#include "base/strings.h"
#include "catalog/body.h"
#include "catalog/media.h"
#include "catalog/path_template.h"
#include "catalog/style.h"
#include "catalog/uri.h"
#include "data/json_pointer.h"
#include "data/json_write.h"

namespace linkspan::catalog {

using data::JsonMember;
using data::JsonValue;

namespace {

class Builder {
 public:
  Builder(const Api& api, const Operation& operation, const RequestArguments& arguments)
      : api_(api), operation_(operation), arguments_(arguments) {}

  BuiltRequest build() {
    request_.method = operation_.method;
    refuse_unknown(ParameterIn::path, arguments_.path);
    refuse_unknown(ParameterIn::query, arguments_.query);
    refuse_unknown(ParameterIn::header, arguments_.header);
    refuse_unknown(ParameterIn::cookie, arguments_.cookie);
    write_path();
    for (const Parameter& parameter : operation_.parameters) {
      if (parameter.in == ParameterIn::path) continue;
      const JsonValue* value = find(parameter);
      if (value == nullptr) {
        if (parameter.required) missing(parameter);
        continue;
      }
      write(parameter, *value);
    }
    finish_query();
    finish_cookies();
    write_body_argument();
    return std::move(request_);
  }

 private:
  const JsonValue& arguments_in(ParameterIn in) const {
    switch (in) {
      case ParameterIn::path:
        return arguments_.path;
      case ParameterIn::query:
        return arguments_.query;
      case ParameterIn::header:
        return arguments_.header;
      case ParameterIn::cookie:
        return arguments_.cookie;
      case ParameterIn::querystring:
        return arguments_.querystring;
    }
    return arguments_.query;
  }

  const JsonValue* find(const Parameter& parameter) const {
    const JsonValue* value = nullptr;
    if (parameter.in == ParameterIn::querystring) {
      value = &arguments_.querystring;
    } else if (parameter.in == ParameterIn::header) {
      for (const JsonMember& member : arguments_.header.members())
        if (equals_ignore_case(member.key.string(), parameter.name)) value = &member.value;
    } else {
      value = arguments_in(parameter.in).find(parameter.name);
    }
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  static std::string pointer_of(ParameterIn in, std::string_view name) {
    std::string pointer = "/" + std::string(to_string(in));
    if (in != ParameterIn::querystring) data::append_pointer_token(pointer, name);
    return pointer;
  }

  void report(std::string pointer, std::string message) {
    Problem problem;
    problem.pointer = std::move(pointer);
    problem.message = std::move(message);
    request_.problems.push_back(std::move(problem));
  }

  void missing(const Parameter& parameter) {
    report(pointer_of(parameter.in, parameter.name), "the " + std::string(to_string(parameter.in)) +
                                                         " parameter \"" + parameter.name + "\" is required");
  }

  void refuse_unknown(ParameterIn in, const JsonValue& values) {
    if (!values.is_null() && !values.is_object())
      return report("/" + std::string(to_string(in)), "must be an object of arguments by name");
    for (const JsonMember& member : values.members()) {
      const std::string_view name = member.key.string();
      std::vector<std::string_view> known;
      bool is_known = false;
      for (const Parameter& parameter : operation_.parameters) {
        if (parameter.in != in) continue;
        known.push_back(parameter.name);
        is_known = is_known || parameter.name == name ||
                   (in == ParameterIn::header && equals_ignore_case(parameter.name, name));
      }
      if (is_known) continue;
      std::string message =
          "there is no " + std::string(to_string(in)) + " parameter \"" + std::string(name) + "\"";
      constexpr std::size_t kLongestWord = 64;
      const std::string_view near = name.size() > kLongestWord ? "" : nearest_name(name, known);
      if (!near.empty()) message += "; did you mean \"" + std::string(near) + "\"?";
      report(pointer_of(in, name), std::move(message));
    }
  }

  void write_path() {
    const Result<PathTemplate> path = PathTemplate::parse(operation_.path);
    if (!path) return report("", path.error().detail());
    std::vector<std::string> values;
    for (const std::string& name : path->names()) {
      values.emplace_back();
      const auto parameter =
          std::find_if(operation_.parameters.begin(), operation_.parameters.end(),
                       [&](const Parameter& one) { return one.in == ParameterIn::path && one.name == name; });
      if (parameter == operation_.parameters.end()) continue;
      const JsonValue* value = find(*parameter);
      if (value == nullptr) {
        missing(*parameter);
        continue;
      }
      const std::string pointer = pointer_of(ParameterIn::path, name);
      Result<std::string> text = parameter->content.empty()
                                     ? write_path_value(spelling_of(*parameter), *value)
                                     : Result<std::string>(percent_encode(data::write_json(*value)));
      if (!text) {
        report(pointer, text.error().detail());
      } else if (text->empty() || *text == "." || *text == "..") {
        report(pointer, "the path parameter \"" + name + "\" may not be empty, \".\" or \"..\"");
      } else {
        values.back() = *std::move(text);
      }
    }
    request_.path = path->expand(values);
  }

  // Of parameters with `content`: the value as that media type writes it.
  std::optional<std::string> content_text(const Parameter& parameter, const JsonValue& value) {
    const MediaType& media = parameter.content[0];
    Result<WrittenBody> body = write_body(api_, media, concrete_type(media), value);
    if (body) return std::move(body->bytes);
    report(pointer_of(parameter.in, parameter.name), body.error().detail());
    return std::nullopt;
  }

  void write(const Parameter& parameter, const JsonValue& value) {
    const std::string pointer = pointer_of(parameter.in, parameter.name);
    const Spelling spelling = spelling_of(parameter);
    std::optional<std::string> text;
    if (!parameter.content.empty()) {
      text = content_text(parameter, value);
      if (!text) return;
    }
    switch (parameter.in) {
      case ParameterIn::querystring:
        whole_query_ = kind_of(essence_of(concrete_type(parameter.content[0]))) == MediaKind::urlencoded
                           ? *text
                           : percent_encode(*text);
        return;
      case ParameterIn::query:
        if (text) {
          pairs_.emplace_back(percent_encode(parameter.name), percent_encode(*text));
        } else if (auto ok = write_query_value(spelling, value, pairs_); !ok) {
          report(pointer, ok.error().detail());
        }
        return;
      case ParameterIn::cookie:
        if (text) {
          cookies_.push_back(parameter.name + "=" + percent_encode(*text));
        } else if (auto ok = write_cookie_value(spelling, value, cookies_); !ok) {
          report(pointer, ok.error().detail());
        }
        return;
      default:
        write_header(parameter, text ? Result<std::string>(*text) : write_header_value(spelling, value));
    }
  }

  void write_header(const Parameter& parameter, Result<std::string> text) {
    const std::string pointer = pointer_of(parameter.in, parameter.name);
    if (!text) return report(pointer, text.error().detail());
    if (trim(*text).size() != text->size())
      return report(pointer, "the value of a header may not begin or end with a blank");
    request_.headers.emplace_back(parameter.name, *std::move(text));
  }

  void finish_query() {
    request_.query = whole_query_.empty() ? join_pairs(pairs_) : std::move(whole_query_);
  }

  void finish_cookies() {
    std::string text;
    for (const std::string& cookie : cookies_) text.append(text.empty() ? "" : "; ").append(cookie);
    if (!text.empty()) request_.headers.emplace_back("Cookie", std::move(text));
  }

  void write_body_argument() {
    if (!operation_.request_body) {
      if (arguments_.body) report("/body", "this operation takes no body");
      return;
    }
    const RequestBody& body = *operation_.request_body;
    if (!arguments_.body) {
      if (body.required) report("/body", "a body is required");
      return;
    }
    const MediaType* media = arguments_.content_type.empty()
                                 ? preferred_media(body.content)
                                 : find_media(body.content, arguments_.content_type);
    if (media == nullptr) {
      std::string types;
      for (const MediaType& one : body.content) types.append(types.empty() ? "" : ", ").append(one.type);
      return report("/content_type", "the body has no media type \"" + arguments_.content_type + "\", but " +
                                         (types.empty() ? "none at all" : types));
    }
    const std::string type =
        arguments_.content_type.empty() ? concrete_type(*media) : arguments_.content_type;
    Result<WrittenBody> written = write_body(api_, *media, type, *arguments_.body);
    if (!written) return report("/body", written.error().detail());
    request_.headers.emplace_back("Content-Type", std::move(written->content_type));
    request_.body = std::move(written->bytes);
  }

  const Api& api_;
  const Operation& operation_;
  const RequestArguments& arguments_;
  BuiltRequest request_;
  EncodedPairs pairs_;
  std::string whole_query_;
  std::vector<std::string> cookies_;
};

}  // namespace

BuiltRequest build_request(const Api& api, const Operation& operation, const RequestArguments& arguments) {
  return Builder(api, operation, arguments).build();
}

std::string expand_server(const Server& server, const JsonValue& values) {
  std::string url;
  std::string_view rest = server.url;
  while (!rest.empty()) {
    const std::size_t open = rest.find('{');
    const std::size_t close = open == std::string_view::npos ? open : rest.find('}', open);
    if (close == std::string_view::npos) break;
    url += rest.substr(0, open);
    const std::string_view name = rest.substr(open + 1, close - open - 1);
    const auto variable = std::find_if(server.variables.begin(), server.variables.end(),
                                       [&](const ServerVariable& one) { return one.name == name; });
    const JsonValue* given = values.find(name);
    if (given != nullptr && given->is_string()) {
      url += given->string();
    } else if (variable != server.variables.end()) {
      url += variable->default_value;
    } else {
      url += rest.substr(open, close - open + 1);
    }
    rest.remove_prefix(close + 1);
  }
  return url.append(rest);
}

}  // namespace linkspan::catalog
