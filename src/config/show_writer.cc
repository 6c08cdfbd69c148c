#include "config/show_writer.h"

namespace linkspan::config {

ShowWriter::Key::Key(ShowWriter& writer, std::string_view key)
    : writer_(writer), length_(writer.path_.size()) {
  writer_.yaml_.string(key);
  if (length_ > 0) writer_.path_ += '.';
  writer_.path_ += key;
}

ShowWriter::Item::Item(ShowWriter& writer, std::size_t index)
    : writer_(writer), length_(writer.path_.size()) {
  writer_.path_ += '[' + std::to_string(index) + ']';
}

void ShowWriter::text(std::string_view text) {
  if (is_secret()) return secret();
  yaml_.string(text);
}

void ShowWriter::plain(std::string_view text) {
  if (is_secret()) return secret();
  yaml_.plain(text);
}

void ShowWriter::secret() {
  yaml_.string("***");
}

}  // namespace linkspan::config
