// The customer database.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "systems/system.h"

namespace linkspan::systems {

class JsonBody;

class Customers final : public System {
 public:
  Customers();
  void reset() override;

 private:
  struct Customer {
    std::string name;
    std::string email;
    std::string phone;
    std::string city;
  };
  static std::string to_json(std::string_view id, const Customer& customer);
  // Takes over the members that the body has; what is wrong with it, or nothing.
  static std::string apply(const JsonBody& body, Customer& customer);

  Answer list_customers(const Call& call);
  Answer create_customer(const Call& call);
  Answer get_customer(const Call& call);
  Answer replace_customer(const Call& call);
  Answer update_customer(const Call& call);
  Answer delete_customer(const Call& call);

  std::map<std::string, Customer, std::less<>> customers_;  // by id
  std::uint64_t next_number_ = 0;
};

}  // namespace linkspan::systems
