// What mapping one payload costs: a 900-byte order through a mapping, parsed, evaluated and serialised,
// beside libjq doing the same where it is installed. Rounds of the two take turns; figures are medians of the
// rounds, in microseconds of CPU time; a ratio is taken within a round.
//
//   linkspan_jq_bench [ROUNDS]         one JSON object on standard output
//   linkspan_jq_bench --profile COUNT  maps COUNT times and measures nothing, for a profiler
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/jq/jq.h"
#include "data/json_parse.h"
#include "data/json_write.h"
#ifdef LINKSPAN_WITH_LIBJQ
extern "C" {
#include <jq.h>
}
#endif

namespace {

using namespace linkspan::data;

constexpr const char* kMapping =
    "{id: .order.id, total: ([.order.items[] | .price * .qty] | add), customer: .order.customer.email, "
    "tags: (.order.tags // [])}";

constexpr std::string_view kOrder =
    R"({"event":"order.created","created":"2026-03-14T09:26:53Z","order":{"id":"ord_8Zk2Qp71","number":1048213,)"
    R"("currency":"EUR","customer":{"id":"cus_51aD9","name":"Grace Hopper","email":"grace.hopper@example.com",)"
    R"("phone":"+1 555 0100","address":{"street":"12 Harbour Road","city":"Arlington","zip":"22201","country":"US"}},)"
    R"("items":[{"sku":"KB-104-US","name":"Keyboard, 104 keys","qty":2,"price":49.9,"tax":0.19},)"
    R"({"sku":"MS-002","name":"Mouse, wireless","qty":1,"price":24.5,"tax":0.19},)"
    R"({"sku":"CB-USBC-2M","name":"Cable USB-C, 2 m","qty":3,"price":9.95,"tax":0.19},)"
    R"({"sku":"MON-27-4K","name":"Monitor 27\" 4K","qty":1,"price":329,"tax":0.19}],)"
    R"("shipping":{"method":"express","carrier":"DHL","price":12.9,"estimated":"2026-03-17"},)"
    R"("payment":{"method":"card","brand":"visa","last4":"4242","captured":true},)"
    R"("tags":["new","priority"],"notes":null,"gift":false,"channel":"web","coupon":"SPRING26","total":496.1}})";

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "jq_bench: %s\n", what);
  std::exit(1);
}

double cpu_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Microseconds each.
template <typename Run>
double timed(int count, Run run) {
  const double start = cpu_us();
  for (int i = 0; i < count; ++i) run();
  return (cpu_us() - start) / count;
}

class Ours {
 public:
  Ours() : program_(*JqProgram::compile(kMapping)) {}

  const std::string& map() {
    auto order = parser_.parse(kOrder);
    if (!order) give_up("the order is no JSON");
    run_.start(program_, *std::move(order));
    auto output = run_.next();
    if (!output || !*output) give_up("the mapping failed");
    text_.clear();
    append_json(text_, **output);
    return text_;
  }
  static void compile() {
    if (!JqProgram::compile(kMapping)) give_up("the mapping does not compile");
  }

 private:
  JqProgram program_;
  JsonParser parser_;
  JqRun run_;
  std::string text_;
};

#ifdef LINKSPAN_WITH_LIBJQ
class Libjq {
 public:
  static constexpr bool kThere = true;

  Libjq() : jq_(jq_init()) {
    if (jq_ == nullptr || jq_compile(jq_, kMapping) == 0) give_up("libjq does not compile the mapping");
  }
  ~Libjq() { jq_teardown(&jq_); }
  Libjq(const Libjq&) = delete;
  Libjq& operator=(const Libjq&) = delete;

  std::string map() {
    jq_start(jq_, jv_parse_sized(kOrder.data(), static_cast<int>(kOrder.size())), 0);
    const jv output = jq_next(jq_);
    if (jv_is_valid(output) == 0) give_up("libjq's mapping failed");
    const jv text = jv_dump_string(output, 0);
    std::string result(jv_string_value(text),
                       static_cast<std::size_t>(jv_string_length_bytes(jv_copy(text))));
    jv_free(text);
    return result;
  }
  static void compile() { Libjq once; }

 private:
  jq_state* jq_;
};
#else
struct Libjq {
  static constexpr bool kThere = false;
  static std::string map() { return {}; }
  static void compile() {}
};
#endif

struct Figures {
  std::vector<double> ours_us, libjq_us, ratio, compile_us, libjq_compile_us;
};

Figures measure(int rounds) {
  constexpr int kMaps = 3000;
  constexpr int kLibjqMaps = 600;
  Ours ours;
  Libjq libjq;
  if (Libjq::kThere && *parse_json(ours.map()) != *parse_json(libjq.map())) give_up("the two outputs differ");
  Figures figures;
  for (int round = 0; round < rounds; ++round) {
    figures.ours_us.push_back(timed(kMaps, [&] { ours.map(); }));
    figures.compile_us.push_back(timed(200, Ours::compile));
    if (!Libjq::kThere) continue;
    figures.libjq_us.push_back(timed(kLibjqMaps, [&] { libjq.map(); }));
    figures.libjq_compile_us.push_back(timed(1, Libjq::compile));
    figures.ratio.push_back(figures.ours_us.back() / figures.libjq_us.back());
  }
  return figures;
}

JsonValue figure(const std::vector<double>& rounds) {
  return rounds.empty() ? JsonValue() : JsonValue(median(rounds));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--profile") {
    Ours ours;
    for (long i = std::atol(argv[2]); i > 0; --i) ours.map();
    return 0;
  }
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 21;
  if (rounds < 1) give_up("usage: linkspan_jq_bench [ROUNDS]");
  const Figures figures = measure(rounds);
  const JsonValue report = JsonValue::object({{"jq_us", figure(figures.ours_us)},
                                              {"libjq_us", figure(figures.libjq_us)},
                                              {"jq_ratio_libjq", figure(figures.ratio)},
                                              {"jq_compile_us", figure(figures.compile_us)},
                                              {"libjq_compile_us", figure(figures.libjq_compile_us)},
                                              {"order_bytes", kOrder.size()}});
  std::printf("%s\n", write_json(report).c_str());
  return 0;
}
