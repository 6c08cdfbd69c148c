#include "systems/stock.h"

#include "base/json_writer.h"
#include "systems/json_body.h"

namespace linkspan::systems {

namespace {

constexpr std::size_t kMaxLines = 100;
constexpr std::int64_t kMaxQuantity = 1'000'000;

template <typename Item>
void write_item(JsonStringWriter& json, std::string_view sku, const Item& item) {
  json.begin_object();
  json.member("sku", sku);
  json.member("name", item.name);
  json.member("price", item.price_cents);
  json.member("available", item.available);
  json.member("reserved", item.reserved);
  json.end_object();
}

template <typename Reservation>
std::string to_json(const Reservation& reservation) {
  std::string text;
  JsonStringWriter json(text);
  json.begin_object();
  json.member("id", reservation.id);
  json.member("orderId", reservation.order_id);
  json.member("status", reservation.held ? "held" : "cancelled");
  json.key("lines");
  json.begin_array();
  for (const auto& line : reservation.lines) {
    json.begin_object();
    json.member("sku", line.sku);
    json.member("qty", line.quantity);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return text;
}

}  // namespace

Stock::Stock() : System("stock") {
  using enum http::Method;
  add(get, "/items", "listItems", &Stock::list_items);
  add(get, "/items/{id}", "getItem", &Stock::get_item);
  add(post, "/reservations", "createReservation", &Stock::create_reservation);
  add(get, "/reservations/{id}", "getReservation", &Stock::get_reservation);
  add(delete_, "/reservations/{id}", "cancelReservation", &Stock::cancel_reservation);
  Stock::reset();
}

void Stock::reset() {
  items_ = {
      {"mug", {.name = "Mug, 350 ml", .price_cents = 1250, .available = 120}},
      {"teapot", {.name = "Teapot, cast iron", .price_cents = 4900, .available = 40}},
      {"assam", {.name = "Assam, 250 g", .price_cents = 890, .available = 500}},
      // Never runs out: what load is ordered by.
      {"voucher", {.name = "Voucher, by mail", .price_cents = 1000, .available = 1'000'000'000}},
      {"sencha", {.name = "Sencha, 100 g", .price_cents = 1490, .available = 3}},
  };
  reservations_.clear();
}

Answer Stock::list_items(const Call&) {
  Answer answer;
  JsonStringWriter json(answer.body);
  json.begin_object();
  json.key("data");
  json.begin_array();
  for (const auto& [sku, item] : items_) write_item(json, sku, item);
  json.end_array();
  json.end_object();
  return answer;
}

Answer Stock::get_item(const Call& call) {
  const auto found = items_.find(call.id);
  if (found == items_.end()) return not_found("item", call.id);
  Answer answer;
  JsonStringWriter json(answer.body);
  write_item(json, found->first, found->second);
  return answer;
}

Answer Stock::create_reservation(const Call& call) {
  const auto body = JsonBody::parse(call.body);
  if (!body) return refusal(400, "malformed-json", "the body is not JSON");
  const auto order_id = body->text("/orderId");
  if (!order_id || order_id->empty()) return refusal(422, "invalid", "orderId: a text is expected");
  Reservation reservation{.order_id = *order_id, .lines = {}};
  const std::size_t count = body->size("/lines");
  if (count == 0 || count > kMaxLines) return refusal(422, "invalid", "lines: 1 to 100 lines are expected");
  for (std::size_t i = 0; i < count; ++i) {
    const auto sku = body->text(element_pointer("/lines", i, "sku"));
    const auto quantity = body->integer(element_pointer("/lines", i, "qty"));
    if (!sku || !quantity || *quantity < 1 || *quantity > kMaxQuantity) {
      return refusal(422, "invalid",
                     "lines[" + std::to_string(i) + "]: a sku and a qty above 0 are expected");
    }
    reservation.lines.push_back({*sku, *quantity});
  }
  if (auto refused = hold(reservation.lines)) return *refused;
  const Reservation& made = reservations_.add(std::move(reservation));
  return {.status = 201, .body = to_json(made), .location = "/reservations/" + made.id, .changed = true};
}

std::optional<Answer> Stock::hold(const std::vector<Line>& lines) {
  std::vector<Line> held;
  for (const Line& line : lines) {
    const auto item = items_.find(line.sku);
    if (item == items_.end() || item->second.available < line.quantity) {
      release(held);
      if (item == items_.end()) return refusal(422, "unknown-sku", "there is no item \"" + line.sku + "\"");
      return refusal(409, "out-of-stock",
                     "\"" + line.sku + "\": " + std::to_string(item->second.available) + " available");
    }
    item->second.available -= line.quantity;
    item->second.reserved += line.quantity;
    held.push_back(line);
  }
  return std::nullopt;
}

void Stock::release(const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    Item& item = items_.find(line.sku)->second;
    item.available += line.quantity;
    item.reserved -= line.quantity;
  }
}

Answer Stock::get_reservation(const Call& call) {
  const Reservation* reservation = reservations_.find(call.id);
  if (reservation == nullptr) return not_found("reservation", call.id);
  return {.body = to_json(*reservation)};
}

Answer Stock::cancel_reservation(const Call& call) {
  Reservation* reservation = reservations_.find(call.id);
  if (reservation == nullptr) return not_found("reservation", call.id);
  const bool changed = std::exchange(reservation->held, false);
  if (changed) release(reservation->lines);
  return {.status = 204, .changed = changed};
}

}  // namespace linkspan::systems
