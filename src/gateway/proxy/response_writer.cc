#include "gateway/proxy/response_writer.h"

#include "http/forwarded.h"

namespace linkspan::gateway {

BodyCoding choose_coding(const http::ResponseHead& head, int client_version_minor) {
  switch (head.framing) {
    case http::Framing::none:
      return BodyCoding::none;
    case http::Framing::length:
      return BodyCoding::as_is;
    case http::Framing::chunked:
      return client_version_minor == 0 ? BodyCoding::decode_chunks : BodyCoding::as_is;
    case http::Framing::until_close:
      return client_version_minor == 0 ? BodyCoding::until_close : BodyCoding::chunk;
  }
  return BodyCoding::none;
}

http::CopyRules response_copy_rules(const ProxyTarget& target) {
  return {.drop = kOwnResponseFields | target.response_drop,
          .drop_names = target.response_drop_names,
          .drop_lookalikes = false};
}

void write_response_head(const Exchange& exchange, const http::ResponseHead& head, const ResponseRules& rules,
                         BodyCoding coding, http::HeadWriter& out) {
  out.status_line(head.status);
  const ProxyTarget& target = *rules.target;
  http::CopyRules rules_of_copy = response_copy_rules(target);
  if (head.status == 204) rules_of_copy.drop.add(http::HeaderId::content_length);  // RFC 9110 section 8.6
  http::copy_end_to_end(head.fields, rules_of_copy, out);
  if (!head.fields.contains(http::HeaderId::date)) exchange.write_date_field(out);
  const bool chunked =
      coding == BodyCoding::chunk || (coding == BodyCoding::as_is && head.framing == http::Framing::chunked);
  if (chunked) out.raw("Transfer-Encoding: chunked\r\n");
  if (rules.via) http::write_via(head.fields, head.version_minor, rules.via_name, out);
  out.field("X-Request-Id", rules.context->request_id);
  for (const ResponseField& field : rules.context->response_fields) out.field(field.name, field.value);
  out.raw(target.response_lines);
  if (head.switches_protocol) {
    out.field("Upgrade", head.upgrade);
    out.raw("Connection: Upgrade\r\n");
  } else {
    exchange.write_connection_field(out);
  }
  out.end();
}

}  // namespace linkspan::gateway
