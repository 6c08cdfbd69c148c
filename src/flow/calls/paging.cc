#include "flow/calls/paging.h"

#include <vector>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "catalog/uri.h"
#include "data/json_write.h"
#include "flow/calls/link_header.h"

namespace linkspan::flow {

namespace {

constexpr std::string_view kBase = "http://api.invalid";

Result<data::JsonValue> items_of(const Paginate& paginate, const data::JsonValue& body, Evaluator& evaluator,
                                 std::span<const data::JsonValue> variables) {
  data::JsonValue items = body;
  if (paginate.items) {
    Result<data::JsonValue> chosen = paginate.items->evaluate(evaluator, body, variables);
    if (!chosen) return std::move(chosen).error().context("paginate.items");
    items = std::move(*chosen);
  }
  if (!items.is_array()) return Error(errors::flow_failed, "paginate: the answer has no array of items");
  return items;
}

Result<std::optional<std::string>> linked(std::string_view target, const Incoming& message) {
  std::vector<std::string_view> links;
  for (const auto& [name, value] : message.headers) {
    if (equals_ignore_case(name, "link")) links.push_back(value);
  }
  Result<std::optional<std::string>> next = next_page_link(links, std::string(kBase).append(target));
  if (!next || !*next) return next;
  const std::size_t host = (*next)->find("//");
  const std::size_t path = host == std::string::npos ? std::string::npos : (*next)->find('/', host + 2);
  if (path == std::string::npos) return Error(errors::flow_failed, "paginate: the next page is at no path");
  return std::optional((*next)->substr(path));
}

std::uint64_t number_in(std::string_view target, std::string_view name, std::uint64_t otherwise) {
  const auto [path, query] = split_once(target, '?');
  for (std::string_view part : split(query.value_or(""), '&')) {
    const auto [key, value] = split_once(part, '=');
    if (key == name && value) return parse_u64(*value).value_or(otherwise);
  }
  return otherwise;
}

}  // namespace

std::string with_query(std::string_view target, std::string_view name, std::string_view value) {
  const auto [path, query] = split_once(target, '?');
  const std::string encoded = catalog::percent_encode(name);
  std::string result(path);
  char separator = '?';
  for (std::string_view part : split(query.value_or(""), '&')) {
    if (part.empty() || split_once(part, '=').first == encoded) continue;
    result.append(1, separator).append(part);
    separator = '&';
  }
  return result.append(1, separator).append(encoded).append("=").append(catalog::percent_encode(value));
}

Result<Page> read_page(const Paginate& paginate, std::string_view target, const Incoming& message,
                       const data::JsonValue& answer, Evaluator& evaluator,
                       std::span<const data::JsonValue> variables) {
  const data::JsonValue* body = answer.find("body");
  Result<data::JsonValue> items =
      items_of(paginate, body == nullptr ? data::JsonValue() : *body, evaluator, variables);
  if (!items) return std::move(items).error();
  Page page{.items = std::move(*items), .target = std::nullopt};
  switch (paginate.by) {
    case config::Paging::link: {
      Result<std::optional<std::string>> next = linked(target, message);
      if (!next) return std::move(next).error();
      page.target = std::move(*next);
      break;
    }
    case config::Paging::cursor: {
      Result<data::JsonValue> cursor = paginate.next->evaluate(evaluator, answer, variables);
      if (!cursor) return std::move(cursor).error().context("paginate.next");
      const bool last = !cursor->is_truthy() || (cursor->is_string() && cursor->empty());
      if (last) break;
      const std::string text =
          cursor->is_string() ? std::string(cursor->string()) : data::write_json(*cursor);
      page.target = with_query(target, paginate.parameter, text);
      break;
    }
    case config::Paging::page:
      if (page.items.empty()) break;
      page.target = with_query(target, paginate.parameter,
                               std::to_string(number_in(target, paginate.parameter, 1) + 1));
      break;
    case config::Paging::offset:
      if (page.items.empty()) break;
      page.target = with_query(target, paginate.parameter,
                               std::to_string(number_in(target, paginate.parameter, 0) + page.items.size()));
      break;
  }
  return page;
}

}  // namespace linkspan::flow
