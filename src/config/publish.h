// What is made out of the descriptors besides the decoder: the schema for editors, the reference page, and
// the effective configuration. Pure functions, any thread.
#pragma once

#include <string>

#include "config/config.h"

namespace linkspan::config {

// JSON Schema (draft 2020-12) of a config file: descriptions, types, patterns, defaults; unknown keys
// refused.
std::string json_schema();

// The generated part of docs/config.md: a section for each object, a line for each key.
std::string reference_markdown();

// The config as YAML with every default written out. Secrets and values that came from references are "***".
// Where there are none, loading the text gives an equal config again, apart from origins.
std::string show(const Config& config);

}  // namespace linkspan::config
