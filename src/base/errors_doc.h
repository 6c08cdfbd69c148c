// The text of docs/errors.md, built into the binary for `linkspan help SLUG`.
#pragma once

#include <string_view>

namespace linkspan {

// The Markdown section of that slug from its "## slug" heading on, without trailing blank lines; empty if
// there is none. Lives as long as the program.
std::string_view error_doc(std::string_view slug);

// The whole page.
std::string_view errors_page();

}  // namespace linkspan
