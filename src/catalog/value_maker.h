// Internal to examples: makes one value. See example.h.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/example.h"
#include "catalog/validators.h"

namespace linkspan::catalog {

// Schemas that must all hold.
using Nodes = std::vector<Node>;

class ValueMaker {
 public:
  ValueMaker(const Api& api, const SchemaView& view, const ExampleOptions& options,
             data::SchemaDirection direction, std::uint64_t seed)
      : api_(api), view_(view), options_(options), direction_(direction), random_(seed) {}

  // A value that is valid, or nullopt.
  std::optional<data::JsonValue> make(const Nodes& nodes, unsigned depth);

  bool is_valid(const Nodes& nodes, const data::JsonValue& value);
  bool is_out_of_values() const { return made_ >= options_.max_values; }

 private:
  std::optional<data::JsonValue> own(const Nodes& nodes, const Nodes& all);
  std::optional<data::JsonValue> of_alternatives(const Nodes& nodes, const Nodes& all, unsigned depth);
  std::optional<data::JsonValue> of_type(const Nodes& all, unsigned depth);

  // make_containers.cc
  std::optional<data::JsonValue> object(const Nodes& all, unsigned depth);
  bool add_property(const Nodes& all, std::string_view name, bool is_required, unsigned depth,
                    data::JsonValue& object);
  void add_further(const Nodes& all, std::size_t wanted, unsigned depth, data::JsonValue& object);
  void set_discriminators(const Nodes& nodes, const Nodes& all, data::JsonValue& object);
  std::optional<data::JsonValue> array(const Nodes& all, unsigned depth);
  bool is_skipped(const Nodes& property);

  // make_scalars.cc
  std::optional<data::JsonValue> string(const Nodes& all);
  std::optional<data::JsonValue> number(const Nodes& all, bool must_be_integer);

  const Api& api_;
  const SchemaView& view_;
  const ExampleOptions& options_;
  data::SchemaDirection direction_;
  Random random_;
  std::size_t made_ = 0;
  std::size_t choices_ = 0;  // alternatives within alternatives that are open
  // Schemas of objects and alternatives that are being made, around what is made now.
  std::vector<std::string> open_;
};

// The largest (or smallest) of a number that several schemas name; nullopt if none does.
std::optional<double> greatest(const Nodes& all, std::string_view keyword);
std::optional<double> least(const Nodes& all, std::string_view keyword);
std::size_t count_of(std::optional<double> number, std::size_t otherwise);

}  // namespace linkspan::catalog
