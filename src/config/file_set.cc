#include "config/file_set.h"

#include <algorithm>
#include <filesystem>

#include "base/error_kinds.h"
#include "config/glob.h"
#include "data/in_quotes.h"

namespace linkspan::config {
namespace {

constexpr std::size_t kMaxIncludeDepth = 16;

std::string normal(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().string();
}

std::string directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash + 1));
}

}  // namespace

void FileSet::add_path(const std::string& path) {
  if (Result<std::vector<std::string>> names = sources_.list_directory(path)) {
    add_directory(path, std::move(names).value());
  } else {
    add_file({normal(path), {}});
  }
}

void FileSet::add_text(const std::string& name, std::string_view text) {
  take(name, text, {});
}

void FileSet::add_directory(const std::string& path, std::vector<std::string> names) {
  watched_.insert(path);
  std::erase_if(names, [](const std::string& name) { return !matches_glob(name, "*.yaml"); });
  std::sort(names.begin(), names.end());
  if (names.empty()) {
    files_.push_back({path, {}, {}, {}});
    return problem({}, "no *.yaml file in this directory");
  }
  for (const std::string& name : names) add_file({normal(path + "/" + name), {}});
}

std::string FileSet::Include::name() const {
  return secret ? "the file" : data::in_quotes(path);
}

bool FileSet::can_add(const Include& include) {
  if (files_.size() >= kMaxFiles) {
    problem(include.position, "more than " + std::to_string(kMaxFiles) + " files");
    return false;
  }
  if (open_.size() > kMaxIncludeDepth) {
    problem(include.position, "includes nested more than " + std::to_string(kMaxIncludeDepth) + " deep");
    return false;
  }
  for (const File& file : files_) {
    if (file.name != include.path) continue;
    report_repeated(include, file);
    return false;
  }
  return true;
}

void FileSet::report_repeated(const Include& include, const File& file) {
  const bool is_open =
      std::any_of(open_.begin(), open_.end(), [&](std::uint16_t i) { return &files_[i] == &file; });
  if (is_open) {
    problem(include.position,
            include.name() + " includes itself" +
                (open_.size() > 1 ? ", by way of " + data::in_quotes(files_[open_.back()].name) : ""));
  } else if (include.position.line == 0) {
    // The directory has it, and another file of the directory includes it.
    problem(file.included_at,
            data::in_quotes(include.path) + " is read anyhow, as all files of the directory are");
  } else if (file.included_at.line == 0) {
    problem(include.position, include.name() + " is read anyhow, as all files of the directory are");
  } else {
    problem(include.position, include.name() + " is included twice; first at " + describe(file.included_at));
  }
}

void FileSet::add_file(const Include& include) {
  if (!can_add(include)) return;
  YamlPosition position = include.position;
  const Result<std::string> text = read(include.path, kMaxFileBytes);
  if (text) return take(include.path, *text, position);
  if (position.line > 0)
    return problem(position, include.name() + " cannot be read: " + text.error().detail());
  position.file = static_cast<std::uint32_t>(files_.size());
  files_.push_back({include.path, {}, {}, {}});
  problem(position, "cannot be read: " + text.error().detail());
}

void FileSet::take(const std::string& name, std::string_view text, YamlPosition position) {
  const auto index = static_cast<std::uint16_t>(files_.size());
  data::YamlParse parse = data::parse_yaml(text, {.file = index, .limits = {.max_bytes = kMaxFileBytes}});
  for (data::YamlError& error : parse.errors) problem(error.position, std::move(error.message));
  const bool good = parse.errors.empty();
  files_.push_back({name, directory_of(name), std::move(parse.document), position});
  if (good) take_entries(index);
}

void FileSet::take_entries(std::uint16_t index) {
  const YamlNode& root = files_[index].document.root();
  if (root.is_null()) return;
  if (!root.is_mapping()) {
    return problem(root.position(), "a config is a mapping, such as \"listen: http://127.0.0.1:8080\", not " +
                                        describe_node(root));
  }
  std::vector<Include> includes;
  for (const YamlEntry& entry : root.entries()) {
    if (entry.key == "include") {
      includes = includes_of(entry.value);
      continue;
    }
    std::vector<YamlEntry>& parts = parts_[entry.key];
    if (parts.empty()) keys_.push_back(entry.key);
    parts.push_back(entry);
  }
  open_.push_back(index);
  for (const Include& include : includes) add_file(include);
  open_.pop_back();
}

std::vector<FileSet::Include> FileSet::includes_of(const YamlNode& node) {
  std::vector<Include> includes;
  if (node.is_sequence()) {
    for (const YamlNode& item : node.items()) add_include(item, includes);
  } else if (!node.is_null()) {
    add_include(node, includes);
  }
  return includes;
}

void FileSet::add_include(const YamlNode& node, std::vector<Include>& includes) {
  const YamlPosition position = node.position();
  if (!node.is_string() || node.text().empty()) {
    return problem(position, "include must be a path, or a list of paths, not " + describe_node(node));
  }
  const Result<ResolvedText> path = resolve_references(
      node.text(),
      [&](std::string_view kind, std::string_view name) { return look_up(kind, name, position); });
  if (!path) return problem(position, path.error().detail());
  const Include include{resolve_path(path->text, position), position, path->from_reference};
  if (is_glob(include.path)) {
    expand_pattern(include, includes);
  } else {
    includes.push_back(include);
  }
}

void FileSet::expand_pattern(const Include& pattern, std::vector<Include>& includes) {
  const YamlPosition position = pattern.position;
  const std::string directory = directory_of(pattern.path);
  if (is_glob(directory)) return problem(position, "only the last part of an include may be a pattern");
  const std::string listed = directory.empty() ? "." : directory;
  watched_.insert(listed);
  Result<std::vector<std::string>> names = sources_.list_directory(listed);
  if (!names) {
    const std::string named = pattern.secret ? "the directory" : data::in_quotes(listed);
    return problem(position, named + " cannot be read: " + names.error().detail());
  }
  std::sort(names->begin(), names->end());
  const std::string& own = files_[position.file].name;
  for (const std::string& name : *names) {
    if (!matches_glob(name, std::string_view(pattern.path).substr(directory.size()))) continue;
    // A pattern in the file's own directory means the other files.
    if (directory + name != own) includes.push_back({directory + name, position, pattern.secret});
  }
}

YamlNode FileSet::merge() {
  std::vector<YamlEntry> root;
  for (std::string_view key : keys_) {
    const std::vector<YamlEntry>& parts = parts_[key];
    YamlEntry entry = parts.front();
    if (parts.size() > 1) entry.value = YamlNode::mapping(merge_mappings(key, parts), entry.value.position());
    root.push_back(entry);
  }
  const std::vector<YamlEntry>& kept = merged_.emplace_back(std::move(root));
  return YamlNode::mapping(kept, {0, 1, 1});
}

std::span<const YamlEntry> FileSet::merge_mappings(std::string_view key,
                                                   const std::vector<YamlEntry>& parts) {
  std::vector<YamlEntry>& all = merged_.emplace_back();
  for (const YamlEntry& part : parts) {
    if (!part.value.is_mapping() && !part.value.is_null()) {
      problem(parts[1].key_position, data::in_quotes(key) + " is already at " +
                                         describe(parts[0].key_position) +
                                         "; only mappings may be spread over several files");
      return {};
    }
    all.insert(all.end(), part.value.entries().begin(), part.value.entries().end());
  }
  std::vector<const YamlEntry*> sorted;
  for (const YamlEntry& entry : all) sorted.push_back(&entry);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const YamlEntry* a, const YamlEntry* b) { return a->key < b->key; });
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i]->key != sorted[i - 1]->key) continue;
    problem(sorted[i]->key_position, data::in_quotes(sorted[i]->key) + " in " + std::string(key) +
                                         " is already at " + describe(sorted[i - 1]->key_position));
  }
  return all;
}

std::string FileSet::describe(YamlPosition position) const {
  return files_[position.file].name + ":" + std::to_string(position.line) + ":" +
         std::to_string(position.column);
}

std::vector<std::string> FileSet::names() const {
  std::vector<std::string> names;
  for (const File& file : files_) names.push_back(file.name);
  return names;
}

Result<std::string> FileSet::read(const std::string& path, std::size_t max_bytes) {
  watched_.insert(path);
  return sources_.read_file(path, max_bytes);
}

Result<std::string> FileSet::look_up(std::string_view kind, std::string_view name, YamlPosition position) {
  if (kind == "env") {
    if (std::optional<std::string> value = sources_.environment(name)) return *std::move(value);
    return Error(errors::config_invalid, "environment variable " + data::in_quotes(name) + " is not set");
  }
  const std::string path = resolve_path(name, position);
  if (const auto found = references_.find(path); found != references_.end()) return found->second;
  Result<std::string> content = read(path, kMaxReferenceBytes);
  if (!content) {
    return Error(errors::config_invalid,
                 "file " + data::in_quotes(path) + " cannot be read: " + content.error().detail());
  }
  if (content->ends_with('\n')) content->pop_back();
  if (content->ends_with('\r')) content->pop_back();
  references_[path] = *content;
  return content;
}

std::string FileSet::resolve_path(std::string_view path, YamlPosition position) {
  if (path.starts_with('/')) return normal(std::string(path));
  return normal(files_[position.file].directory + std::string(path));
}

void FileSet::problem(YamlPosition position, std::string message) {
  if (problems_.size() < Decoder::kMaxProblems) problems_.push_back({position, std::move(message)});
}

}  // namespace linkspan::config
