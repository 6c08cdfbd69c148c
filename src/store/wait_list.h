// What a run waits for, as one text: netstrings ("5:hello,"), which any text can stand in and a person can
// read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace linkspan::store {

// Replaces `text`.
void write_waits(const std::vector<std::string>& waits, std::string& text);
// What is not of that form ends the list.
std::vector<std::string> read_waits(std::string_view text);

}  // namespace linkspan::store
