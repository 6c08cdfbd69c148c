// The files of one load: reads the main file and what it includes, and merges them into one mapping. Also
// answers the decoder's questions about references and relative paths. Internal to the config room; lives for
// one load, and so do the nodes that it gives.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/decoder.h"
#include "config/sources.h"
#include "data/yaml.h"

namespace linkspan::config {

class FileSet final : public DecoderSources {
 public:
  static constexpr std::size_t kMaxFiles = 1000;
  static constexpr std::size_t kMaxReferenceBytes = 1024 * 1024;
  static constexpr std::size_t kMaxFileBytes = 64 * 1024 * 1024;

  explicit FileSet(const Sources& sources) : sources_(sources) {}

  // A file, or a directory of *.yaml files.
  void add_path(const std::string& path);
  void add_text(const std::string& name, std::string_view text);

  // All top-level keys of all files. Call once, after adding.
  YamlNode merge();

  const std::vector<PositionedProblem>& problems() const { return problems_; }
  // "NAME:LINE:COLUMN" for a message that mentions a second place.
  std::string describe(YamlPosition position) const;
  // Indexed by YamlPosition::file.
  std::vector<std::string> names() const;
  // Every path that was read or tried, sorted.
  std::vector<std::string> watched() const { return {watched_.begin(), watched_.end()}; }
  // Reads a file and notes it as watched.
  Result<std::string> read(const std::string& path, std::size_t max_bytes);

  Result<std::string> look_up(std::string_view kind, std::string_view name, YamlPosition position) override;
  std::string resolve_path(std::string_view path, YamlPosition position) override;

 private:
  struct File {
    std::string name;
    std::string directory;  // with a slash at its end, or empty
    data::YamlDocument document;
    YamlPosition included_at;  // line 0: not included
  };
  // A file to read, and where a config asks for it; line 0 if the command line does.
  struct Include {
    std::string path;
    YamlPosition position;
    bool secret = false;  // the path came from a reference

    // How messages name it.
    std::string name() const;
  };

  void add_directory(const std::string& path, std::vector<std::string> names);
  void add_file(const Include& include);
  void take(const std::string& name, std::string_view text, YamlPosition position);
  void take_entries(std::uint16_t index);
  std::vector<Include> includes_of(const YamlNode& node);
  void add_include(const YamlNode& node, std::vector<Include>& includes);
  void expand_pattern(const Include& pattern, std::vector<Include>& includes);
  std::span<const YamlEntry> merge_mappings(std::string_view key, const std::vector<YamlEntry>& parts);
  bool can_add(const Include& include);
  void report_repeated(const Include& include, const File& file);
  void problem(YamlPosition position, std::string message);

  const Sources& sources_;
  std::deque<File> files_;
  std::vector<std::uint16_t> open_;     // files whose includes are being read, outermost first
  std::vector<std::string_view> keys_;  // top-level, in order of appearance
  std::unordered_map<std::string_view, std::vector<YamlEntry>> parts_;  // of each top-level key
  std::deque<std::vector<YamlEntry>> merged_;
  std::unordered_map<std::string, std::string> references_;  // file references already read
  std::vector<PositionedProblem> problems_;
  std::set<std::string> watched_;
};

}  // namespace linkspan::config
