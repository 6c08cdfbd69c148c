// The requests that the clients send, one after the other: paths and keys each in turn. All text is laid out
// beforehand in two compact arrays, so that 100,000 keys cost the generator (and the caches that it shares
// with the proxy) about as little as one. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::loadgen {

// Strings end to end in one block, read in a circle.
class TextRing {
 public:
  void add(std::string_view text);
  std::string_view next();
  bool empty() const { return ends_.empty(); }

 private:
  std::string block_;
  std::vector<std::uint32_t> ends_;
  std::size_t position_ = 0;
};

class RequestSource {
 public:
  // Reads the files (one entry a line); an empty name stands for no keys, or for the path "/". Ends the
  // process with status 2 if a file cannot be read.
  RequestSource(const std::string& keys_file, const std::string& paths_file);

  // The whole next request; valid until the next call.
  std::string_view next();

 private:
  TextRing keys_;
  TextRing paths_;
  std::string scratch_;
};

}  // namespace linkspan::loadgen
