#include "systems/shop.h"

#include "base/json_writer.h"
#include "systems/json_body.h"
#include "systems/list_answer.h"

namespace linkspan::systems {

namespace {

constexpr std::size_t kMaxLines = 100;
constexpr std::int64_t kMaxQuantity = 1'000'000;
constexpr std::int64_t kMaxPriceCents = 1'000'000'000;

}  // namespace

Shop::Shop() : System("shop") {
  using enum http::Method;
  add(post, "/orders", "createOrder", &Shop::create_order);
  add(get, "/orders", "listOrders", &Shop::list_orders);
  add(get, "/orders/{id}", "getOrder", &Shop::get_order);
}

void Shop::reset() {
  orders_.clear();
}

std::string Shop::to_json(const Order& order) {
  std::string text;
  JsonStringWriter json(text);
  json.begin_object();
  json.member("id", order.id);
  json.key("customer");
  json.begin_object();
  json.member("id", order.customer_id);
  if (!order.customer_email.empty()) json.member("email", order.customer_email);
  json.end_object();
  json.key("lines");
  json.begin_array();
  std::int64_t total = 0;
  for (const Line& line : order.lines) {
    total += line.quantity * line.price_cents;
    json.begin_object();
    json.member("sku", line.sku);
    json.member("qty", line.quantity);
    json.member("price", line.price_cents);
    json.end_object();
  }
  json.end_array();
  json.member("total", total);
  json.member("currency", order.currency);
  if (!order.card_token.empty()) json.member("cardToken", order.card_token);
  json.end_object();
  return text;
}

std::string Shop::read(const JsonBody& body, Order& order) {
  order.customer_id = body.text("/customer/id").value_or("");
  if (order.customer_id.empty()) return "customer.id: a text is expected";
  order.customer_email = body.text("/customer/email").value_or("");
  order.currency = body.text("/currency").value_or("EUR");
  order.card_token = body.text("/cardToken").value_or("");
  const std::size_t count = body.size("/lines");
  if (count == 0 || count > kMaxLines) return "lines: 1 to 100 lines are expected";
  for (std::size_t i = 0; i < count; ++i) {
    const auto sku = body.text(element_pointer("/lines", i, "sku"));
    const auto quantity = body.integer(element_pointer("/lines", i, "qty"));
    const auto price = body.integer(element_pointer("/lines", i, "price")).value_or(0);
    const std::string place = "lines[" + std::to_string(i) + "].";
    if (!sku || sku->empty()) return place + "sku: a text is expected";
    if (!quantity || *quantity < 1 || *quantity > kMaxQuantity)
      return place + "qty: 1 to 1000000 is expected";
    if (price < 0 || price > kMaxPriceCents) return place + "price: 0 to 1000000000 is expected";
    order.lines.push_back({*sku, *quantity, price});
  }
  return {};
}

Answer Shop::create_order(const Call& call) {
  const auto body = JsonBody::parse(call.body);
  if (!body) return refusal(400, "malformed-json", "the body is not JSON");
  Order order;
  const std::string wrong = read(*body, order);
  if (!wrong.empty()) return refusal(422, "invalid", wrong);
  const Order& made = orders_.add(std::move(order));
  return {.status = 201, .body = to_json(made), .location = "/orders/" + made.id, .changed = true};
}

Answer Shop::list_orders(const Call& call) {
  return list_answer(orders_, call, "customer", &Order::customer_id, &Shop::to_json);
}

Answer Shop::get_order(const Call& call) {
  const Order* order = orders_.find(call.id);
  if (order == nullptr) return not_found("order", call.id);
  return {.body = to_json(*order)};
}

}  // namespace linkspan::systems
