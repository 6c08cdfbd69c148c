// The keys by which an operation is called, beside the other keys of what calls it: `call`, `path`, `query`,
// `headers`, `body`. Internal to the config room.
#pragma once

#include <optional>
#include <vector>

#include "config/container_types.h"
#include "config/flow_config.h"
#include "config/flow_types.h"
#include "config/object_type.h"
#include "config/part_type.h"

namespace linkspan::config {

inline CallArguments& make_call(CallArguments& call) {
  return call;
}
inline const CallArguments* find_call(const CallArguments& call) {
  return &call;
}
inline CallArguments& make_call(StepConfig& step) {
  return step.call ? *step.call : step.call.emplace();
}
inline const CallArguments* find_call(const StepConfig& step) {
  return step.call ? &*step.call : nullptr;
}

template <typename T>
bool is_missing(const std::vector<T>& values) {
  return values.empty();
}
template <typename T>
bool is_missing(const std::optional<T>& value) {
  return !value.has_value();
}

template <typename S, auto kMember, typename T>
Typed<S> call_part(const Typed<T>& type) {
  return part<S, T>(
      type, [](S& object) -> T& { return make_call(object).*kMember; },
      [](const S& object) -> const T* {
        const CallArguments* call = find_call(object);
        return call == nullptr || is_missing(call->*kMember) ? nullptr : &(call->*kMember);
      });
}

template <typename S>
Typed<S> call_operation() {
  return part<S, CallArguments>(
      operation(), [](S& object) -> CallArguments& { return make_call(object); },
      [](const S& object) -> const CallArguments* {
        const CallArguments* call = find_call(object);
        return call == nullptr || call->call.empty() ? nullptr : call;
      });
}

// `call` is added by itself, since it is required in some places only.
template <typename S>
void add_call_arguments(ObjectBuilder<S>& builder) {
  builder
      .whole("path", call_part<S, &CallArguments::path>(named_expressions(NamesOf::path)),
             "Values of the operation's path parameters.")
      .whole("query", call_part<S, &CallArguments::query>(named_expressions(NamesOf::query)),
             "Values of its query parameters; one that is null is left out.")
      .whole("headers", call_part<S, &CallArguments::headers>(named_expressions(NamesOf::headers)),
             "Header fields; one that is null is left out.")
      .whole("body", call_part<S, &CallArguments::body>(optional(expression())), "The body that is sent.");
}

}  // namespace linkspan::config
