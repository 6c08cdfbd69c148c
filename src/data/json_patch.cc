#include "data/json_patch.h"

#include <string>
#include <utility>
#include <vector>

#include "base/error_kinds.h"
#include "base/strings.h"
#include "data/in_quotes.h"
#include "data/json_compare.h"

namespace linkspan::data {

namespace {

Error failed(const JsonPointer& place, std::string_view why) {
  return {errors::json_patch_failed, in_quotes(place.to_string()) + ": " + std::string(why)};
}

enum class Change : unsigned char { add, remove, replace };

// Nullptr if it is done, else why not.
const char* change_object(JsonValue& object, const std::string& key, Change change, JsonValue value) {
  if (change != Change::add && !object.contains(key)) return "there is nothing at that place";
  if (change == Change::remove) {
    object.erase(key);
  } else {
    object.set(key, std::move(value));
  }
  return nullptr;
}

const char* change_array(JsonValue& array, const std::string& token, Change change, JsonValue value) {
  if (token == "-" && change == Change::add) {
    array.push_back(std::move(value));
    return nullptr;
  }
  const auto index = parse_array_index(token);
  if (!index) return "an array is indexed by digits";
  if (*index > array.size() || (*index == array.size() && change != Change::add))
    return "the index is past the end of the array";
  if (change == Change::add) {
    array.insert_item(*index, std::move(value));
  } else if (change == Change::replace) {
    array.set_item(*index, std::move(value));
  } else {
    array.erase_items(*index, *index + 1);
  }
  return nullptr;
}

// The child that `token` names, which is known to be there.
JsonValue take_child(JsonValue& parent, const std::string& token) {
  return parent.is_object() ? parent.take(token) : parent.take_item(*parse_array_index(token));
}

void put_child(JsonValue& parent, const std::string& token, JsonValue child) {
  if (parent.is_object()) {
    parent.set(token, std::move(child));
  } else {
    parent.set_item(*parse_array_index(token), std::move(child));
  }
}

// Takes the values on the way out of each other, so that each is alone its owner's, changes the last one, and
// puts them back.
Result<JsonValue> change_at(JsonValue document, const JsonPointer& place, Change change, JsonValue value) {
  if (place.tokens().empty()) return change == Change::remove ? JsonValue() : std::move(value);
  const auto way = place.tokens().first(place.tokens().size() - 1);
  const JsonPointer parent(std::vector<std::string>(way.begin(), way.end()));
  const JsonValue* found = parent.find(document);
  if (found == nullptr || !(found->is_object() || found->is_array()))
    return failed(place, "there is no array or object that could hold that place");

  std::vector<JsonValue> above;
  JsonValue at = std::move(document);
  for (const std::string& token : way) {
    JsonValue child = take_child(at, token);
    above.push_back(std::move(at));
    at = std::move(child);
  }
  const std::string& last = place.tokens().back();
  const char* why = at.is_object() ? change_object(at, last, change, std::move(value))
                                   : change_array(at, last, change, std::move(value));
  if (why != nullptr) return failed(place, why);
  for (std::size_t i = way.size(); i-- > 0;) {
    put_child(above.back(), way[i], std::move(at));
    at = std::move(above.back());
    above.pop_back();
  }
  return at;
}

// A member of an operation that has to be a pointer.
Result<JsonPointer> pointer_member(const JsonValue& operation, std::string_view name) {
  const JsonValue* text = operation.find(name);
  if (text == nullptr || !text->is_string())
    return Error(errors::json_patch_invalid, "expected a JSON Pointer as " + in_quotes(name));
  auto pointer = JsonPointer::parse(text->string());
  if (!pointer) return Error(errors::json_patch_invalid, pointer.error().detail());
  return pointer;
}

Result<JsonValue> move_or_copy(JsonValue document, const JsonValue& operation, const JsonPointer& path,
                               bool move) {
  auto from = pointer_member(operation, "from");
  if (!from) return std::move(from).error();
  const JsonValue* found = from->find(document);
  if (found == nullptr) return failed(*from, "there is nothing at that place");
  JsonValue value = *found;
  if (!move) return change_at(std::move(document), path, Change::add, std::move(value));
  if (from->is_prefix_of(path)) {
    if (from->tokens().size() == path.tokens().size()) return document;
    return failed(path, "a value cannot move into itself");
  }
  auto without = change_at(std::move(document), *from, Change::remove, {});
  if (!without) return without;
  return change_at(std::move(*without), path, Change::add, std::move(value));
}

Result<JsonValue> apply_operation(JsonValue document, const JsonValue& operation) {
  const JsonValue* op = operation.find("op");
  if (op == nullptr || !op->is_string())
    return Error(errors::json_patch_invalid, "expected an object with \"op\" and \"path\"");
  auto path = pointer_member(operation, "path");
  if (!path) return std::move(path).error();
  const std::string_view name = op->string();
  if (name == "remove") return change_at(std::move(document), *path, Change::remove, {});
  if (name == "move" || name == "copy")
    return move_or_copy(std::move(document), operation, *path, name == "move");

  if (name != "add" && name != "replace" && name != "test")
    return Error(errors::json_patch_invalid, "there is no operation " + in_quotes(name) +
                                                 "; it is add, remove, replace, move, copy or test");
  const JsonValue* value = operation.find("value");
  if (value == nullptr) return Error(errors::json_patch_invalid, "expected a \"value\"");
  if (name == "add") return change_at(std::move(document), *path, Change::add, *value);
  if (name == "replace") return change_at(std::move(document), *path, Change::replace, *value);
  const JsonValue* found = path->find(document);
  if (found == nullptr) return failed(*path, "there is nothing at that place");
  if (!(*found == *value)) return failed(*path, "the value there is another than the test expects");
  return document;
}

}  // namespace

Result<JsonValue> add_at(JsonValue document, const JsonPointer& place, JsonValue value) {
  return change_at(std::move(document), place, Change::add, std::move(value));
}

Result<JsonValue> remove_at(JsonValue document, const JsonPointer& place) {
  return change_at(std::move(document), place, Change::remove, {});
}

Result<JsonValue> replace_at(JsonValue document, const JsonPointer& place, JsonValue value) {
  return change_at(std::move(document), place, Change::replace, std::move(value));
}

Result<JsonValue> apply_json_patch(JsonValue document, const JsonValue& patch) {
  if (!patch.is_array()) return Error(errors::json_patch_invalid, "a JSON Patch is an array of operations");
  for (std::size_t i = 0; i < patch.size(); ++i) {
    auto changed = apply_operation(std::move(document), patch.items()[i]);
    if (!changed) return std::move(changed).error().context("operation " + std::to_string(i));
    document = std::move(*changed);
  }
  return document;
}

JsonValue apply_merge_patch(JsonValue document, const JsonValue& patch) {
  if (!patch.is_object()) return patch;
  // An object that is being changed by an object, and the key under which it goes back.
  struct Level {
    JsonValue target;
    JsonMembers::Iterator change;
    JsonMembers::Iterator end;
    JsonValue key;
  };
  std::vector<Level> levels;
  const auto enter = [&](JsonValue target, const JsonValue& changes, JsonValue key) {
    if (!target.is_object()) target = JsonValue::empty_object();
    levels.push_back({std::move(target), changes.members().begin(), changes.members().end(), std::move(key)});
  };
  enter(std::move(document), patch, {});
  while (true) {
    Level& level = levels.back();
    if (level.change == level.end) {
      JsonValue done = std::move(level.target);
      const JsonValue key = std::move(level.key);
      levels.pop_back();
      if (levels.empty()) return done;
      levels.back().target.set(key, std::move(done));
      continue;
    }
    const JsonMember& change = *level.change;
    ++level.change;
    if (change.value.is_null()) {
      level.target.erase(change.key.string());
    } else if (change.value.is_object()) {
      enter(level.target.take(change.key.string()), change.value, change.key);
    } else {
      level.target.set(change.key, change.value);
    }
  }
}

}  // namespace linkspan::data
