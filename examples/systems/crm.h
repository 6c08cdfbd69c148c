// The customer relations system, which speaks XML only: contacts, and the orders that others report to it.
//
//   <contact id="c-1001"><name>Ada Bergmann</name><email>ada@example.com</email></contact>
#pragma once

#include <map>
#include <string>

#include "systems/system.h"

namespace linkspan::systems {

class Crm final : public System {
 public:
  Crm();
  void reset() override;
  Answer refusal(int status, std::string_view code, std::string_view message) const override;

 private:
  using Records = std::map<std::string, std::string, std::less<>>;  // id to XML element

  Answer list_contacts(const Call& call);
  Answer get_contact(const Call& call);
  Answer put_contact(const Call& call);
  Answer get_order(const Call& call);
  Answer upsert_order(const Call& call);
  Answer get(const Records& records, std::string_view what, std::string_view id) const;
  Answer put(Records& records, const char* element, const char* id_attribute, const Call& call) const;

  Records contacts_;
  Records orders_;
};

}  // namespace linkspan::systems
