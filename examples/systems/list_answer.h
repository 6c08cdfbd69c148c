// The answer of every operation that lists numbered records: {"data":[...]}, the oldest first, at most
// ?limit= of them, and only those whose `filter` field equals the query parameter of that name, if the caller
// gives it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "systems/numbered.h"
#include "systems/system.h"

namespace linkspan::systems {

template <typename Record>
Answer list_answer(const Numbered<Record>& records, const Call& call, std::string_view filter,
                   std::string Record::*field, std::string (*to_json)(const Record&)) {
  const auto wanted = query_value(call.query, filter);
  const std::size_t limit = query_limit(call.query);
  Answer answer;
  JsonStringWriter json(answer.body);
  json.begin_object();
  json.key("data");
  json.begin_array();
  std::size_t count = 0;
  for (const Record& record : records) {
    if (wanted && record.*field != *wanted) continue;
    if (++count > limit) break;
    json.raw(to_json(record));
  }
  json.end_array();
  json.end_object();
  return answer;
}

}  // namespace linkspan::systems
