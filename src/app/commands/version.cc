#include "app/version.h"

#include <ostream>

#include <ares.h>
#include <openssl/crypto.h>
#include <yaml.h>

#include "app/commands/commands.h"

namespace linkspan::app {

namespace {

#if defined(__clang__)
constexpr std::string_view kCompiler = "clang " __clang_version__;
#elif defined(__GNUC__)
constexpr std::string_view kCompiler = "gcc " __VERSION__;
#else
constexpr std::string_view kCompiler = "unknown";
#endif

}  // namespace

int version_command(const Output& output) {
  output.out << "linkspan " << kVersion << '\n'
             << "compiler " << kCompiler << '\n'
             << OpenSSL_version(OPENSSL_VERSION) << '\n'
             << "c-ares " << ares_version(nullptr) << '\n'
             << "libyaml " << yaml_get_version_string() << '\n';
  return kExitOk;
}

}  // namespace linkspan::app
