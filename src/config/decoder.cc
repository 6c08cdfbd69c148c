#include "config/decoder.h"

#include "data/in_quotes.h"

namespace linkspan::config {

Decoder::Scope::Scope(Decoder& decoder, std::string_view key) : decoder_(decoder) {
  decoder_.steps_.push_back({.kind = {}, .key = key, .index = 0});
}

Decoder::Scope::Scope(Decoder& decoder, std::size_t index, bool in_words) : decoder_(decoder) {
  decoder_.steps_.push_back({.kind = {}, .key = {}, .index = index, .in_words = in_words});
}

Decoder::Scope::Scope(Decoder& decoder, std::string_view kind, std::string_view name) : decoder_(decoder) {
  decoder_.steps_.push_back({.kind = kind, .key = name, .index = 0});
}

Scalar Decoder::resolve(const YamlNode& node) {
  if (!node.is_string() || !has_references(node.text())) return {node};
  Result<ResolvedText> resolved =
      resolve_references(node.text(), [&](std::string_view kind, std::string_view name) {
        return sources_.look_up(kind, name, node.position());
      });
  if (!resolved) {
    problem(node.position(), resolved.error().detail());
    return {.node = node, .from_reference = true, .failed = true};
  }
  const std::string& text = kept_.emplace_back(std::move(resolved->text));
  if (!resolved->from_reference) return {YamlNode::string(text, node.position())};
  secret_paths_.push_back(path());
  return {.node = YamlNode::plain_scalar(text, node.position()), .from_reference = true};
}

std::string Decoder::resolve_path(std::string_view path, YamlPosition position) {
  return sources_.resolve_path(path, position);
}

void Decoder::problem(YamlPosition position, std::string message) {
  if (!full()) problems_.push_back({position, std::move(message)});
}

void Decoder::mismatch(const YamlNode& node, bool secret, std::string_view expected) {
  std::string message = subject();
  message += message.empty() ? "must be " : " must be ";
  message += expected;
  if (secret) {
    message += " (the value is not shown)";
  } else {
    message += ", not " + describe_node(node);
  }
  problem(node.position(), std::move(message));
}

std::string Decoder::subject() const {
  std::string fields;
  std::string owner;
  std::size_t at = steps_.size();
  while (at > 0 && steps_[at - 1].kind.empty()) --at;
  if (at > 0) {
    owner = steps_[at - 1].kind;
    owner += " \"";
    owner += steps_[at - 1].key;
    owner += '"';
  }
  for (; at < steps_.size(); ++at) {
    if (!steps_[at].in_words) continue;
    if (steps_[at].key.empty()) {
      fields += '[' + std::to_string(steps_[at].index) + ']';
    } else {
      if (!fields.empty()) fields += '.';
      fields += steps_[at].key;
    }
  }
  if (fields.empty()) return owner;
  return owner.empty() ? fields : fields + " of " + owner;
}

std::string Decoder::path() const {
  std::string path;
  for (const Step& step : steps_) {
    if (step.kind.empty() && step.key.empty()) {
      path += '[' + std::to_string(step.index) + ']';
    } else {
      if (!path.empty()) path += '.';
      path += step.key;
    }
  }
  return path;
}

void Decoder::use_name(std::string_view kind, const Scalar& scalar) {
  name_uses_.push_back(
      {kind, std::string(scalar.node.text()), subject(), scalar.node.position(), scalar.from_reference});
}

void Decoder::use_file(std::string_view kind, const Scalar& scalar, std::string path) {
  file_uses_.push_back({kind, std::move(path), subject(), scalar.node.position(), scalar.from_reference});
}

std::string describe_node(const YamlNode& node) {
  if (node.is_sequence()) return "a list";
  if (node.is_mapping()) return "a mapping";
  if (node.is_null()) return "nothing";
  return data::in_quotes(node.text());
}

}  // namespace linkspan::config
