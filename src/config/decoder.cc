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

Scalar Decoder::resolve(const YamlNode& node, std::string (*encode)(std::string_view)) {
  if (!node.is_string() || !has_references(node.text())) return {node};
  Result<ResolvedText> resolved =
      resolve_references(node.text(), [&](std::string_view kind, std::string_view name) {
        Result<std::string> value = sources_.look_up(kind, name, node.position());
        if (value && encode != nullptr) *value = encode(*value);
        return value;
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

// The keys and indices of steps that are no named things, as one reads them.
std::string Decoder::words(std::size_t begin, std::size_t end) const {
  std::string text;
  for (std::size_t at = begin; at < end; ++at) {
    if (!steps_[at].in_words) continue;
    if (steps_[at].key.empty()) {
      text += '[' + std::to_string(steps_[at].index) + ']';
    } else {
      if (!text.empty()) text += '.';
      text += steps_[at].key;
    }
  }
  return text;
}

std::string Decoder::subject() const {
  std::string text;
  for (std::size_t end = steps_.size();;) {
    std::size_t begin = end;
    while (begin > 0 && steps_[begin - 1].kind.empty()) --begin;
    // The key of the map in which a named thing stands says nothing that its kind does not.
    const bool of_named = end < steps_.size() && end > begin;
    const std::string fields = words(begin, of_named ? end - 1 : end);
    if (!fields.empty()) text += (text.empty() ? "" : " of ") + fields;
    if (begin == 0) return text;
    const Step& named = steps_[begin - 1];
    text += (text.empty() ? "" : " of ") + std::string(named.kind) + " \"" + std::string(named.key) + '"';
    end = begin - 1;
  }
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

void Decoder::use_name(std::string_view kind, std::string_view name, const Scalar& scalar) {
  name_uses_.push_back({kind, std::string(name), subject(), scalar.node.position(), scalar.from_reference});
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
