// What changed between two versions of an API, and whether that breaks who uses it.
//
//   for (const Change& change : diff(*before, *after)) print(to_string(change));
//   // "breaking: POST /orders: body /qty: the minimum rises from 1 to 2 [minimum]"
//
// Breaking is what makes a request that was good refused, or an answer one that the caller was not told of:
// so requests may be given more freedom, and responses less. Operations are the same by method and path,
// whatever the names in the path. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "catalog/model.h"

namespace linkspan::catalog {

struct Change {
  bool is_breaking = false;
  std::string operation;  // "POST /orders"; empty for what concerns the whole
  std::string place;      // "body /qty", "query limit", "response 200 /items"; may be empty
  std::string what;       // in words
  std::string kind;       // "minimum": for programs
};

std::string to_string(const Change& change);

// Breaking changes first, each group in the order of the operations.
std::vector<Change> diff(const Api& before, const Api& after);

}  // namespace linkspan::catalog
