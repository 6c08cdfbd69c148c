// The web shop: it takes orders and tells of them. Prices and totals are in the currency's smallest unit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "systems/numbered.h"
#include "systems/system.h"

namespace linkspan::systems {

class JsonBody;

class Shop final : public System {
 public:
  Shop();
  void reset() override;

 private:
  struct Line {
    std::string sku;
    std::int64_t quantity;
    std::int64_t price_cents;
  };
  struct Order {
    std::string id = {};
    std::string customer_id;
    std::string customer_email;
    std::string currency;
    std::string card_token;
    std::vector<Line> lines;
  };
  static std::string to_json(const Order& order);
  // What is wrong with the body, or nothing.
  static std::string read(const JsonBody& body, Order& order);

  Answer create_order(const Call& call);
  Answer list_orders(const Call& call);
  Answer get_order(const Call& call);

  Numbered<Order> orders_{"o-"};
};

}  // namespace linkspan::systems
