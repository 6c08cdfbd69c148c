// Writes a config as YAML and puts "***" where a value must not be seen. Internal to the config room.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "data/yaml_writer.h"

namespace linkspan::config {

class ShowWriter {
 public:
  // `secret_paths`: paths as Decoder::path() gives them; must outlive the writer.
  ShowWriter(data::YamlWriter& yaml, const std::set<std::string, std::less<>>& secret_paths)
      : yaml_(yaml), secret_paths_(secret_paths) {}

  void begin_mapping() { yaml_.begin_mapping(); }
  void end_mapping() { yaml_.end_mapping(); }
  // `flow`: on one line.
  void begin_list(bool flow) { yaml_.begin_sequence(flow); }
  void end_list() { yaml_.end_sequence(); }

  // Writes the key and makes it part of the path until the scope ends.
  class Key {
   public:
    Key(ShowWriter& writer, std::string_view key);
    ~Key() { writer_.path_.resize(length_); }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;

   private:
    ShowWriter& writer_;
    std::size_t length_;
  };
  // The same for an item of a list.
  class Item {
   public:
    Item(ShowWriter& writer, std::size_t index);
    ~Item() { writer_.path_.resize(length_); }
    Item(const Item&) = delete;
    Item& operator=(const Item&) = delete;

   private:
    ShowWriter& writer_;
    std::size_t length_;
  };

  void text(std::string_view text);
  void plain(std::string_view text);
  void secret();

  // Whether what stands here must not be seen.
  bool is_secret() const { return secret_paths_.contains(path_); }

 private:
  data::YamlWriter& yaml_;
  const std::set<std::string, std::less<>>& secret_paths_;
  std::string path_;
};

}  // namespace linkspan::config
