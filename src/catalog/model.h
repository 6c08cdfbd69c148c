// One model of an API, whatever described it: Swagger 2.0, OpenAPI 3.0, 3.1 or 3.2.
//
// An Api is immutable and shared; any number of threads may read it. What `$ref` led to stands in place,
// except in schemas, which stay as they were written (they may contain themselves): schema_view.h walks them.
// Values are shared with the documents that they come from, and pointers name places in those documents.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/document_set.h"
#include "data/json.h"

namespace linkspan::catalog {

enum class SpecVersion : unsigned char { swagger_2_0, openapi_3_0, openapi_3_1, openapi_3_2 };

// "Swagger 2.0", "OpenAPI 3.1".
std::string_view to_string(SpecVersion version);

// Where something was written.
struct Place {
  std::uint32_t document = 0;
  std::string pointer;
};

struct Schema {
  data::JsonValue value;  // as written, perhaps a `$ref`
  // Where it is written; of one that was made (for Swagger's parameters) what it was made from.
  Place place;
  std::uint32_t made = 0;  // of a made one: its number, from 1
};

// Nodes of made schemas have documents from here on.
inline constexpr std::uint32_t kFirstMade = 0x8000'0000;

struct Example {
  std::string name;  // may be empty
  std::string summary;
  data::JsonValue value;
  // As it is sent, not as the schema has it: OpenAPI 3.2 `serializedValue`.
  bool is_serialized = false;
  std::string external_value;  // a URI; then there is no value
  Place place;
};

enum class ParameterIn : unsigned char { path, query, querystring, header, cookie };
enum class Style : unsigned char {
  simple,
  label,
  matrix,
  form,
  space_delimited,
  pipe_delimited,
  tab_delimited,  // Swagger's collectionFormat tsv
  deep_object,
  cookie
};
std::string_view to_string(ParameterIn in);
std::string_view to_string(Style style);

struct Header;

// How one property of a form, or one part of a multipart body, is written.
struct Encoding {
  std::string property;
  std::string content_type;  // may be empty, may be a list
  std::optional<Style> style;
  std::optional<bool> explode;
  bool allow_reserved = false;
  std::vector<Header> headers;
};

struct MediaType {
  std::string type;  // "application/json", "text/*"
  std::optional<Schema> schema;
  std::optional<Schema> item_schema;  // OpenAPI 3.2: of each item of a sequence
  std::vector<Encoding> encodings;
  std::vector<Example> examples;
  Place place;
};

struct Parameter {
  std::string name;
  ParameterIn in = ParameterIn::query;
  std::string description;
  bool required = false;
  bool deprecated = false;
  bool allow_empty_value = false;
  bool allow_reserved = false;
  Style style = Style::form;
  bool explode = true;
  std::optional<Schema> schema;
  std::vector<MediaType> content;  // instead of a schema: one
  std::vector<Example> examples;
  Place place;
};

struct Header {
  std::string name;
  std::string description;
  bool required = false;
  bool deprecated = false;
  bool explode = false;
  std::optional<Schema> schema;
  std::vector<MediaType> content;
  std::vector<Example> examples;
  Place place;
};

struct RequestBody {
  std::string description;
  bool required = false;
  std::vector<MediaType> content;
  Place place;
};

struct Response {
  std::string status;  // "200", "4XX" or "default"
  std::string summary;
  std::string description;
  std::vector<Header> headers;
  std::vector<MediaType> content;
  std::vector<std::string> links;  // their names
  Place place;
};

enum class SecurityKind : unsigned char { api_key, http, oauth2, open_id_connect, mutual_tls };

struct OAuthFlow {
  std::string
      name;  // "implicit", "password", "clientCredentials", "authorizationCode", "deviceAuthorization"
  std::string authorization_url;
  std::string token_url;
  std::string refresh_url;
  std::vector<std::pair<std::string, std::string>> scopes;  // and what each is for
};

struct SecurityScheme {
  std::string name;
  SecurityKind kind = SecurityKind::http;
  std::string description;
  ParameterIn in = ParameterIn::header;  // of an API key
  std::string parameter;                 // of an API key: the name of the header, cookie or query parameter
  std::string scheme;                    // of http: "basic", "bearer"
  std::string bearer_format;
  std::string open_id_url;
  std::vector<OAuthFlow> flows;
  bool deprecated = false;
  Place place;
};

// All of these schemes together; one without schemes asks for nothing.
struct SecurityRequirement {
  std::vector<std::pair<std::string, std::vector<std::string>>> schemes;  // name and scopes
};

struct ServerVariable {
  std::string name;
  std::string default_value;
  std::vector<std::string> values;  // any if empty
};

struct Server {
  std::string url;  // with {variables}; may be relative
  std::string name;
  std::string description;
  std::vector<ServerVariable> variables;
  Place place;
};

struct Tag {
  std::string name;
  std::string description;
  Place place;
};

// A request that the described API makes to its caller, said of an operation.
struct Callback {
  std::string name;
  std::string expression;  // where it goes: "{$request.body#/url}"
  std::string method;
  Place place;
};

struct Operation {
  // `operationId`, or one made of method and path; no other operation of the Api has it.
  std::string id;
  bool has_own_id = false;
  std::string method;  // upper case, but names of additionalOperations as they are
  std::string path;    // template: "/orders/{id}"; of a webhook its name
  std::string summary;
  std::string description;
  bool deprecated = false;
  std::vector<std::string> tags;
  std::vector<Parameter> parameters;  // those of the path merged in
  std::optional<RequestBody> request_body;
  std::vector<Response> responses;
  // Any of these; nothing is asked for if there are none.
  std::vector<SecurityRequirement> security;
  std::vector<Server> servers;  // those of the path or the Api where it names none
  std::vector<Callback> callbacks;
  Place place;
};

struct NamedSchema {
  std::string name;
  Schema schema;
};

// Compiled schemas, made when first asked for (validators.h).
class Validators;

struct Api {
  SpecVersion version = SpecVersion::openapi_3_1;
  std::string version_text;  // "3.0.1"
  std::string title;
  std::string description;
  std::string api_version;
  std::vector<Operation> operations;  // in the order written
  std::vector<Operation> webhooks;
  std::vector<Server> servers;
  std::vector<SecurityRequirement> security;
  std::vector<SecurityScheme> security_schemes;
  std::vector<Tag> tags;
  std::vector<NamedSchema> schemas;  // components/schemas or definitions of the first document
  std::shared_ptr<const DocumentSet> documents;
  std::shared_ptr<Validators> validators;

  const Operation* find_operation(std::string_view id) const;
  const SecurityScheme* find_security_scheme(std::string_view name) const;
};

}  // namespace linkspan::catalog
