// Internal to loading: reads the objects of a description into the model, reports what it cannot. One
// object per load. Each read_* takes a node, follows its references, and says what is wrong with it.
#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "catalog/fields.h"
#include "catalog/model.h"

namespace linkspan::catalog {

class Reader {
 public:
  Reader(DocumentSet& documents, SpecVersion version, const LoadLimits& limits)
      : documents_(documents), version_(version), limits_(limits) {}

  // read_api.cc
  void read_api(const Node& root, Api& api);

  // The schemas that were made, in the order of their numbers.
  std::vector<data::JsonValue> take_made() { return std::move(made_); }

  // The problems so far, with positions, and those of the documents.
  std::vector<Problem> take_problems();

 private:
  // reader.cc: problems, references, and single fields.
  void report(Severity severity, const Node& node, std::string message);
  bool is_full() const { return problems_.size() >= limits_.max_problems; }
  void error(const Node& node, std::string message) { report(Severity::error, node, std::move(message)); }
  void warn(const Node& node, std::string message) { report(Severity::warning, node, std::move(message)); }
  // What `$ref` leads to, over as many hops as it takes; `value` is nullptr (and the problem reported) if
  // nowhere.
  Node follow(Node node);
  // True if it is there and an object; reports it if it is something else.
  bool is_object(const Node& node, std::string_view what);
  bool is_array(const Node& node, std::string_view what);
  // An object all of whose fields are known; reports those that are not.
  bool begin(const Node& node, ObjectKind kind);
  std::string string(const Node& object, std::string_view key);
  std::string required_string(const Node& object, std::string_view key);
  bool flag(const Node& object, std::string_view key, bool otherwise = false);
  std::vector<std::string> strings(const Node& object, std::string_view key);
  bool is_swagger() const { return version_ == SpecVersion::swagger_2_0; }

  // read_api.cc
  void read_info(const Node& root, Api& api);
  void read_paths(const Node& paths, Api& api);
  void read_webhooks(const Node& webhooks, Api& api);
  void read_tags(const Node& root, Api& api);
  void read_schemas(const Node& schemas, Api& api);
  void read_components(const Node& components, Api& api);
  std::vector<Server> read_servers(const Node& owner);
  Server read_server(const Node& node);
  std::vector<Server> read_swagger_servers(const Node& root);
  void name_operations(Api& api);

  // read_operation.cc
  void read_path_item(Node item, const std::string& path, const Api& api, std::vector<Operation>& operations);
  void read_operation(const Node& node, Operation operation, std::vector<Operation>& operations);
  void read_responses(const Node& operation_node, Operation& operation);
  Response read_response(const Node& node, const Node& operation_node, std::string status);
  void read_callbacks(const Node& callbacks, Operation& operation);
  // That names in the path and path parameters are the same; those without a description are added.
  void check_path_parameters(Operation& operation, const Node& node);

  // read_parameter.cc
  // Those of `owner` replace those of the same name and place in `parameters`.
  void read_parameters(const Node& owner, Operation& operation);
  std::optional<Parameter> read_parameter(const Node& node);
  void read_style(const Node& node, Parameter& parameter);
  void read_schema_or_content(const Node& node, std::optional<Schema>& schema,
                              std::vector<MediaType>& content, std::vector<Example>& examples);
  std::vector<Header> read_headers(const Node& headers);
  std::vector<Example> read_examples(const Node& owner);
  std::optional<Schema> read_schema(const Node& node);

  // read_body.cc
  RequestBody read_request_body(const Node& node);
  std::vector<MediaType> read_content(const Node& content);
  MediaType read_media_type(const Node& node, std::string type);
  std::vector<Encoding> read_encodings(const Node& encodings);

  // read_security.cc
  void read_security_schemes(const Node& schemes, Api& api);
  std::optional<SecurityScheme> read_security_scheme(const Node& node, std::string name);
  void read_flows(const Node& flows, SecurityScheme& scheme);
  void read_swagger_security(const Node& node, const std::string& type, SecurityScheme& scheme);
  std::vector<SecurityRequirement> read_security(const Node& security);
  void check_security(const Api& api);

  // read_swagger.cc
  void read_swagger_parameters(const Node& owner, const Node& operation_node, Operation& operation,
                               std::vector<Node>& form);
  void read_swagger_parameter(const Node& node, const std::vector<std::string>& consumes,
                              Operation& operation, std::vector<Node>& form);
  void make_form_body(const std::vector<Node>& form, const std::vector<std::string>& consumes,
                      Operation& operation);
  std::optional<Parameter> read_swagger_value_parameter(const Node& node);
  Schema made_schema(const Node& node);
  Schema keep_made(data::JsonValue schema, Place place);
  void read_collection_format(const Node& node, Parameter& parameter);
  std::vector<MediaType> swagger_response_content(const Node& node, const Node& operation_node);
  std::vector<std::string> media_types(const Node& operation_node, std::string_view key);

  // read_references.cc: loads all files that references lead to, and reports those that lead nowhere.
  void check_references();
  void check_references_of(std::uint32_t document);

  struct RawProblem {
    Severity severity;
    std::uint32_t document;
    std::string pointer;
    std::string message;
  };

  DocumentSet& documents_;
  SpecVersion version_;
  const LoadLimits& limits_;
  std::size_t references_ = 0;
  std::size_t operations_ = 0;
  std::vector<RawProblem> problems_;
  std::set<std::tuple<std::uint32_t, std::string, std::string>> reported_;
  std::size_t problems_left_out_ = 0;
  // Swagger's defaults for every operation, and where requirements name schemes.
  std::vector<data::JsonValue> made_;
  std::vector<std::string> consumes_;
  std::vector<std::string> produces_;
  std::vector<std::pair<Node, std::string>> named_schemes_;
};

}  // namespace linkspan::catalog
