// What a test expects of a run, against what the run came to; in words for people. Pure.
#pragma once

#include <string>
#include <vector>

#include "flow/testing/test_run.h"

namespace linkspan::flow {

// Each a sentence: what was expected, and what was. Empty if all is as expected.
std::vector<std::string> check_expectations(const config::ExpectConfig& expect, const RunOutcome& outcome,
                                            const MockSystems& systems);

// How a run that was killed and went on differs from the one that was not.
std::vector<std::string> differences(const RunOutcome& undisturbed, const MockSystems& undisturbed_systems,
                                     const RunOutcome& killed, const MockSystems& killed_systems,
                                     const Plan& plan);

// What happened, a line each, times from the start: "+0.000s  charge: done 201".
std::vector<std::string> short_timeline(const std::vector<Record>& records);

}  // namespace linkspan::flow
