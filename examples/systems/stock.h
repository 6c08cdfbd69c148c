// The warehouse: items, and reservations that hold some of them for an order.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "systems/numbered.h"
#include "systems/system.h"

namespace linkspan::systems {

class Stock final : public System {
 public:
  Stock();
  void reset() override;

 private:
  struct Item {
    std::string name;
    std::int64_t price_cents = 0;
    std::int64_t available = 0;
    std::int64_t reserved = 0;
  };
  struct Line {
    std::string sku;
    std::int64_t quantity;
  };
  struct Reservation {
    std::string id = {};
    std::string order_id;
    std::vector<Line> lines;
    bool held = true;
  };

  Answer list_items(const Call& call);
  Answer get_item(const Call& call);
  Answer create_reservation(const Call& call);
  Answer get_reservation(const Call& call);
  Answer cancel_reservation(const Call& call);
  // Moves the lines from available to reserved, all or none.
  std::optional<Answer> hold(const std::vector<Line>& lines);
  void release(const std::vector<Line>& lines);

  std::map<std::string, Item, std::less<>> items_;  // by SKU
  Numbered<Reservation> reservations_{"r-"};
};

}  // namespace linkspan::systems
