// What decoding one config carries along: the problems found, where in the config it is, and the way to the
// values of references. Internal to the config room (with type.h): one Decoder serves one load, on one
// thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/reference.h"
#include "config/types.h"
#include "data/yaml.h"

namespace linkspan::config {

using data::YamlEntry;
using data::YamlNode;
using data::YamlPosition;

// A problem before file numbers become names.
struct PositionedProblem {
  YamlPosition position;
  std::string message;
};

// A place in the config that names something defined elsewhere, to be looked up when all is decoded.
struct NameUse {
  std::string_view kind;  // "api", "auth", "credential", "flow"; "operation": "api.operation"
  std::string name;
  std::string subject;  // what to call the place: `proxy.api of endpoint "x"`
  YamlPosition position;
  bool secret = false;
};

// A file that the config names by its path, to be looked at when all is decoded.
struct FileUse {
  std::string_view kind;  // "certificate", "private key", "API description", "input"
  std::string path;
  std::string subject;
  YamlPosition position;
  bool secret = false;
};

// The scalar as it counts after references: an unquoted scalar for typed values if it came from one.
struct Scalar {
  YamlNode node;  // views text that the decoder keeps for its life
  bool from_reference = false;
  bool failed = false;  // a problem was reported
};

// How the decoder reaches the outside. `position` tells which file asks, for relative paths.
class DecoderSources {
 public:
  virtual ~DecoderSources() = default;
  virtual Result<std::string> look_up(std::string_view kind, std::string_view name,
                                      YamlPosition position) = 0;
  // A path written in the config, relative to the file it stands in, as a path for the process.
  virtual std::string resolve_path(std::string_view path, YamlPosition position) = 0;
};

class Decoder {
 public:
  explicit Decoder(DecoderSources& sources) : sources_(sources) {}

  // A step into the config, for messages and for paths of secrets; undone by the destructor.
  class Scope {
   public:
    // Into a key of an object.
    Scope(Decoder& decoder, std::string_view key);
    // Into an item of a list; not worth a word if the item was written without a list.
    Scope(Decoder& decoder, std::size_t index, bool in_words = true);
    // Into a named thing of a map: `api "stock"`.
    Scope(Decoder& decoder, std::string_view kind, std::string_view name);
    ~Scope() { decoder_.steps_.pop_back(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Decoder& decoder_;
  };

  // `encode`: put to the value of each reference, for texts in which it would have to be quoted.
  Scalar resolve(const YamlNode& node, std::string (*encode)(std::string_view) = nullptr);
  std::string resolve_path(std::string_view path, YamlPosition position);

  void problem(YamlPosition position, std::string message);
  // "SUBJECT must be EXPECTED, not TEXT", without TEXT if it is secret.
  void mismatch(const YamlNode& node, bool secret, std::string_view expected);
  // Where we are, in words: `timeout.connect of api "stock"`, `api "stock"`, `limits.max_headers`,
  // `call of step "charge" of flow "intake"`; empty at the top.
  std::string subject() const;
  // Where we are, as a path: `apis.stock.timeout.connect`.
  std::string path() const;

  void use_name(std::string_view kind, const Scalar& scalar) { use_name(kind, scalar.node.text(), scalar); }
  // Where the name is a part of the scalar only.
  void use_name(std::string_view kind, std::string_view name, const Scalar& scalar);
  void use_file(std::string_view kind, const Scalar& scalar, std::string path);

  std::size_t problem_count() const { return problems_.size(); }
  // So many problems that going on would only take time.
  bool full() const { return problems_.size() >= kMaxProblems; }
  std::vector<PositionedProblem>& problems() { return problems_; }
  const std::vector<NameUse>& name_uses() const { return name_uses_; }
  const std::vector<FileUse>& file_uses() const { return file_uses_; }
  // Values below this path are not to be shown.
  void hide(std::string path) { secret_paths_.push_back(std::move(path)); }
  std::vector<std::string>& secret_paths() { return secret_paths_; }

  static constexpr std::size_t kMaxProblems = 1000;

 private:
  struct Step {
    std::string_view kind;  // of a named thing, else empty
    std::string_view key;   // empty for an item of a list
    std::size_t index = 0;
    bool in_words = true;
  };

  std::string words(std::size_t begin, std::size_t end) const;

  DecoderSources& sources_;
  std::vector<Step> steps_;
  std::vector<PositionedProblem> problems_;
  std::vector<NameUse> name_uses_;
  std::vector<FileUse> file_uses_;
  std::vector<std::string> secret_paths_;
  std::deque<std::string> kept_;
};

// How a node reads in a message: its text as data::in_quotes() has it, or what it is: `a list`, `a mapping`,
// `nothing`.
std::string describe_node(const YamlNode& node);

}  // namespace linkspan::config
