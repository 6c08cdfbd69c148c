// The payment provider: charges and refunds. A charge with the token "declined" is refused with 402. Amounts
// are in the currency's smallest unit.
#pragma once

#include <cstdint>
#include <string>

#include "systems/numbered.h"
#include "systems/system.h"

namespace linkspan::systems {

class Payments final : public System {
 public:
  Payments();
  void reset() override;

 private:
  struct Charge {
    std::string id = {};
    std::int64_t amount;
    std::string currency;
    std::string reference;
    bool refunded = false;
  };
  static std::string to_json(const Charge& charge);

  Answer create_charge(const Call& call);
  Answer list_charges(const Call& call);
  Answer get_charge(const Call& call);
  Answer refund(const Call& call);

  Numbered<Charge> charges_{"ch-"};
};

}  // namespace linkspan::systems
