#include "systems/customers.h"

#include <utility>

#include "base/json_writer.h"
#include "systems/json_body.h"

namespace linkspan::systems {

namespace {

constexpr std::size_t kMaxCustomers = 100'000;
constexpr std::uint64_t kFirstNewNumber = 1004;

}  // namespace

Customers::Customers() : System("customers") {
  using enum http::Method;
  add(get, "/customers", "listCustomers", &Customers::list_customers);
  add(post, "/customers", "createCustomer", &Customers::create_customer);
  add(get, "/customers/{id}", "getCustomer", &Customers::get_customer);
  add(put, "/customers/{id}", "replaceCustomer", &Customers::replace_customer);
  add(patch, "/customers/{id}", "updateCustomer", &Customers::update_customer);
  add(delete_, "/customers/{id}", "deleteCustomer", &Customers::delete_customer);
  Customers::reset();
}

void Customers::reset() {
  customers_ = {
      {"c-1001",
       {.name = "Ada Bergmann", .email = "ada@example.com", .phone = "+49 30 5550101", .city = "Berlin"}},
      {"c-1002",
       {.name = "Luis Ortega", .email = "luis@example.com", .phone = "+34 91 5550102", .city = "Madrid"}},
      {"c-1003",
       {.name = "Mei Tanaka", .email = "mei@example.com", .phone = "+81 3 5550103", .city = "Tokyo"}},
  };
  next_number_ = kFirstNewNumber;
}

std::string Customers::to_json(std::string_view id, const Customer& customer) {
  std::string text;
  JsonStringWriter json(text);
  json.begin_object();
  json.member("id", id);
  json.member("name", customer.name);
  json.member("email", customer.email);
  json.member("phone", customer.phone);
  json.member("city", customer.city);
  json.end_object();
  return text;
}

std::string Customers::apply(const JsonBody& body, Customer& customer) {
  const std::pair<const char*, std::string*> members[] = {{"name", &customer.name},
                                                          {"email", &customer.email},
                                                          {"phone", &customer.phone},
                                                          {"city", &customer.city}};
  for (const auto& [name, target] : members) {
    const std::string pointer = std::string("/") + name;
    if (!body.has(pointer)) continue;
    auto text = body.text(pointer);
    if (!text) return std::string(name) + ": a text is expected";
    *target = std::move(*text);
  }
  if (customer.name.empty()) return "name: a text is expected";
  return {};
}

Answer Customers::list_customers(const Call& call) {
  std::size_t left = query_limit(call.query);
  Answer answer;
  JsonStringWriter json(answer.body);
  json.begin_object();
  json.key("data");
  json.begin_array();
  for (const auto& [id, customer] : customers_) {
    if (left-- == 0) break;
    json.raw(to_json(id, customer));
  }
  json.end_array();
  json.member("total", customers_.size());
  json.end_object();
  return answer;
}

Answer Customers::create_customer(const Call& call) {
  const auto body = JsonBody::parse(call.body);
  if (!body || !body->is_object()) return refusal(400, "malformed-json", "the body is no JSON object");
  Customer customer;
  const std::string wrong = apply(*body, customer);
  if (!wrong.empty()) return refusal(422, "invalid", wrong);
  if (customers_.size() >= kMaxCustomers) return refusal(507, "full", "no more customers are kept");
  std::string id;
  do {
    id = "c-" + std::to_string(next_number_++);
  } while (customers_.contains(id));
  Answer answer{
      .status = 201, .body = to_json(id, customer), .location = "/customers/" + id, .changed = true};
  customers_.emplace(id, std::move(customer));
  return answer;
}

Answer Customers::get_customer(const Call& call) {
  const auto found = customers_.find(call.id);
  if (found == customers_.end()) return not_found("customer", call.id);
  return {.body = to_json(found->first, found->second)};
}

Answer Customers::replace_customer(const Call& call) {
  const auto body = JsonBody::parse(call.body);
  if (!body || !body->is_object()) return refusal(400, "malformed-json", "the body is no JSON object");
  Customer customer;
  const std::string wrong = apply(*body, customer);
  if (!wrong.empty()) return refusal(422, "invalid", wrong);
  const bool known = customers_.contains(call.id);
  if (!known && customers_.size() >= kMaxCustomers) return refusal(507, "full", "no more customers are kept");
  Answer answer{.status = known ? 200 : 201, .body = to_json(call.id, customer), .changed = true};
  if (!known) answer.location = "/customers/" + std::string(call.id);
  customers_.insert_or_assign(std::string(call.id), std::move(customer));
  return answer;
}

Answer Customers::update_customer(const Call& call) {
  const auto found = customers_.find(call.id);
  if (found == customers_.end()) return not_found("customer", call.id);
  const auto body = JsonBody::parse(call.body);
  if (!body || !body->is_object()) return refusal(400, "malformed-json", "the body is no JSON object");
  Customer changed = found->second;
  const std::string wrong = apply(*body, changed);
  if (!wrong.empty()) return refusal(422, "invalid", wrong);
  found->second = std::move(changed);
  return {.body = to_json(found->first, found->second), .changed = true};
}

Answer Customers::delete_customer(const Call& call) {
  const auto found = customers_.find(call.id);
  if (found == customers_.end()) return not_found("customer", call.id);
  customers_.erase(found);
  return {.status = 204, .changed = true};
}

}  // namespace linkspan::systems
