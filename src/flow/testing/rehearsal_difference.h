// What differs between a run as it was and as it would be, in lines for people. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/json.h"
#include "flow/testing/recorded_run.h"

namespace linkspan::flow {

// Each place in which two values differ: "body /lines/0/qty: 2 -> 3". Values under names that secrets have
// ("cardToken", "password") are masked, long ones cut.
std::vector<std::string> value_differences(std::string_view what, const data::JsonValue& then,
                                           const data::JsonValue& now);

std::vector<std::string> run_differences(const RecordedRun& then, const RecordedRun& now);

// "payments.createCharge POST /charges", or what else begins so.
std::string request_words(const data::JsonValue& request);

}  // namespace linkspan::flow
