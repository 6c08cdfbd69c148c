#include "upstream/exchange.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error_kinds.h"
#include "base/fault_point.h"

namespace linkspan::upstream {

namespace {

enum class SendEnd : std::uint8_t { done, failed, timeout };

// A failed write is not the end: the server may have answered before it stopped reading.
io::Task<SendEnd> send_all(io::Stream& stream, io::Waiter& waiter, std::string_view message,
                           MonotonicNs deadline, bool& bytes_sent) {
  while (!message.empty()) {
    const io::IoResult sent = stream.write({message.data(), message.size()});
    if (sent.status == io::IoStatus::ok) {
      bytes_sent = true;
      message.remove_prefix(sent.bytes);
    } else if (sent.status == io::IoStatus::would_block) {
      const io::Wake wake = co_await waiter.wait(deadline);
      if (wake == io::Wake::timeout) co_return SendEnd::timeout;
    } else {
      co_return SendEnd::failed;
    }
  }
  co_return SendEnd::done;
}

Error timeout_error(const ResponseReader& reader, const ExchangeDeadlines& deadlines) {
  if (reader.started() || deadlines.total < deadlines.first_byte) {
    return {errors::upstream_timeout_total, "the answer was not complete in time"};
  }
  return {errors::upstream_timeout_first_byte, "no answer came in time"};
}

Failure classify(const Connection& connection, const ResponseReader& reader, const Error& error) {
  if (&error.kind() == &errors::upstream_bad_response) return Failure::bad_response;
  return connection.reused() && !reader.started() ? Failure::stale : Failure::reset;
}

void settle(ExchangeResult& result, ResponseReader& reader, ResponseReader::State state,
            const Connection& connection, bool sent_whole) {
  if (state == ResponseReader::State::complete) {
    result.response = reader.take();
    result.reusable = reader.keep_alive() && sent_whole;
    return;
  }
  result.error = reader.take_error();
  result.failure = classify(connection, reader, *result.error);
}

}  // namespace

io::Task<ExchangeResult> exchange(Connection& connection, io::Waiter& waiter, std::string_view message,
                                  http::Method method, const ClientLimits& limits,
                                  ExchangeDeadlines deadlines) {
  ExchangeResult result;
  ResponseReader reader(method, limits);
  io::Stream& stream = connection.stream;
  const MonotonicNs before_answer = std::min(deadlines.first_byte, deadlines.total);
  LINKSPAN_FAULT_POINT("upstream:before-send");
  const SendEnd send_end = co_await send_all(stream, waiter, message, before_answer, result.bytes_sent);
  if (send_end == SendEnd::timeout) {
    result.error = timeout_error(reader, deadlines);
    result.failure = Failure::timeout;
    co_return result;
  }
  LINKSPAN_FAULT_POINT("upstream:after-send");
  auto state = ResponseReader::State::need_more;
  while (state == ResponseReader::State::need_more) {
    const std::span<char> scratch = stream.loop().read_scratch();
    const io::IoResult got = stream.read(scratch);
    if (got.status == io::IoStatus::ok) {
      state = reader.feed({scratch.data(), got.bytes});
    } else if (got.status == io::IoStatus::closed) {
      state = reader.end();
      if (state == ResponseReader::State::need_more) break;
    } else if (got.status == io::IoStatus::failed) {
      const std::string why = got.error != 0 ? std::strerror(got.error) : stream.tls_error();
      result.error = Error(errors::upstream_reset, "the connection broke: " + why);
      result.failure = classify(connection, reader, *result.error);
      co_return result;
    } else {
      const MonotonicNs deadline = reader.started() ? deadlines.total : before_answer;
      const io::Wake wake = co_await waiter.wait(deadline);
      if (wake == io::Wake::timeout) {
        result.error = timeout_error(reader, deadlines);
        result.failure = Failure::timeout;
        co_return result;
      }
    }
  }
  settle(result, reader, state, connection, send_end == SendEnd::done);
  co_return result;
}

}  // namespace linkspan::upstream
