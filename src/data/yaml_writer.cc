#include "data/yaml_writer.h"

#include <yaml.h>

#include "base/strings.h"
#include "data/yaml.h"

namespace linkspan::data {
namespace {

// What YAML 1.1 readers, which are still the most common, take for booleans.
bool is_old_boolean(std::string_view text) {
  for (std::string_view word : {"y", "n", "yes", "no", "on", "off"}) {
    if (equals_ignore_case(text, word)) return true;
  }
  return false;
}

int append(void* target, unsigned char* bytes, std::size_t size) {
  static_cast<std::string*>(target)->append(reinterpret_cast<const char*>(bytes), size);
  return 1;
}

// Never null, which libyaml would abort on.
const yaml_char_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const yaml_char_t*>(text.empty() ? "" : text.data());
}

}  // namespace

struct YamlWriter::Emitter {
  yaml_emitter_t emitter;
  std::string text;

  // Takes the event; a failed emitter stays failed, which only exhausted memory can cause.
  void emit(yaml_event_t& event) { yaml_emitter_emit(&emitter, &event); }
};

YamlWriter::YamlWriter() : emitter_(std::make_unique<Emitter>()) {
  yaml_emitter_initialize(&emitter_->emitter);
  yaml_emitter_set_output(&emitter_->emitter, append, &emitter_->text);
  yaml_emitter_set_unicode(&emitter_->emitter, 1);
  yaml_emitter_set_width(&emitter_->emitter, -1);
  yaml_event_t event;
  yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
  emitter_->emit(event);
  yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1);
  emitter_->emit(event);
}

YamlWriter::~YamlWriter() {
  yaml_emitter_delete(&emitter_->emitter);
}

void YamlWriter::begin_mapping() {
  yaml_event_t event;
  yaml_mapping_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_MAPPING_STYLE);
  emitter_->emit(event);
}

void YamlWriter::end_mapping() {
  yaml_event_t event;
  yaml_mapping_end_event_initialize(&event);
  emitter_->emit(event);
}

void YamlWriter::begin_sequence(bool flow) {
  yaml_event_t event;
  yaml_sequence_start_event_initialize(&event, nullptr, nullptr, 1,
                                       flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE);
  emitter_->emit(event);
}

void YamlWriter::end_sequence() {
  yaml_event_t event;
  yaml_sequence_end_event_initialize(&event);
  emitter_->emit(event);
}

void YamlWriter::string(std::string_view text) {
  const bool must_quote = !YamlNode::plain_scalar(text, {}).is_string() || is_old_boolean(text);
  const bool lines = text.find('\n') != std::string_view::npos;
  const yaml_scalar_style_t style = must_quote ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
                                    : lines    ? YAML_LITERAL_SCALAR_STYLE
                                               : YAML_ANY_SCALAR_STYLE;
  yaml_event_t event;
  // It refuses only what is not UTF-8 (or when memory is exhausted).
  if (yaml_scalar_event_initialize(&event, nullptr, nullptr, bytes_of(text), static_cast<int>(text.size()), 1,
                                   1, style) == 0) {
    plain("(not text)");
    return;
  }
  emitter_->emit(event);
}

void YamlWriter::plain(std::string_view text) {
  yaml_event_t event;
  yaml_scalar_event_initialize(&event, nullptr, nullptr, bytes_of(text), static_cast<int>(text.size()), 1, 1,
                               YAML_PLAIN_SCALAR_STYLE);
  emitter_->emit(event);
}

std::string YamlWriter::finish() && {
  yaml_event_t event;
  yaml_document_end_event_initialize(&event, 1);
  emitter_->emit(event);
  yaml_stream_end_event_initialize(&event);
  emitter_->emit(event);
  return std::move(emitter_->text);
}

}  // namespace linkspan::data
