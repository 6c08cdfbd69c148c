#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/error_kinds.h"
#include "catalog/document_set.h"

namespace linkspan::catalog {

namespace {

namespace fs = std::filesystem;

bool is_inside(const fs::path& file, const fs::path& folder) {
  const fs::path relative = file.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

Error unreadable(const std::string& path, std::string_view why) {
  return Error(errors::api_unreadable, "cannot read \"" + path + "\": " + std::string(why));
}

Result<std::string> read(const fs::path& folder, const std::string& path, std::size_t max_bytes) {
  std::error_code failed;
  const fs::path root = fs::canonical(folder, failed);
  if (failed) return unreadable(path, failed.message());
  const fs::path file = fs::canonical(root / path, failed);
  if (failed) return unreadable(path, failed.message());
  if (!is_inside(file, root)) return unreadable(path, "it is outside of the folder of this description");
  if (!fs::is_regular_file(file, failed)) return unreadable(path, "it is not a file");
  const std::uintmax_t size = fs::file_size(file, failed);
  if (failed) return unreadable(path, failed.message());
  if (size > max_bytes) return unreadable(path, "it has more than " + std::to_string(max_bytes) + " bytes");
  std::ifstream in(file, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in) return unreadable(path, "it could not be read whole");
  return text;
}

}  // namespace

DocumentLoader folder_loader(std::string folder, std::size_t max_bytes) {
  fs::path root = folder.empty() ? fs::path(".") : fs::path(std::move(folder));
  return [root = std::move(root), max_bytes](const std::string& path) { return read(root, path, max_bytes); };
}

}  // namespace linkspan::catalog
