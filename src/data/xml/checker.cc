#include "data/xml/checker.h"

#include <algorithm>

#include "data/in_quotes.h"
#include "data/utf8.h"
#include "data/xml/characters.h"

namespace linkspan::data::xml {

Checker::Checker(const Text& text, const XmlLimits& limits)
    : source_(text), text_(text.utf8), limits_(limits) {
  limits_.max_depth = std::min(limits_.max_depth, XmlLimits::kMostDepth);
}

Result<void> Checker::check() {
  if (document()) return {};
  return error_at(*fault_.kind, source_, fault_.offset, fault_.message);
}

bool Checker::fail(std::size_t offset, std::string message, const ErrorKind& kind) {
  fault_ = {offset, std::move(message), &kind};
  return false;
}

bool Checker::expected(std::string_view what) {
  std::string message = "expected ";
  message += what;
  if (at_end()) return fail(at_, message + ", not the end of the text");
  const char* end = text_.data() + at_;
  next_code_point(end, text_.data() + text_.size());
  message += ", not ";
  message += in_quotes(text_.substr(at_, static_cast<std::size_t>(end - text_.data()) - at_));
  return fail(at_, std::move(message));
}

bool Checker::count_node() {
  if (++nodes_ <= limits_.max_nodes) return true;
  return fail(at_, "more than max_nodes, " + std::to_string(limits_.max_nodes), errors::xml_too_large);
}

bool Checker::skip_blanks() {
  const std::size_t before = at_;
  while (!at_end() && is_blank(text_[at_])) ++at_;
  return at_ != before;
}

// Empty where no name begins.
std::string_view Checker::take_name(bool with_prefix) {
  const std::size_t begin = at_;
  at_ += name_bytes(text_.substr(at_));
  if (with_prefix && at_ != begin && peek() == ':') {
    const std::size_t local = name_bytes(text_.substr(at_ + 1));
    if (local > 0) at_ += 1 + local;
  }
  return text_.substr(begin, at_ - begin);
}

bool Checker::document() {
  if (const std::size_t valid = character_bytes(text_); valid < text_.size())
    return fail(valid, "a character that XML does not allow");
  if (!prolog() || !content()) return false;
  bool is_element = false;
  while (skip_blanks(), !at_end()) {
    const std::size_t begin = at_;
    if (!markup_outside_root(is_element)) return false;
    if (is_element) return fail(begin, "a second root element");
  }
  return true;
}

// Up to the root's start tag, which is read.
bool Checker::prolog() {
  if (starts_with("<?xml") && (text_.size() == 5 || is_blank(text_[5])) && !xml_declaration()) return false;
  bool is_element = false;
  while (true) {
    skip_blanks();
    if (at_end()) return fail(at_, "there is no root element");
    if (!markup_outside_root(is_element)) return false;
    if (is_element) return start_tag();
  }
}

// Whatever may stand beside the root; an element is not read.
bool Checker::markup_outside_root(bool& is_element) {
  if (peek() != '<') return fail(at_, "text outside of the root element");
  if (starts_with("<!--")) return comment();
  if (starts_with("<?")) return instruction();
  if (starts_with("<!DOCTYPE")) return fail(at_, "document type declarations (<!DOCTYPE) are not accepted");
  if (starts_with("<![CDATA[")) return fail(at_, "text outside of the root element");
  if (starts_with("</")) return fail(at_, "an end tag without a start tag");
  is_element = true;
  return true;
}

// Until the root is closed.
bool Checker::content() {
  while (!open_.empty()) {
    if (at_end()) return fail(at_, "the element " + in_quotes(open_.back()) + " is not closed");
    bool good = false;
    if (peek() != '<')
      good = text();
    else if (starts_with("</"))
      good = end_tag();
    else if (starts_with("<!--"))
      good = comment();
    else if (starts_with("<![CDATA["))
      good = cdata();
    else if (starts_with("<?"))
      good = instruction();
    else
      good = start_tag();
    if (!good) return false;
  }
  return true;
}

bool Checker::text() {
  if (!count_node()) return false;
  while (true) {
    const std::size_t next = text_.find_first_of("<&]", at_);
    if (next == std::string_view::npos) {
      at_ = text_.size();
      return true;
    }
    at_ = next;
    if (text_[at_] == '<') return true;
    if (text_[at_] == '&') {
      if (!reference(at_)) return false;
      continue;
    }
    if (starts_with("]]>")) return fail(at_, "\"]]>\" outside of a CDATA section; write \"]]&gt;\"");
    ++at_;
  }
}

}  // namespace linkspan::data::xml
