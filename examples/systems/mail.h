// The mail service: it keeps what it was asked to send.
#pragma once

#include <string>

#include "systems/numbered.h"
#include "systems/system.h"

namespace linkspan::systems {

class Mail final : public System {
 public:
  Mail();
  void reset() override;

 private:
  struct Message {
    std::string id = {};
    std::string to;
    std::string template_name;
    std::string order;
  };
  static std::string to_json(const Message& message);

  Answer send(const Call& call);
  Answer list_messages(const Call& call);
  Answer get_message(const Call& call);

  Numbered<Message> messages_{"m-"};
};

}  // namespace linkspan::systems
