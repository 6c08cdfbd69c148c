// Natives on numbers: those of <cmath> that jq has, by the same names.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "data/jq/builtins.h"
#include "data/jq/operators.h"

namespace linkspan::data::jq {

namespace {

using Values = std::span<JsonValue>;

template <double (*function)(double)>
bool one(Context&, Values v) {
  if (!v[0].is_number()) return fail(v, described(v[0]) + " number required");
  v[0] = number(function(v[0].as_double()));
  return true;
}

template <double (*function)(double, double)>
bool two(Context&, Values v) {
  for (const JsonValue& value : v.subspan(1))
    if (!value.is_number()) return fail(v, described(value) + " number required");
  v[0] = number(function(v[1].as_double(), v[2].as_double()));
  return true;
}

template <double (*function)(double, double, double)>
bool three(Context&, Values v) {
  for (const JsonValue& value : v.subspan(1))
    if (!value.is_number()) return fail(v, described(value) + " number required");
  v[0] = number(function(v[1].as_double(), v[2].as_double(), v[3].as_double()));
  return true;
}

double exp10_of(double x) {
  return std::pow(10, x);
}
double significand_of(double x) {
  if (x == 0 || !std::isfinite(x)) return x;
  return std::scalbn(x, -std::ilogb(x));
}
// The logarithm of the absolute value of gamma, by the reentrant form.
double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}
int clamped(double exponent) {
  return static_cast<int>(std::clamp(exponent, -100'000.0, 100'000.0));
}
double ldexp_of(double x, double exponent) {
  return std::isnan(exponent) ? exponent : std::ldexp(x, clamped(exponent));
}

bool lgamma_r_of(Context&, Values v) {
  if (!v[0].is_number()) return fail(v, described(v[0]) + " number required");
  int sign = 0;
  const double result = ::lgamma_r(v[0].as_double(), &sign);
  v[0] = JsonValue::array({number(result), sign});
  return true;
}

bool frexp_of(Context&, Values v) {
  if (!v[0].is_number()) return fail(v, described(v[0]) + " number required");
  int exponent = 0;
  const double fraction = std::frexp(v[0].as_double(), &exponent);
  v[0] = JsonValue::array({number(fraction), std::isfinite(fraction) ? exponent : 0});
  return true;
}

bool modf_of(Context&, Values v) {
  if (!v[0].is_number()) return fail(v, described(v[0]) + " number required");
  double whole = 0;
  const double fraction = std::modf(v[0].as_double(), &whole);
  v[0] = JsonValue::array({number(fraction), number(whole)});
  return true;
}

template <bool (*test)(double)>
bool is(Context&, Values v) {
  if (!v[0].is_number()) return fail(v, described(v[0]) + " number required");
  v[0] = test(v[0].as_double());
  return true;
}

bool is_infinite(double x) {
  return std::isinf(x);
}
bool is_nan(double x) {
  return std::isnan(x);
}
bool is_normal(double x) {
  return std::isnormal(x);
}

bool infinite(Context&, Values v) {
  v[0] = std::numeric_limits<double>::infinity();
  return true;
}

bool nan(Context&, Values v) {
  v[0] = std::numeric_limits<double>::quiet_NaN();
  return true;
}

constexpr Native kNatives[] = {
    {"floor", 0, one<::floor>},
    {"ceil", 0, one<::ceil>},
    {"round", 0, one<::round>},
    {"trunc", 0, one<::trunc>},
    {"rint", 0, one<::rint>},
    {"nearbyint", 0, one<::nearbyint>},
    {"sqrt", 0, one<::sqrt>},
    {"cbrt", 0, one<::cbrt>},
    {"fabs", 0, one<::fabs>},
    {"exp", 0, one<::exp>},
    {"exp2", 0, one<::exp2>},
    {"exp10", 0, one<exp10_of>},
    {"pow10", 0, one<exp10_of>},
    {"expm1", 0, one<::expm1>},
    {"log", 0, one<::log>},
    {"log2", 0, one<::log2>},
    {"log10", 0, one<::log10>},
    {"log1p", 0, one<::log1p>},
    {"logb", 0, one<::logb>},
    {"significand", 0, one<significand_of>},
    {"gamma", 0, one<log_gamma>},
    {"lgamma", 0, one<log_gamma>},
    {"tgamma", 0, one<::tgamma>},
    {"lgamma_r", 0, lgamma_r_of},
    {"frexp", 0, frexp_of},
    {"modf", 0, modf_of},
    {"sin", 0, one<::sin>},
    {"cos", 0, one<::cos>},
    {"tan", 0, one<::tan>},
    {"asin", 0, one<::asin>},
    {"acos", 0, one<::acos>},
    {"atan", 0, one<::atan>},
    {"sinh", 0, one<::sinh>},
    {"cosh", 0, one<::cosh>},
    {"tanh", 0, one<::tanh>},
    {"asinh", 0, one<::asinh>},
    {"acosh", 0, one<::acosh>},
    {"atanh", 0, one<::atanh>},
    {"j0", 0, one<::j0>},
    {"j1", 0, one<::j1>},
    {"y0", 0, one<::y0>},
    {"y1", 0, one<::y1>},
    {"pow", 2, two<::pow>},
    {"atan2", 2, two<::atan2>},
    {"fmod", 2, two<::fmod>},
    {"fmin", 2, two<::fmin>},
    {"fmax", 2, two<::fmax>},
    {"fdim", 2, two<::fdim>},
    {"hypot", 2, two<::hypot>},
    {"copysign", 2, two<::copysign>},
    {"drem", 2, two<::remainder>},
    {"nextafter", 2, two<::nextafter>},
    {"nexttoward", 2, two<::nextafter>},
    {"ldexp", 2, two<ldexp_of>},
    {"scalb", 2, two<ldexp_of>},
    {"scalbln", 2, two<ldexp_of>},
    {"fma", 3, three<::fma>},
    {"isinfinite", 0, is<is_infinite>},
    {"isnan", 0, is<is_nan>},
    {"isnormal", 0, is<is_normal>},
    {"infinite", 0, infinite},
    {"nan", 0, nan},
};

}  // namespace

std::span<const Native> math_natives() {
  return kNatives;
}

}  // namespace linkspan::data::jq
