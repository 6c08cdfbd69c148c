// Checking a parsed document against a JSON Schema: ours beside RapidJSON's validator, which knows draft 4.
//
//   linkspan_schema_bench
//
// Prints {"ours_us": ..., "rapidjson_us": ..., "ratio": ..., "document_bytes": ...}: CPU time of one check,
// the medians of rounds that take turns. Both check the same list of orders by the same schema (references,
// patterns, choices, bounds, no other properties); both have parsed the one and compiled the other before the
// clock starts.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <rapidjson/document.h>
#include <rapidjson/schema.h>

#include "data/json_parse.h"
#include "data/schema/schema.h"

namespace {

constexpr int kRounds = 21;
constexpr int kChecksPerRound = 50;
constexpr int kOrders = 60;

constexpr std::string_view kSchema = R"({
  "$schema": "http://json-schema.org/draft-04/schema#",
  "type": "object",
  "required": ["page", "orders"],
  "properties": {
    "page": {"type": "integer", "minimum": 1},
    "orders": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"$ref": "#/definitions/order"}}
  },
  "additionalProperties": false,
  "definitions": {
    "order": {
      "type": "object",
      "required": ["id", "status", "currency", "customer", "items", "total"],
      "properties": {
        "id": {"type": "string", "pattern": "^ord_[0-9a-f]{8}$"},
        "status": {"enum": ["new", "paid", "packed", "shipped", "returned"]},
        "currency": {"type": "string", "minLength": 3, "maxLength": 3},
        "customer": {"$ref": "#/definitions/customer"},
        "items": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/item"}},
        "total": {"type": "number", "minimum": 0},
        "note": {"anyOf": [{"type": "string", "maxLength": 200}, {"type": "null"}]},
        "tags": {"type": "array", "uniqueItems": true, "items": {"type": "string"}}
      },
      "additionalProperties": false
    },
    "customer": {
      "type": "object",
      "required": ["id", "email"],
      "properties": {
        "id": {"type": "integer", "minimum": 1},
        "email": {"type": "string", "pattern": "^[^@]+@[^@]+$"},
        "name": {"type": "string", "minLength": 1, "maxLength": 80},
        "address": {"$ref": "#/definitions/address"}
      }
    },
    "address": {
      "type": "object",
      "required": ["street", "city", "country"],
      "properties": {
        "street": {"type": "string"},
        "city": {"type": "string"},
        "zip": {"type": "string", "pattern": "^[0-9]{4,6}$"},
        "country": {"enum": ["AT", "CH", "DE", "FR", "IT", "NL", "US"]}
      },
      "additionalProperties": false
    },
    "item": {
      "type": "object",
      "required": ["sku", "qty", "price"],
      "properties": {
        "sku": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{5}$"},
        "qty": {"type": "integer", "minimum": 1, "maximum": 999},
        "price": {"type": "number", "minimum": 0, "exclusiveMinimum": true},
        "name": {"type": "string", "maxLength": 120},
        "gift": {"type": "boolean"}
      },
      "additionalProperties": false
    }
  }
})";

std::string make_order(int i) {
  const auto digits = [](int number, int width) {
    std::string text = std::to_string(number);
    return std::string(static_cast<std::size_t>(width) - text.size(), '0') + text;
  };
  std::string text =
      R"({"id": "ord_)" + digits(i * 7919, 8) + R"(", "status": "shipped", "currency": "EUR", )";
  text += R"("customer": {"id": )" + std::to_string(i + 1) + R"(, "email": "someone.)" + std::to_string(i) +
          R"(@example.com", "name": "Jane Doe", "address": {"street": "Hauptstrasse 7", "city": "Wien", )"
          R"("zip": "1010", "country": "AT"}}, "items": [)";
  for (int item = 0; item < 3; ++item) {
    text += std::string(item == 0 ? "" : ", ") + R"({"sku": "AB-)" + digits(i * 31 + item, 5) +
            R"(", "qty": )" + std::to_string(item + 1) +
            R"(, "price": 19.95, "name": "A thing of some use", "gift": false})";
  }
  return text + R"(], "total": 119.7, "note": null, "tags": ["web", "b2c", "express"]})";
}

std::string make_document() {
  std::string text = R"({"page": 1, "orders": [)";
  for (int i = 0; i < kOrders; ++i) text += (i == 0 ? "" : ", ") + make_order(i);
  return text + "]}";
}

double cpu_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "linkspan_schema_bench: %s\n", what);
  std::exit(1);
}

// Microseconds of one check.
template <typename Check>
double measure(Check check) {
  const double start = cpu_us();
  for (int i = 0; i < kChecksPerRound; ++i) {
    if (!check()) give_up("the document should be valid");
  }
  return (cpu_us() - start) / kChecksPerRound;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main() {
  const std::string text = make_document();
  const auto document = linkspan::data::parse_json(text);
  const auto schema_document = linkspan::data::parse_json(kSchema);
  if (!document || !schema_document) give_up("no JSON");
  const auto schema = linkspan::data::compile_schema(*schema_document);
  if (!schema) give_up(schema.error().to_string().c_str());

  rapidjson::Document their_document;
  rapidjson::Document their_schema_document;
  their_document.Parse(text.data(), text.size());
  their_schema_document.Parse(kSchema.data(), kSchema.size());
  const rapidjson::SchemaDocument their_schema(their_schema_document);
  rapidjson::SchemaValidator their_validator(their_schema);

  std::vector<double> ours;
  std::vector<double> theirs;
  for (int round = 0; round < kRounds; ++round) {
    ours.push_back(measure([&] { return schema->is_valid(*document); }));
    theirs.push_back(measure([&] {
      their_validator.Reset();
      return their_document.Accept(their_validator);
    }));
  }
  std::printf("{\"ours_us\": %.2f, \"rapidjson_us\": %.2f, \"ratio\": %.3f, \"document_bytes\": %zu}\n",
              median(ours), median(theirs), median(ours) / median(theirs), text.size());
}
