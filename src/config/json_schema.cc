#include "base/json_writer.h"
#include "config/describe.h"
#include "config/publish.h"

namespace linkspan::config {

std::string json_schema() {
  std::string text;
  {
    JsonStringWriter json(text);
    json.begin_object();
    json.member("$schema", "https://json-schema.org/draft/2020-12/schema");
    json.member("title", "Linkspan configuration");
    config_type().type()->write_schema(json);
    json.end_object();
  }
  return text + "\n";
}

}  // namespace linkspan::config
