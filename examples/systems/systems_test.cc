// The rules of the demo systems, without sockets.
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "systems/crm.h"
#include "systems/customers.h"
#include "systems/mail.h"
#include "systems/payments.h"
#include "systems/shop.h"
#include "systems/stock.h"

namespace linkspan::systems {
namespace {

using http::Method;
using testing::HasSubstr;

Answer call(const System& system, Method method, std::string_view target, std::string_view body = {}) {
  const std::size_t mark = target.find('?');
  const System::Match match = system.find(method, target.substr(0, mark));
  if (match.operation == nullptr) return {.status = match.allow.empty() ? 404 : 405, .body = match.allow};
  const std::string_view query =
      mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  return match.operation->run({.id = match.id, .query = query, .body = body});
}

TEST(Systems, every_system_tells_its_health) {
  const Customers customers;
  const Crm crm;
  EXPECT_EQ(call(customers, Method::get, "/healthz").body, R"({"status":"ok","system":"customers"})");
  EXPECT_EQ(call(crm, Method::get, "/healthz").status, 200);
}

TEST(Systems, a_known_path_with_another_method_tells_the_allowed_ones) {
  const Customers customers;
  const Answer answer = call(customers, Method::post, "/customers/c-1001");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.body, "GET, HEAD, PUT, PATCH, DELETE");
  EXPECT_EQ(call(customers, Method::get, "/customers/c-1001/more").status, 404);
}

TEST(Stock, a_reservation_holds_items_and_its_cancellation_frees_them) {
  const Stock stock;
  const Answer made =
      call(stock, Method::post, "/reservations", R"({"orderId":"o-1","lines":[{"sku":"mug","qty":20}]})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.location, "/reservations/r-1");
  EXPECT_TRUE(made.changed);
  EXPECT_THAT(call(stock, Method::get, "/items/mug").body, HasSubstr(R"("available":100,"reserved":20)"));
  EXPECT_EQ(call(stock, Method::delete_, "/reservations/r-1").status, 204);
  EXPECT_THAT(call(stock, Method::get, "/items/mug").body, HasSubstr(R"("available":120,"reserved":0)"));
}

TEST(Stock, a_second_cancellation_has_no_effect) {
  const Stock stock;
  call(stock, Method::post, "/reservations", R"({"orderId":"o-1","lines":[{"sku":"mug","qty":20}]})");
  call(stock, Method::delete_, "/reservations/r-1");
  const Answer again = call(stock, Method::delete_, "/reservations/r-1");
  EXPECT_EQ(again.status, 204);
  EXPECT_FALSE(again.changed);
  EXPECT_THAT(call(stock, Method::get, "/items/mug").body, HasSubstr(R"("available":120)"));
}

TEST(Stock, a_reservation_that_cannot_be_met_holds_nothing) {
  const Stock stock;
  const Answer refused =
      call(stock, Method::post, "/reservations",
           R"({"orderId":"o-1","lines":[{"sku":"mug","qty":2},{"sku":"sencha","qty":4}]})");
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, HasSubstr("out-of-stock"));
  EXPECT_FALSE(refused.changed);
  EXPECT_THAT(call(stock, Method::get, "/items/mug").body, HasSubstr(R"("available":120,"reserved":0)"));
}

TEST(Stock, bad_input_is_refused_with_its_place) {
  const Stock stock;
  EXPECT_EQ(call(stock, Method::post, "/reservations", "{").status, 400);
  const Answer answer =
      call(stock, Method::post, "/reservations", R"({"orderId":"o","lines":[{"sku":"mug","qty":1.5}]})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(answer.body, HasSubstr("lines[0]"));
}

TEST(Payments, a_declined_card_is_402_without_effect) {
  const Payments payments;
  const Answer answer = call(payments, Method::post, "/charges",
                             R"({"amount":100,"currency":"EUR","token":"declined","reference":"x"})");
  EXPECT_EQ(answer.status, 402);
  EXPECT_FALSE(answer.changed);
  EXPECT_EQ(call(payments, Method::get, "/charges?reference=x").body, R"({"data":[]})");
}

TEST(Payments, charges_are_found_by_reference_and_refunded_once) {
  const Payments payments;
  call(payments, Method::post, "/charges",
       R"({"amount":1,"currency":"EUR","token":"t","reference":"other"})");
  const Answer made = call(payments, Method::post, "/charges",
                           R"({"amount":4250,"currency":"EUR","token":"t","reference":"o 1"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(call(payments, Method::get, "/charges?reference=o%201").body,
            R"({"data":[{"id":"ch-2","amount":4250,"currency":"EUR","reference":"o 1","status":"paid"}]})");
  EXPECT_TRUE(call(payments, Method::post, "/charges/ch-2/refund").changed);
  const Answer again = call(payments, Method::post, "/charges/ch-2/refund");
  EXPECT_FALSE(again.changed);
  EXPECT_THAT(again.body, HasSubstr(R"("status":"refunded")"));
}

TEST(Customers, a_customer_is_made_read_changed_and_removed) {
  const Customers customers;
  const Answer made =
      call(customers, Method::post, "/customers", R"({"name":"Jo","email":"jo@example.com"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.location, "/customers/c-1004");
  EXPECT_EQ(call(customers, Method::patch, "/customers/c-1004", R"({"city":"Oslo"})").body,
            R"({"id":"c-1004","name":"Jo","email":"jo@example.com","phone":"","city":"Oslo"})");
  EXPECT_EQ(call(customers, Method::put, "/customers/c-1004", R"({"name":"Jo B"})").body,
            R"({"id":"c-1004","name":"Jo B","email":"","phone":"","city":""})");
  EXPECT_EQ(call(customers, Method::delete_, "/customers/c-1004").status, 204);
  EXPECT_EQ(call(customers, Method::get, "/customers/c-1004").status, 404);
}

TEST(Customers, a_member_of_the_wrong_type_is_refused) {
  const Customers customers;
  const Answer answer = call(customers, Method::patch, "/customers/c-1001", R"({"name":5})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(answer.body, HasSubstr("name"));
  EXPECT_EQ(call(customers, Method::put, "/customers/c-1001", "[]").status, 400);
}

TEST(Shop, an_order_is_totalled_and_listed_by_customer) {
  const Shop shop;
  const Answer made = call(
      shop, Method::post, "/orders",
      R"({"customer":{"id":"c-1001"},"lines":[{"sku":"mug","qty":2,"price":1250},{"sku":"assam","qty":1,"price":890}]})");
  EXPECT_EQ(made.status, 201);
  EXPECT_THAT(made.body, HasSubstr(R"("total":3390,"currency":"EUR")"));
  EXPECT_EQ(call(shop, Method::get, "/orders/o-1").body, made.body);
  EXPECT_EQ(call(shop, Method::get, "/orders?customer=c-1001").body, R"({"data":[)" + made.body + "]}");
  EXPECT_EQ(call(shop, Method::get, "/orders?customer=c-1").body, R"({"data":[]})");
  EXPECT_EQ(call(shop, Method::get, "/orders/o-01").status, 404);
}

TEST(Crm, contacts_are_xml_and_keep_what_was_put) {
  const Crm crm;
  const Answer put =
      call(crm, Method::put, "/contacts/c-7", "<contact>\n <name>A &amp; B</name>\n</contact>");
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(put.content_type, "application/xml");
  EXPECT_EQ(call(crm, Method::get, "/contacts/c-7").body,
            R"(<contact id="c-7"><name>A &amp; B</name></contact>)");
}

TEST(Crm, an_order_put_twice_is_one_order) {
  const Crm crm;
  EXPECT_EQ(call(crm, Method::put, "/orders/o-1", "<order><chargeId>ch-1</chargeId></order>").status, 201);
  EXPECT_EQ(call(crm, Method::put, "/orders/o-1", "<order><chargeId>ch-2</chargeId></order>").status, 200);
  EXPECT_EQ(call(crm, Method::get, "/orders/o-1").body,
            R"(<order externalId="o-1"><chargeId>ch-2</chargeId></order>)");
}

TEST(Crm, refusals_are_xml) {
  const Crm crm;
  EXPECT_EQ(call(crm, Method::get, "/contacts/c-9").body,
            "<error><code>not-found</code><message>there is no contact \"c-9\"</message></error>");
  EXPECT_EQ(call(crm, Method::put, "/contacts/c-9", "<contact>").status, 400);
  EXPECT_EQ(call(crm, Method::put, "/contacts/c-9", "<person/>").status, 422);
}

TEST(Mail, messages_are_kept_and_found_by_order) {
  const Mail mail;
  EXPECT_EQ(call(mail, Method::post, "/messages", R"({"to":"a@example.com","template":"paid","order":"o-1"})")
                .status,
            202);
  EXPECT_EQ(call(mail, Method::get, "/messages?order=o-1").body,
            R"({"data":[{"id":"m-1","to":"a@example.com","template":"paid","order":"o-1"}]})");
  EXPECT_EQ(call(mail, Method::post, "/messages", R"({"to":"nobody","template":"paid"})").status, 422);
}

}  // namespace
}  // namespace linkspan::systems
