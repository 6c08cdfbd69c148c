#include "config/scalar_types.h"

#include <algorithm>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "config/show_writer.h"

namespace linkspan::config {
namespace {

class BooleanType final : public ScalarType {
 public:
  void show(const void* value, ShowWriter& writer) const override {
    writer.plain(*static_cast<const bool*>(value) ? "true" : "false");
  }
  void write_schema(JsonStringWriter& json) const override {
    const SchemaAlternatives alternatives(json);
    json.begin_object();
    json.member("type", "boolean");
    json.end_object();
  }
  std::string form() const override { return "true or false"; }

 protected:
  std::string expected() const override { return "true or false"; }
  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override {
    if (scalar.node.kind() != YamlNode::Kind::boolean) {
      decoder.mismatch(scalar.node, scalar.from_reference, expected());
      return false;
    }
    *static_cast<bool*>(out) = scalar.node.boolean();
    return true;
  }
};

class TextType final : public ScalarType {
 public:
  explicit TextType(bool free) : free_(free) {}
  bool is_absent(const void* value) const override { return static_cast<const std::string*>(value)->empty(); }
  void show(const void* value, ShowWriter& writer) const override {
    writer.text(*static_cast<const std::string*>(value));
  }
  void write_schema(JsonStringWriter& json) const override {
    json.key("type");
    json.begin_array();
    for (const char* type : {"string", "number", "boolean"}) json.value(type);
    json.end_array();
  }
  std::string form() const override { return "text"; }

 protected:
  std::string expected() const override { return free_ ? "text" : "one line of text"; }
  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override {
    const std::string_view text = scalar.node.text();
    bool fits = !scalar.node.is_null() || scalar.from_reference;
    if (!free_) {
      fits = fits && !text.empty();
      for (char c : text) fits = fits && static_cast<unsigned char>(c) >= ' ' && c != '\x7f';
    }
    if (!fits) {
      decoder.mismatch(scalar.node, scalar.from_reference, expected());
      return false;
    }
    *static_cast<std::string*>(out) = text;
    return true;
  }

 private:
  bool free_;
};

class CheckedTextType final : public ParsedType {
 public:
  CheckedTextType(ScalarText words, bool (*is_valid)(std::string_view))
      : ParsedType(std::move(words)), is_valid_(is_valid) {}

 protected:
  Result<void> parse(std::string_view text, void* out) const override {
    if (!is_valid_(text)) return Error(errors::config_invalid, {});
    *static_cast<std::string*>(out) = text;
    return {};
  }
  std::string format(const void* value) const override { return *static_cast<const std::string*>(value); }

 private:
  bool (*is_valid_)(std::string_view);
};

class SecretType final : public ScalarType {
 public:
  bool is_absent(const void* value) const override { return static_cast<const Secret*>(value)->empty(); }
  void show(const void*, ShowWriter& writer) const override { writer.secret(); }
  void write_schema(JsonStringWriter& json) const override { json.member("type", "string"); }
  std::string form() const override { return "secret text"; }

 protected:
  std::string expected() const override { return "one line of text"; }
  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override {
    const std::string_view text = scalar.node.text();
    bool fits = !text.empty();
    for (char c : text) fits = fits && static_cast<unsigned char>(c) >= ' ' && c != '\x7f';
    if (!fits) {
      decoder.problem(scalar.node.position(), decoder.subject() + " must be " + expected());
      return false;
    }
    *static_cast<Secret*>(out) = Secret(std::string(text));
    return true;
  }
};

class NameOfType final : public ScalarType {
 public:
  explicit NameOfType(std::string_view kind) : kind_(kind) {}
  bool is_absent(const void* value) const override { return static_cast<const std::string*>(value)->empty(); }
  void show(const void* value, ShowWriter& writer) const override {
    writer.text(*static_cast<const std::string*>(value));
  }
  void write_schema(JsonStringWriter& json) const override { json.member("type", "string"); }
  std::string form() const override { return "name in `" + section() + "`"; }

 protected:
  std::string expected() const override { return "a name in \"" + section() + "\""; }
  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override {
    if (scalar.node.text().empty()) {
      decoder.mismatch(scalar.node, scalar.from_reference, expected());
      return false;
    }
    decoder.use_name(kind_, scalar);
    *static_cast<std::string*>(out) = scalar.node.text();
    return true;
  }

 private:
  std::string section() const { return kind_ == "auth" ? "auth" : std::string(kind_) + "s"; }

  std::string_view kind_;
};

class FilePathType final : public ScalarType {
 public:
  explicit FilePathType(std::string_view kind) : kind_(kind) {}
  bool is_absent(const void* value) const override { return static_cast<const std::string*>(value)->empty(); }
  void show(const void* value, ShowWriter& writer) const override {
    writer.text(*static_cast<const std::string*>(value));
  }
  void write_schema(JsonStringWriter& json) const override { json.member("type", "string"); }
  std::string form() const override { return "path"; }

 protected:
  std::string expected() const override { return "the path of a file"; }
  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override {
    const std::string_view text = scalar.node.text();
    if (text.starts_with("-----BEGIN")) {
      decoder.problem(scalar.node.position(),
                      decoder.subject() + " must be the path of a file, not its content");
      return false;
    }
    if (text.empty() || text.find('\0') != std::string_view::npos) {
      decoder.mismatch(scalar.node, scalar.from_reference, expected());
      return false;
    }
    std::string path = decoder.resolve_path(text, scalar.node.position());
    if (!kind_.empty()) decoder.use_file(kind_, scalar, path);
    *static_cast<std::string*>(out) = std::move(path);
    return true;
  }

 private:
  std::string_view kind_;
};

class ChoiceType final : public ScalarType {
 public:
  explicit ChoiceType(std::vector<Choice> choices) : choices_(std::move(choices)) {}
  // A value without a word stands for "decided by the rest of the config".
  bool is_absent(const void* value) const override {
    return std::none_of(choices_.begin(), choices_.end(), [&](const Choice& choice) {
      return choice.value == *static_cast<const std::uint8_t*>(value);
    });
  }
  void show(const void* value, ShowWriter& writer) const override {
    for (const Choice& choice : choices_) {
      if (choice.value == *static_cast<const std::uint8_t*>(value)) return writer.text(choice.word);
    }
  }
  void write_schema(JsonStringWriter& json) const override {
    const SchemaAlternatives alternatives(json);
    json.begin_object();
    json.key("enum");
    json.begin_array();
    for (const Choice& choice : choices_) {
      json.value(choice.word);
      // Written without quotes, "1.3" is a number.
      if (!YamlNode::plain_scalar(choice.word, {}).is_string()) json.raw(choice.word);
    }
    json.end_array();
    json.end_object();
  }
  std::string form() const override { return join("`", ", "); }

 protected:
  std::string expected() const override {
    return (choices_.size() > 2 ? "one of " : "") + join("\"", " or ");
  }
  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override {
    for (const Choice& choice : choices_) {
      if (choice.word != scalar.node.text()) continue;
      *static_cast<std::uint8_t*>(out) = choice.value;
      return true;
    }
    decoder.mismatch(scalar.node, scalar.from_reference, expected());
    return false;
  }

 private:
  std::string join(std::string_view quote, std::string_view last) const {
    std::string text;
    for (const Choice& choice : choices_) {
      if (!text.empty()) text += &choice == &choices_.back() ? last : ", ";
      text.append(quote).append(choice.word).append(quote);
    }
    return text;
  }

  std::vector<Choice> choices_;
};

std::string format_text_percentage(const Percentage& value) {
  return format_percentage(value);
}

std::string format_text_rate(const Rate& value) {
  return value.count == 0 ? std::string() : format_rate(value);
}

std::string same_text(const std::string& text) {
  return text;
}

}  // namespace

Typed<bool> boolean() {
  return Typed<bool>(std::make_shared<BooleanType>());
}

Typed<Percentage> percentage() {
  return parsed<Percentage>({.form = "percentage",
                             .expected = "a percentage from 0% to 100%, such as 20%",
                             .pattern = R"(\d+(\.\d+)?%)"},
                            parse_percentage, format_text_percentage);
}

Typed<Rate> rate() {
  return parsed<Rate>({.form = "rate",
                       .expected = "a rate such as 50/s or 1000/min",
                       .pattern = R"(\d+/(month|min|s|h|d|w|\d+(ns|us|ms|s|m|h|d|w)))"},
                      parse_rate, format_text_rate);
}

Typed<std::string> text() {
  return Typed<std::string>(std::make_shared<TextType>(false));
}

Typed<std::string> free_text() {
  return Typed<std::string>(std::make_shared<TextType>(true));
}

Typed<std::string> text(ScalarText words, bool (*is_valid)(std::string_view)) {
  return Typed<std::string>(std::make_shared<CheckedTextType>(std::move(words), is_valid));
}

Typed<std::string> parsed_text(ScalarText words, Result<std::string> (*parse)(std::string_view)) {
  return parsed<std::string>(std::move(words), parse, same_text);
}

Typed<Secret> secret() {
  return Typed<Secret>(std::make_shared<SecretType>());
}

Typed<std::string> name_of(std::string_view kind) {
  return Typed<std::string>(std::make_shared<NameOfType>(kind));
}

Typed<std::string> file_path(std::string_view kind) {
  return Typed<std::string>(std::make_shared<FilePathType>(kind));
}

std::shared_ptr<const Type> choice_type(std::vector<Choice> choices) {
  return std::make_shared<ChoiceType>(std::move(choices));
}

}  // namespace linkspan::config
