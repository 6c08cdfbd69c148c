// Bodies of XML, by the schema and its `xml` objects (data/xml/xml_shape.h). Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "catalog/model.h"
#include "data/json.h"

namespace linkspan::catalog {

// A string where the schema wants something else is taken for XML that is ready. Fails with errors of XML;
// and with errors::api_invalid where there is no schema, or the description has several files: which of them
// a reference in a schema starts from is not known then.
Result<std::string> write_xml_body(const Api& api, const MediaType& media, const data::JsonValue& value);

// nullopt where writing would fail with errors::api_invalid: there is no value to check.
Result<std::optional<data::JsonValue>> read_xml_body(const Api& api, const MediaType& media,
                                                     std::string_view bytes);

}  // namespace linkspan::catalog
