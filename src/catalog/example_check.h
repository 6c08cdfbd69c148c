// The proof of a description, and of this room: the examples made for an operation are what the description
// asks for, seen by the eyes of whoever receives them.
#pragma once

#include <vector>

#include "catalog/example.h"
#include "catalog/problem.h"

namespace linkspan::catalog {

// Builds the example request and responses of an operation and checks each. Pointers begin with "/request" or
// "/responses/STATUS". What cannot be made at all is among the problems: as a warning where it is optional,
// or of a media type that cannot be written.
std::vector<Problem> check_examples(const Api& api, const Operation& operation,
                                    const ExampleOptions& options = {});

}  // namespace linkspan::catalog
