// What must hold between the steps of one flow. Each reports what is wrong, where it was written; for use
// while a flow is decoded. Internal to the config room.
#pragma once

#include "config/flow_config.h"
#include "config/object_type.h"

namespace linkspan::config {

// A step's name is a variable of expressions.
void check_step_names(const FlowConfig& flow, const ObjectView& view);

// `after` names other steps, and no step waits for itself by way of others.
void check_step_order(const FlowConfig& flow, const ObjectView& view);

// Tests have names of their own, and expect what steps of this flow can do.
void check_test_names(const FlowConfig& flow, const ObjectView& view);

}  // namespace linkspan::config
