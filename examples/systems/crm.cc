#include "systems/crm.h"

#include <pugixml.hpp>

namespace linkspan::systems {

namespace {

constexpr std::size_t kMaxRecords = 100'000;
constexpr std::string_view kXml = "application/xml";

struct StringOutput final : pugi::xml_writer {
  void write(const void* data, std::size_t bytes) override {
    text.append(static_cast<const char*>(data), bytes);
  }
  std::string text;
};

std::string to_text(const pugi::xml_node& element) {
  StringOutput output;
  element.print(output, "", pugi::format_raw);
  return std::move(output.text);
}

std::string contact(const char* id, const char* name, const char* email) {
  pugi::xml_document document;
  pugi::xml_node element = document.append_child("contact");
  element.append_attribute("id") = id;
  element.append_child("name").text() = name;
  element.append_child("email").text() = email;
  return to_text(element);
}

}  // namespace

Crm::Crm() : System("crm") {
  add(http::Method::get, "/contacts", "listContacts", &Crm::list_contacts);
  add(http::Method::get, "/contacts/{id}", "getContact", &Crm::get_contact);
  add(http::Method::put, "/contacts/{id}", "putContact", &Crm::put_contact);
  add(http::Method::get, "/orders/{id}", "getOrder", &Crm::get_order);
  add(http::Method::put, "/orders/{id}", "upsertOrder", &Crm::upsert_order);
  Crm::reset();
}

void Crm::reset() {
  contacts_ = {{"c-1001", contact("c-1001", "Ada Bergmann", "ada@example.com")},
               {"c-1002", contact("c-1002", "Luis Ortega", "luis@example.com")},
               {"c-1003", contact("c-1003", "Mei Tanaka", "mei@example.com")}};
  orders_.clear();
}

Answer Crm::refusal(int status, std::string_view code, std::string_view message) const {
  pugi::xml_document document;
  pugi::xml_node error = document.append_child("error");
  error.append_child("code").text() = std::string(code).c_str();
  error.append_child("message").text() = std::string(message).c_str();
  return {.status = status, .body = to_text(error), .content_type = kXml};
}

Answer Crm::list_contacts(const Call& call) {
  std::size_t left = query_limit(call.query);
  Answer answer{.body = "<contacts>", .content_type = kXml};
  for (const auto& [id, element] : contacts_) {
    if (left-- == 0) break;
    answer.body += element;
  }
  answer.body += "</contacts>";
  return answer;
}

Answer Crm::get_contact(const Call& call) {
  return get(contacts_, "contact", call.id);
}
Answer Crm::put_contact(const Call& call) {
  return put(contacts_, "contact", "id", call);
}
Answer Crm::get_order(const Call& call) {
  return get(orders_, "order", call.id);
}
Answer Crm::upsert_order(const Call& call) {
  return put(orders_, "order", "externalId", call);
}

Answer Crm::get(const Records& records, std::string_view what, std::string_view id) const {
  const auto found = records.find(id);
  if (found == records.end()) return not_found(what, id);
  return {.body = found->second, .content_type = kXml};
}

Answer Crm::put(Records& records, const char* element, const char* id_attribute, const Call& call) const {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(call.body.data(), call.body.size());
  if (!parsed) {
    return refusal(400, "malformed-xml",
                   std::string(parsed.description()) + " at byte " + std::to_string(parsed.offset));
  }
  pugi::xml_node root = document.document_element();
  if (std::string_view(root.name()) != element) {
    return refusal(422, "invalid", std::string("the root element must be <") + element + ">");
  }
  root.remove_attribute(id_attribute);
  root.prepend_attribute(id_attribute) = std::string(call.id).c_str();
  const bool known = records.contains(call.id);
  if (!known && records.size() >= kMaxRecords) return refusal(507, "full", "no more records are kept");
  Answer answer{.status = known ? 200 : 201, .body = to_text(root), .content_type = kXml, .changed = true};
  records.insert_or_assign(std::string(call.id), answer.body);
  return answer;
}

}  // namespace linkspan::systems
