#include <algorithm>
#include <iomanip>
#include <ostream>
#include <string_view>
#include <vector>

#include "app/commands/commands.h"
#include "base/error_kinds.h"
#include "base/errors_doc.h"
#include "base/strings.h"

namespace linkspan::app {

namespace {

constexpr std::string_view kUrnPrefix = "urn:linkspan:error:";

const ErrorKind* find_kind(std::string_view slug) {
  for (const ErrorKind* kind : errors::kAll) {
    if (kind->slug == slug) return kind;
  }
  return nullptr;
}

std::vector<std::string_view> all_slugs() {
  std::vector<std::string_view> slugs;
  for (const ErrorKind* kind : errors::kAll) slugs.push_back(kind->slug);
  return slugs;
}

std::string facts(const ErrorKind& kind) {
  std::string text = "Source: ";
  text.append(to_string(kind.source));
  text.append(kind.retryable ? "; trying again may help." : "; trying again does not help.");
  return text;
}

}  // namespace

int help_error_command(const std::string& slug, const Output& output) {
  std::string_view wanted = slug;
  if (wanted.starts_with(kUrnPrefix)) wanted.remove_prefix(kUrnPrefix.size());
  const ErrorKind* kind = find_kind(wanted);
  if (kind == nullptr) {
    output.err << "linkspan: no command and no error is called \"" << wanted << '"';
    const std::string_view near = nearest_name(wanted, all_slugs());
    if (near.empty()) {
      output.err << "; \"linkspan help\" lists the errors\n";
    } else {
      output.err << "; did you mean \"" << near << "\"?\n";
    }
    return kExitProblems;
  }
  output.out << kind->slug << ": " << kind->title << '\n' << facts(*kind);
  const std::string_view section = error_doc(kind->slug);
  output.out << section.substr(std::min(section.find('\n'), section.size())) << '\n';
  return kExitOk;
}

int help_errors_command(const Output& output) {
  std::size_t widest = 0;
  for (const ErrorKind* kind : errors::kAll) widest = std::max(widest, kind->slug.size());
  output.out
      << "Errors, as they stand in problem documents, logs and on the command line, with their HTTP status.\n"
         "\"linkspan help ERROR\" explains one and says what to do; \"linkspan --help\" lists the "
         "commands.\n\n";
  for (const ErrorKind* kind : errors::kAll) {
    output.out << "  " << std::left << std::setw(static_cast<int>(widest)) << kind->slug << "  ";
    if (kind->status == 0) {
      output.out << "   ";
    } else {
      output.out << kind->status;
    }
    output.out << "  " << kind->title << '\n';
  }
  return kExitOk;
}

}  // namespace linkspan::app
