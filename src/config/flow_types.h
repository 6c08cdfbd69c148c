// The types of values that only flows have, and the descriptors that a flow's is made of. Internal to the
// config room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/flow_config.h"
#include "config/type.h"

namespace linkspan::config {

// jq, or a number, boolean or null that stands for itself. A reference alone (`${env:NAME}`) is a text that
// stands for itself; within jq a reference is escaped as in a JSON string, so that no value of one can change
// what the jq does.
Typed<Expression> expression();

enum class NamesOf : unsigned char { path, query, headers };
// A mapping of parameters to expressions.
Typed<std::vector<NamedExpression>> named_expressions(NamesOf names);

// "api.operation" as CallArguments::call, with its place; the api must exist.
Typed<CallArguments> operation();
// The same as a text by itself.
Typed<std::string> operation_name();
// "api#Schema"; the api must exist.
Typed<std::string> schema_name();
Typed<std::string> event_name();

Typed<StepConfig> step_type();
Typed<TriggerConfig> trigger_type();
Typed<FlowTestConfig> flow_test_type();
Typed<UndoConfig> undo_type();
Typed<ProbeConfig> probe_type();
Typed<StepRetryConfig> step_retry_type();
Typed<PaginateConfig> paginate_type();

}  // namespace linkspan::config
