// `on` of a retry: one list of words and statuses for several members of a struct. Internal to the config
// room.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "config/api_config.h"
#include "config/type.h"
#include "config/types.h"

namespace linkspan::config {

// Where such a list is kept.
struct RetryOnMembers {
  std::vector<bool*> words;  // as many as there are words, in their order
  std::vector<StatusRange>* statuses;
};

// `find` tells where in a struct the list is kept.
std::shared_ptr<const Type> retry_on_words(std::vector<std::string_view> words,
                                           RetryOnMembers (*find)(void* object));

Typed<RetryConfig> retry_on_type();

}  // namespace linkspan::config
