#include "gateway/policies/body_limit/body_limit.h"

#include "base/error_kinds.h"
#include "base/strings.h"
#include "base/units.h"
#include "gateway/explain.h"

namespace linkspan::gateway {

Verdict BodyLimitPolicy::apply(RequestContext& context) const {
  const http::RequestHead& head = *context.head;
  if (head.framing != http::Framing::length || head.content_length <= max_body_bytes_)
    return Verdict::proceed;
  char declared[kMaxU64Digits];
  char accepted[kMaxU64Digits];
  const std::size_t declared_size = format_u64(head.content_length, declared);
  const std::size_t accepted_size = format_u64(max_body_bytes_, accepted);
  return refuse(context, errors::body_too_large,
                context.arena.concat({"The body has ",
                                      {declared, declared_size},
                                      " bytes; at most ",
                                      {accepted, accepted_size},
                                      " are accepted here."}));
}

Verdict BodyLimitPolicy::explain(RequestContext& context, Explanation& explanation) const {
  const Verdict verdict = apply(context);
  const http::RequestHead& head = *context.head;
  std::string text = "at most " + format_bytes({max_body_bytes_});
  if (head.framing == http::Framing::length) {
    text += "; the request declares " + std::to_string(head.content_length) + " bytes";
  } else if (head.framing == http::Framing::chunked) {
    text += "; the request does not say how long its body is, so it is counted";
  }
  explanation.add_step(name(), verdict, std::move(text));
  return verdict;
}

}  // namespace linkspan::gateway
