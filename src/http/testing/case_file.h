// Reads the case tables of tests/data (format: see tests/data/http1_requests.txt). For unit tests only.
#pragma once

#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "http/char_class.h"

namespace linkspan::http::testing {

struct Case {
  std::string name;
  std::string expect;
  std::string bytes;
  std::map<std::string, std::string> other;  // keys that a table adds for itself
};

inline std::string expand_repeats(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t at = text.find("%{");
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    const std::size_t comma = text.find(',', at);
    const std::size_t close = text.find('}', at);
    const int times = std::atoi(std::string(text.substr(at + 2, comma - at - 2)).c_str());
    for (int i = 0; i < times; ++i) out += text.substr(comma + 1, close - comma - 1);
    text.remove_prefix(close + 1);
  }
}

inline std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    switch (text.at(++i)) {
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case '0':
        out += '\0';
        break;
      case '\\':
        out += '\\';
        break;
      case 'x':
        out += static_cast<char>(hex_value(text.at(i + 1)) * 16 + hex_value(text.at(i + 2)));
        i += 2;
        break;
      default:
        throw std::runtime_error("unknown escape in: " + std::string(text));
    }
  }
  return out;
}

inline std::vector<Case> read_cases(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<Case> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) throw std::runtime_error("no key in line: " + line);
    const std::string key = line.substr(0, colon);
    const std::string value = line.substr(colon + 2);
    if (key == "name") {
      cases.push_back({.name = value, .expect = {}, .bytes = {}, .other = {}});
    } else if (key == "expect") {
      cases.back().expect = value;
    } else if (key == "bytes") {
      cases.back().bytes += unescape(expand_repeats(value));
    } else {
      cases.back().other[key] = value;
    }
  }
  return cases;
}

inline std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out(1);
  for (char c : text) {
    if (c == ' ') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

// The message in one piece, byte by byte, and split in two: at every byte, of long messages at some 300 of
// them.
inline std::vector<std::vector<std::string>> all_splits(const std::string& bytes) {
  std::vector<std::vector<std::string>> splits = {{bytes}};
  const std::size_t step = bytes.size() / 300 + 1;
  for (std::size_t i = 1; i < bytes.size(); i += step)
    splits.push_back({bytes.substr(0, i), bytes.substr(i)});
  std::vector<std::string> single;
  for (char c : bytes) single.emplace_back(1, c);
  splits.push_back(std::move(single));
  return splits;
}

}  // namespace linkspan::http::testing
