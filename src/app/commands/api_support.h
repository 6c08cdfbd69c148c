// What the commands of `linkspan api` share.
#pragma once

#include <string>

#include "app/commands/api.h"
#include "catalog/load.h"

namespace linkspan::app {

// In problems, files are named as the folder of the description sees them.
catalog::LoadResult load_description(const std::string& file, const std::string& root);
// Names them as the command line did.
void name_from_here(const std::string& file, const std::string& root,
                    std::vector<catalog::Problem>& problems);

// One a line.
void print_problems(const std::vector<catalog::Problem>& problems, std::ostream& out);

// Nullptr if there is none, which is said with the nearest id that there is. METHOD and path name it too:
// "GET /orders/{id}".
const catalog::Operation* find_operation(const catalog::Api& api, const std::string& name,
                                         const Output& output);

// Loads and says what is wrong; nullptr if there is no description in the file.
std::shared_ptr<const catalog::Api> load_or_say(const ApiOptions& options, const Output& output);

data::JsonValue problems_to_json(const std::vector<catalog::Problem>& problems);

}  // namespace linkspan::app
