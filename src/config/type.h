// A Type knows all about one kind of value in the config: how it is read out of YAML, shown, described to
// editors (JSON Schema) and to readers (reference page). Each config struct has one descriptor, an ObjectType
// (object_type.h), built of Types, and everything that Linkspan says about its config is made from these.
//
// Types work on `void*` so that headers stay light; Typed<T> keeps them honest: a field of type Duration
// takes a Typed<Duration> only. Types are immutable once built; any thread may use them.
//
// Internal to the config room.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_writer.h"
#include "base/result.h"
#include "config/decoder.h"

namespace linkspan::config {

class ObjectType;
class ShowWriter;

class Type {
 public:
  virtual ~Type() = default;

  // Reads `node` into the value at `out`. False if any problem was reported; the value may then be anything.
  virtual bool decode(const YamlNode& node, Decoder& decoder, void* out) const = 0;

  // Whether there is nothing to show: an empty list, an optional without a value.
  virtual bool is_absent(const void* value) const = 0;
  virtual void show(const void* value, ShowWriter& writer) const = 0;

  // Writes the members of the JSON Schema object for such values.
  virtual void write_schema(JsonStringWriter& json) const = 0;

  // For the reference page: what one writes, in a few words ("duration", "list of URLs").
  virtual std::string form() const = 0;
  // The object that values of this type consist of, if any, and what stands between its path and the field's:
  // "" for an object itself, "[]" for a list of objects, ".NAME" for a map of them.
  virtual const ObjectType* object() const { return nullptr; }
  virtual std::string_view object_suffix() const { return ""; }
};

template <typename T>
class Typed {
 public:
  explicit Typed(std::shared_ptr<const Type> type) : type_(std::move(type)) {}
  const std::shared_ptr<const Type>& type() const { return type_; }

 private:
  std::shared_ptr<const Type> type_;
};

// Base of everything that is written as one scalar. References are resolved here.
class ScalarType : public Type {
 public:
  bool decode(const YamlNode& node, Decoder& decoder, void* out) const final;
  bool is_absent(const void*) const override { return false; }

 protected:
  // "a duration such as 5s", to follow "must be".
  virtual std::string expected() const = 0;
  virtual bool read(const Scalar& scalar, Decoder& decoder, void* out) const = 0;
};

// What is said about a scalar type.
struct ScalarText {
  std::string form;        // "duration"
  std::string expected;    // "a duration such as 250ms, 5s or 1h30m"
  std::string pattern;     // regular expression (ECMA 262) of the whole text; empty: any
  bool explained = false;  // the parser's own words say better than `expected` what is wrong
};

// Made of two functions: text to value (failing with words for the user) and back (empty for an absent
// value).
class ParsedType : public ScalarType {
 public:
  explicit ParsedType(ScalarText text) : text_(std::move(text)) {}
  void show(const void* value, ShowWriter& writer) const override;
  bool is_absent(const void* value) const override { return format(value).empty(); }
  void write_schema(JsonStringWriter& json) const override;
  std::string form() const override { return text_.form; }

 protected:
  std::string expected() const override { return text_.expected; }
  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override;
  virtual Result<void> parse(std::string_view text, void* out) const = 0;
  virtual std::string format(const void* value) const = 0;

 private:
  ScalarText text_;
};

template <typename T>
class ParsedOf final : public ParsedType {
 public:
  using ParseText = Result<T> (*)(std::string_view text);
  using FormatValue = std::string (*)(const T& value);
  ParsedOf(ScalarText text, ParseText parse_text, FormatValue format_value)
      : ParsedType(std::move(text)), parse_(parse_text), format_(format_value) {}

 protected:
  Result<void> parse(std::string_view text, void* out) const override {
    Result<T> value = parse_(text);
    if (!value) return std::move(value).error();
    *static_cast<T*>(out) = std::move(value).value();
    return {};
  }
  std::string format(const void* value) const override { return format_(*static_cast<const T*>(value)); }

 private:
  ParseText parse_;
  FormatValue format_;
};

template <typename T>
Typed<T> parsed(ScalarText text, Result<T> (*parse)(std::string_view), std::string (*format)(const T&)) {
  return Typed<T>(std::make_shared<ParsedOf<T>>(std::move(text), parse, format));
}

// Schema members for a value that may also be written as a reference: `anyOf` of the two.
class SchemaAlternatives {
 public:
  explicit SchemaAlternatives(JsonStringWriter& json);
  ~SchemaAlternatives();  // adds the reference
  SchemaAlternatives(const SchemaAlternatives&) = delete;
  SchemaAlternatives& operator=(const SchemaAlternatives&) = delete;

 private:
  JsonStringWriter& json_;
};

}  // namespace linkspan::config
