// The text that a scrape reads: Prometheus text format 0.0.4 and OpenMetrics 1.0.0.
#include <charconv>
#include <cmath>

#include "base/metrics_internal.h"
#include "base/strings.h"

namespace linkspan {
namespace {

// HELP: backslash and line feed; label values and OpenMetrics' HELP: the double quote too.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || (quotes && c == '"')) out += '\\';
      out += c;
    }
  }
}

void append_double(std::string& out, double value) {
  constexpr double kExactIntegers = 9007199254740992;  // 2^53
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else if (value == std::trunc(value) && std::abs(value) <= kExactIntegers) {
    append_i64(out, static_cast<std::int64_t>(value));  // 1000000, not 1e+06
  } else {
    char digits[32];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }
}

// OpenMetrics wants "1.0" for the bounds where Prometheus' own format has "1".
void append_bound(std::string& out, std::int64_t bound_ns, MetricsFormat format) {
  char digits[32];
  const double seconds = static_cast<double>(bound_ns) / 1e9;
  const std::string_view text(digits, std::to_chars(digits, digits + sizeof digits, seconds).ptr);
  out += text;
  if (format == MetricsFormat::openmetrics && text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_sample_name(std::string& out, std::string_view name, std::string_view suffix,
                        std::string_view labels) {
  out.append(name).append(suffix);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out += ' ';
}

}  // namespace

std::string_view content_type(MetricsFormat format) {
  return format == MetricsFormat::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                              : "text/plain; version=0.0.4; charset=utf-8";
}

std::string render_labels(std::span<const std::string> names, std::span<const std::string_view> values) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += ',';
    text.append(names[i]).append("=\"");
    append_escaped(text, values[i], true);
    text += '"';
  }
  return text;
}

void MetricsRegistry::render_value(const Family& family, const Series& series, std::string& out) const {
  if (series.read) return append_double(out, series.read());
  const std::uint64_t total = sum(series.cell);
  if (family.type == Type::gauge) return append_i64(out, static_cast<std::int64_t>(total));
  append_u64(out, total);
}

void MetricsRegistry::render_histogram(const Family& family, const Series& series, MetricsFormat format,
                                       std::string& out) const {
  const std::string_view name = family.spec.name;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < kHistogramBuckets; ++i) {
    count += series.cell == 0 ? 0 : sum(series.cell + 1 + static_cast<std::uint32_t>(i));
    out.append(name).append("_bucket{").append(series.labels);
    out.append(series.labels.empty() ? "le=\"" : ",le=\"");
    if (i < kHistogramBoundsNs.size()) {
      append_bound(out, kHistogramBoundsNs[i], format);
    } else {
      out += "+Inf";
    }
    out += "\"} ";
    append_u64(out, count);
    out += '\n';
  }
  append_sample_name(out, name, "_sum", series.labels);
  const std::uint64_t sum_ns = sum(series.cell);
  append_double(out, static_cast<double>(sum_ns) / 1e9);
  out += '\n';
  append_sample_name(out, name, "_count", series.labels);
  append_u64(out, count);
  out += '\n';
}

void MetricsRegistry::render_family(const Family& family, MetricsFormat format, std::string& out) const {
  static constexpr std::string_view kTypeNames[] = {"counter", "gauge", "histogram"};
  const bool openmetrics = format == MetricsFormat::openmetrics;
  const std::string_view suffix = family.type == Type::counter ? "_total" : "";
  // OpenMetrics names the family without the suffix of its samples, Prometheus' own format with it.
  const std::string name = family.spec.name + std::string(openmetrics ? "" : suffix);
  out.append("# HELP ").append(name).append(" ");
  append_escaped(out, family.spec.help, openmetrics);
  out.append("\n# TYPE ").append(name).append(" ").append(kTypeNames[static_cast<std::size_t>(family.type)]);
  out += '\n';
  if (openmetrics && !family.spec.unit.empty()) {
    out.append("# UNIT ").append(name).append(" ").append(family.spec.unit).append("\n");
  }
  for (const auto& series : family.series) {
    if (family.type == Type::histogram) {
      render_histogram(family, *series, format, out);
    } else {
      append_sample_name(out, family.spec.name, suffix, series->labels);
      render_value(family, *series, out);
      out += '\n';
    }
  }
}

void MetricsRegistry::render(MetricsFormat format, std::string& out) const {
  const std::lock_guard lock(mutex_);
  for (const auto& family : families_) {
    if (!family->series.empty()) render_family(*family, format, out);
  }
  if (format == MetricsFormat::openmetrics) out += "# EOF\n";
}

}  // namespace linkspan
