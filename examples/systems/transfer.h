// Pieces of serving a request that several parts share: reading a body as it comes, writing a head, sending
// with back-pressure. All on the loop's thread; a false result means that the client is gone or too slow, and
// the exchange has been marked broken.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/server/body_source.h"
#include "gateway/server/exchange.h"
#include "io/task.h"
#include "systems/system.h"

namespace linkspan::systems {

// Sends a system's answer. `replayed` tells the caller that this key was answered before.
io::Task<void> send_answer(gateway::Exchange& exchange, const Answer& answer, std::string_view served_by,
                           std::span<const gateway::ResponseField> more = {});

// Waits; false if the client left meanwhile.
io::Task<bool> delay(gateway::Exchange& exchange, std::int64_t ms);

// Asks for the body where the client waits for 100 (Continue).
io::Task<bool> invite_body(gateway::Exchange& exchange);
// The next piece of the body's content; its state is data, end or failed.
io::Task<gateway::BodyPiece> next_piece(gateway::Exchange& exchange);

// The head of an answer that is written piece by piece: chunked where no length is given.
struct StreamHead {
  int status = 200;
  std::string_view content_type = {};
  std::optional<std::uint64_t> content_length = {};
};
io::Task<bool> send_head(gateway::Exchange& exchange, StreamHead head);
// Whether send_head() chose the chunked coding (HTTP/1.0 clients get the end of the connection instead).
bool is_chunked(const gateway::Exchange& exchange, const StreamHead& head);
io::Task<bool> send_bytes(gateway::Exchange& exchange, std::string_view bytes);
// A chunk of a chunked answer. An empty one ends it.
io::Task<bool> send_chunk(gateway::Exchange& exchange, std::string_view bytes);
void complete(gateway::Exchange& exchange);

}  // namespace linkspan::systems
