#include "request_source.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace linkspan::loadgen {
namespace {

constexpr std::string_view kAfterPath =
    " HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: linkspan-loadgen\r\nAccept: application/json\r\n";

void add_lines(const std::string& file, TextRing& ring) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) ring.add(line);
  }
  if (!ring.empty()) return;
  std::fprintf(stderr, "linkspan_loadgen: %s: cannot be read, or is empty\n", file.c_str());
  std::exit(2);
}

}  // namespace

void TextRing::add(std::string_view text) {
  block_ += text;
  ends_.push_back(static_cast<std::uint32_t>(block_.size()));
}

std::string_view TextRing::next() {
  const std::size_t begin = position_ == 0 ? 0 : ends_[position_ - 1];
  const std::string_view text(block_.data() + begin, ends_[position_] - begin);
  position_ = position_ + 1 == ends_.size() ? 0 : position_ + 1;
  return text;
}

RequestSource::RequestSource(const std::string& keys_file, const std::string& paths_file) {
  if (!keys_file.empty()) add_lines(keys_file, keys_);
  if (paths_file.empty()) {
    paths_.add("/");
  } else {
    add_lines(paths_file, paths_);
  }
}

std::string_view RequestSource::next() {
  scratch_ = "GET ";
  scratch_ += paths_.next();
  scratch_ += kAfterPath;
  if (!keys_.empty()) {
    scratch_ += "X-Api-Key: ";
    scratch_ += keys_.next();
    scratch_ += "\r\n";
  }
  scratch_ += "\r\n";
  return scratch_;
}

}  // namespace linkspan::loadgen
