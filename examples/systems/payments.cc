#include "systems/payments.h"

#include "base/json_writer.h"
#include "systems/json_body.h"
#include "systems/list_answer.h"

namespace linkspan::systems {

Payments::Payments() : System("payments") {
  using enum http::Method;
  add(post, "/charges", "createCharge", &Payments::create_charge);
  add(get, "/charges", "listCharges", &Payments::list_charges);
  add(get, "/charges/{id}", "getCharge", &Payments::get_charge);
  add(post, "/charges/{id}/refund", "refund", &Payments::refund);
}

void Payments::reset() {
  charges_.clear();
}

std::string Payments::to_json(const Charge& charge) {
  std::string text;
  JsonStringWriter json(text);
  json.begin_object();
  json.member("id", charge.id);
  json.member("amount", charge.amount);
  json.member("currency", charge.currency);
  json.member("reference", charge.reference);
  json.member("status", charge.refunded ? "refunded" : "paid");
  json.end_object();
  return text;
}

Answer Payments::create_charge(const Call& call) {
  const auto body = JsonBody::parse(call.body);
  if (!body) return refusal(400, "malformed-json", "the body is not JSON");
  const auto amount = body->integer("/amount");
  const auto currency = body->text("/currency");
  const auto token = body->text("/token");
  if (!amount || *amount < 1) return refusal(422, "invalid", "amount: an integer above 0 is expected");
  if (!currency || currency->size() != 3)
    return refusal(422, "invalid", "currency: as in ISO 4217, such as \"EUR\"");
  if (!token || token->empty()) return refusal(422, "invalid", "token: a text is expected");
  if (*token == "declined") return refusal(402, "card-declined", "the card was declined");
  const Charge& made = charges_.add(
      {.amount = *amount, .currency = *currency, .reference = body->text("/reference").value_or("")});
  return {.status = 201, .body = to_json(made), .location = "/charges/" + made.id, .changed = true};
}

Answer Payments::list_charges(const Call& call) {
  return list_answer(charges_, call, "reference", &Charge::reference, &Payments::to_json);
}

Answer Payments::get_charge(const Call& call) {
  const Charge* charge = charges_.find(call.id);
  if (charge == nullptr) return not_found("charge", call.id);
  return {.body = to_json(*charge)};
}

Answer Payments::refund(const Call& call) {
  Charge* charge = charges_.find(call.id);
  if (charge == nullptr) return not_found("charge", call.id);
  const bool changed = !std::exchange(charge->refunded, true);
  return {.body = to_json(*charge), .changed = changed};
}

}  // namespace linkspan::systems
