# Makes OUT, a C++ source that defines `std::string_view FUNCTION()` with the text of the file IN.
#   cmake -DIN=... -DOUT=... -DFUNCTION=linkspan::name -P EmbedText.cmake
file(READ ${IN} text)
# A string literal in pieces, since compilers need only accept 65536 characters in one.
string(LENGTH "${text}" size)
set(literal "")
set(at 0)
while(at LESS size)
  string(SUBSTRING "${text}" ${at} 8192 piece)
  string(APPEND literal "    R\"embedded(${piece})embedded\"\n")
  math(EXPR at "${at} + 8192")
endwhile()
string(REGEX REPLACE "::[^:]*$" "" namespace ${FUNCTION})
string(REGEX REPLACE "^.*::" "" name ${FUNCTION})
file(WRITE ${OUT} "#include <string_view>

namespace ${namespace} {
std::string_view ${name}();
std::string_view ${name}() {
  static constexpr std::string_view kText =
${literal}      ;
  return kText;
}
}  // namespace ${namespace}
")
