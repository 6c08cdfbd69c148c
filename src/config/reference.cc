#include "config/reference.h"

#include "base/error_kinds.h"
#include "base/strings.h"

namespace linkspan::config {
namespace {

Error invalid(std::string detail) {
  return Error(errors::config_invalid, std::move(detail));
}

Error unknown_kind(std::string_view kind) {
  std::string detail = "unknown reference \"${" + std::string(kind) + ":...}\"";
  const std::string_view near = nearest_name(kind, kReferenceKinds);
  if (!near.empty()) return invalid(detail + "; did you mean \"${" + std::string(near) + ":...}\"?");
  return invalid(detail + "; known are ${env:NAME} and ${file:PATH}, and $${ stands for a plain ${");
}

Result<std::string> look_up(std::string_view reference, const ReferenceLookup& lookup) {
  const auto [kind, name] = split_once(reference, ':');
  if (!name) {
    return invalid("\"${" + std::string(kind) +
                   "}\" is no reference; write ${env:NAME} or ${file:PATH}, or $${ for a plain ${");
  }
  if (kind == "secret") {
    return invalid("\"${secret:" + std::string(*name) +
                   "}\" needs the encrypted store, which this version does not have; use ${env:NAME} or "
                   "${file:PATH} instead");
  }
  if (kind != "env" && kind != "file") return unknown_kind(kind);
  if (name->empty()) return invalid("\"${" + std::string(kind) + ":}\" lacks a name after the colon");
  return lookup(kind, *name);
}

}  // namespace

bool has_references(std::string_view text) {
  return text.find("${") != std::string_view::npos;
}

Result<ResolvedText> resolve_references(std::string_view text, const ReferenceLookup& lookup) {
  ResolvedText result;
  while (true) {
    const std::size_t at = text.find("${");
    if (at == std::string_view::npos) {
      result.text += text;
      return result;
    }
    if (at > 0 && text[at - 1] == '$') {
      result.text += text.substr(0, at - 1);
      result.text += "${";
      text.remove_prefix(at + 2);
      continue;
    }
    result.text += text.substr(0, at);
    text.remove_prefix(at + 2);
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) return invalid("\"${\" without \"}\"; write $${ for a plain ${");
    Result<std::string> value = look_up(text.substr(0, end), lookup);
    if (!value) return std::move(value).error();
    result.text += *value;
    result.from_reference = true;
    text.remove_prefix(end + 1);
  }
}

}  // namespace linkspan::config
