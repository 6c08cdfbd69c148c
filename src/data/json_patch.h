// Changes to JSON documents as JSON: JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386), and the single
// changes that a JSON Patch is made of. A document is taken by value: moved in, it changes in place where it
// owns itself; copied in, the original stays as it was, also after an error.
//
//   Result<JsonValue> patched = apply_json_patch(document, *parse_json(R"([{"op":"remove","path":"/a"}])"));
#pragma once

#include "base/result.h"
#include "data/json.h"
#include "data/json_pointer.h"

namespace linkspan::data {

// All operations or none. errors::json_patch_invalid if the patch itself is malformed,
// errors::json_patch_failed if an operation does not fit the document or a test fails; the detail numbers
// operations from 0.
Result<JsonValue> apply_json_patch(JsonValue document, const JsonValue& patch);

// Never fails: members of `patch` replace those of `document`, null takes them away, all else replaces it
// whole.
JsonValue apply_merge_patch(JsonValue document, const JsonValue& patch);

// The operations "add", "remove" and "replace" of RFC 6902 section 4. They fail with
// errors::json_patch_failed.
Result<JsonValue> add_at(JsonValue document, const JsonPointer& place, JsonValue value);
Result<JsonValue> remove_at(JsonValue document, const JsonPointer& place);
Result<JsonValue> replace_at(JsonValue document, const JsonPointer& place, JsonValue value);

}  // namespace linkspan::data
