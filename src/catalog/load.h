// Reading an API description.
//
//   LoadResult loaded = load_api("openapi.yaml", folder_loader("specs"));
//   for (const Problem& problem : loaded.problems) print(to_string(problem));
//   if (loaded.api) use(loaded.api->operations);
//
// Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 become one model. What is not understood is reported and left out,
// and the rest is there all the same; nothing is left out in silence. An error is something that is missing
// from the model now, a warning something that is there but questionable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalog/document_set.h"
#include "catalog/model.h"
#include "catalog/problem.h"

namespace linkspan::catalog {

struct LoadResult {
  std::shared_ptr<const Api> api;  // nullptr if nothing could be made of it: see the problems
  std::vector<Problem> problems;   // by place
};

LoadResult load_api(const std::string& path, DocumentLoader loader, const LoadLimits& limits = {});

}  // namespace linkspan::catalog
