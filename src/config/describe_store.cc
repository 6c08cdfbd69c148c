// Where what must survive is kept.
#include "config/describe.h"
#include "config/object_type.h"
#include "config/scalar_types.h"
#include "config/show_writer.h"

namespace linkspan::config {
namespace {

using namespace std::chrono_literals;

// "sqlite:PATH", into StoreConfig::path.
class StoreUrlType final : public ScalarType {
 public:
  bool is_absent(const void* value) const override {
    return static_cast<const StoreConfig*>(value)->path.empty();
  }
  void show(const void* value, ShowWriter& writer) const override {
    writer.text("sqlite:" + static_cast<const StoreConfig*>(value)->path);
  }
  void write_schema(JsonStringWriter& json) const override { json.member("type", "string"); }
  std::string form() const override { return "`sqlite:PATH`"; }

 protected:
  std::string expected() const override { return "sqlite:PATH, such as sqlite:linkspan.db"; }
  bool read(const Scalar& scalar, Decoder& decoder, void* out) const override {
    constexpr std::string_view kScheme = "sqlite:";
    const std::string_view url = scalar.node.text();
    if (url.starts_with("postgres:") || url.starts_with("postgresql:")) {
      decoder.problem(scalar.node.position(),
                      decoder.subject() + ": PostgreSQL is not there yet; use sqlite:PATH on one node");
      return false;
    }
    std::string_view path = url.starts_with(kScheme) ? url.substr(kScheme.size()) : std::string_view();
    // As URLs have it: sqlite:///var/lib/linkspan.db.
    if (path.starts_with("///")) path.remove_prefix(2);
    if (path.empty() || path.starts_with("//") || path.ends_with('/') || path.find('\0') != path.npos) {
      decoder.mismatch(scalar.node, scalar.from_reference, expected());
      return false;
    }
    static_cast<StoreConfig*>(out)->path = decoder.resolve_path(path, scalar.node.position());
    return true;
  }
};

Typed<StoreConfig> keep_type() {
  return object<StoreConfig>("How long runs that have ended are kept; others always are.")
      .field("for", &StoreConfig::keep_for, duration({1min, 36600 * 24h, "none"}),
             "This long after their end; `none` is for ever.")
      .field("max_size", &StoreConfig::keep_max_bytes, size({1024 * 1024, kAnyCount, "unlimited"}),
             "All of them together; the oldest goes first.")
      .done();
}

}  // namespace

Typed<StoreConfig> store_type() {
  return object<StoreConfig>(
             "Where runs of flows are kept: a SQLite database on a local disk. Its URL alone will do.")
      .scalar("url")
      .positioned()
      .whole("url", Typed<StoreConfig>(std::make_shared<StoreUrlType>()),
             "`sqlite:` and a path, relative to this file.")
      .required()
      .whole("keep", keep_type(), "How long runs are kept.")
      .done();
}

}  // namespace linkspan::config
