#include "systems/mail.h"

#include "base/json_writer.h"
#include "systems/json_body.h"
#include "systems/list_answer.h"

namespace linkspan::systems {

Mail::Mail() : System("mail") {
  using enum http::Method;
  add(post, "/messages", "send", &Mail::send);
  add(get, "/messages", "listMessages", &Mail::list_messages);
  add(get, "/messages/{id}", "getMessage", &Mail::get_message);
}

void Mail::reset() {
  messages_.clear();
}

std::string Mail::to_json(const Message& message) {
  std::string text;
  JsonStringWriter json(text);
  json.begin_object();
  json.member("id", message.id);
  json.member("to", message.to);
  json.member("template", message.template_name);
  json.member("order", message.order);
  json.end_object();
  return text;
}

Answer Mail::send(const Call& call) {
  const auto body = JsonBody::parse(call.body);
  if (!body) return refusal(400, "malformed-json", "the body is not JSON");
  const auto to = body->text("/to");
  const auto template_name = body->text("/template");
  if (!to || to->find('@') == std::string::npos)
    return refusal(422, "invalid", "to: a mail address is expected");
  if (!template_name || template_name->empty())
    return refusal(422, "invalid", "template: a text is expected");
  const Message& made =
      messages_.add({.to = *to, .template_name = *template_name, .order = body->text("/order").value_or("")});
  return {.status = 202, .body = to_json(made), .location = "/messages/" + made.id, .changed = true};
}

Answer Mail::list_messages(const Call& call) {
  return list_answer(messages_, call, "order", &Message::order, &Mail::to_json);
}

Answer Mail::get_message(const Call& call) {
  const Message* message = messages_.find(call.id);
  if (message == nullptr) return not_found("message", call.id);
  return {.body = to_json(*message)};
}

}  // namespace linkspan::systems
