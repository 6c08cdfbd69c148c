#include "base/error.h"

namespace linkspan {

std::string_view to_string(ErrorSource source) {
  switch (source) {
    case ErrorSource::client:
      return "client";
    case ErrorSource::linkspan:
      return "linkspan";
    case ErrorSource::upstream:
      return "upstream";
  }
  return "linkspan";
}

Error::Error(const ErrorKind& kind, std::string detail)
    : data_(std::make_unique<Data>(Data{&kind, std::move(detail)})) {}

Error Error::context(std::string_view what) && {
  std::string joined(what);
  joined += ": ";
  joined += data_->detail;
  data_->detail = std::move(joined);
  return std::move(*this);
}

std::string Error::to_string() const {
  std::string text(slug());
  text += ": ";
  text += data_->detail;
  return text;
}

}  // namespace linkspan
