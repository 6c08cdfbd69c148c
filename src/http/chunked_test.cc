#include "http/chunked.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/error_kinds.h"
#include "http/testing/case_file.h"

namespace linkspan::http {
namespace {

struct Outcome {
  std::string bytes;
  std::string trailers;
  std::string left_over;
  ChunkState state = ChunkState::need_more;
};

using Read = ChunkStep (ChunkedDecoder::*)(std::string_view);

Outcome read_all(const std::vector<std::string>& pieces, Read read, bool keep_trailers = true,
                 std::size_t storage_bytes = 512) {
  std::vector<char> storage(storage_bytes);
  ChunkedDecoder decoder(MessageSide::request, keep_trailers ? std::span<char>(storage) : std::span<char>());
  Outcome outcome;
  for (const std::string& piece : pieces) {
    std::string_view input = piece;
    if (outcome.state == ChunkState::end) {
      outcome.left_over += input;
      continue;
    }
    do {
      const ChunkStep step = (decoder.*read)(input);
      outcome.bytes += step.bytes;
      outcome.state = step.state;
      input.remove_prefix(step.consumed);
    } while (outcome.state == ChunkState::data);
    if (outcome.state == ChunkState::error) return outcome;
    if (outcome.state == ChunkState::end) outcome.left_over += input;
  }
  outcome.trailers = decoder.trailers();
  return outcome;
}

const std::string kMessage =
    "5\r\nhello\r\n000A;name=\"v;v\"\r\n, chunked!\r\n1 ;x\r\n?\r\n0;last\r\nX-Sum: 7\r\nContent-Length: "
    "3\r\n"
    "Authorization: s\r\nServer-Timing:  a;dur=1\r\n\r\n";

TEST(ChunkedDecoder, decodes_the_same_payload_however_the_bytes_are_split) {
  for (const auto& pieces : testing::all_splits(kMessage + "GET /")) {
    const Outcome outcome = read_all(pieces, &ChunkedDecoder::decode);
    ASSERT_EQ(outcome.state, ChunkState::end);
    EXPECT_EQ(outcome.bytes, "hello, chunked!?");
    EXPECT_EQ(outcome.trailers, "X-Sum: 7\r\nServer-Timing:  a;dur=1\r\n");
    EXPECT_EQ(outcome.left_over, "GET /");
  }
}

TEST(ChunkedDecoder, what_is_passed_through_is_a_clean_message_of_the_same_payload) {
  for (const auto& pieces : testing::all_splits(kMessage + "GET /")) {
    const Outcome passed = read_all(pieces, &ChunkedDecoder::pass_through);
    ASSERT_EQ(passed.state, ChunkState::end);
    EXPECT_EQ(passed.left_over, "GET /");
    EXPECT_EQ(passed.bytes.find(';'), passed.bytes.find(";dur")) << "chunk extensions are dropped";
    const Outcome decoded = read_all({passed.bytes}, &ChunkedDecoder::decode);
    ASSERT_EQ(decoded.state, ChunkState::end);
    EXPECT_EQ(decoded.left_over, "");
    EXPECT_EQ(decoded.bytes, "hello, chunked!?");
    EXPECT_EQ(decoded.trailers, "X-Sum: 7\r\nServer-Timing:  a;dur=1\r\n");
  }
}

TEST(ChunkedDecoder, clean_framing_passes_through_in_one_piece_and_unchanged) {
  const std::string message = "5\r\nhello\r\n1f\r\n0123456789012345678901234567890\r\n0\r\n\r\n";
  ChunkedDecoder decoder(MessageSide::response);
  const ChunkStep step = decoder.pass_through(message);
  EXPECT_EQ(step.state, ChunkState::end);
  EXPECT_EQ(step.consumed, message.size());
  EXPECT_EQ(step.bytes.data(), message.data());
  EXPECT_EQ(step.bytes.size(), message.size());
  EXPECT_EQ(decoder.payload_bytes(), 36U);
}

TEST(ChunkedDecoder, without_storage_trailers_are_dropped_and_the_message_still_ends) {
  const Outcome outcome = read_all({kMessage}, &ChunkedDecoder::pass_through, false);
  EXPECT_EQ(outcome.state, ChunkState::end);
  EXPECT_TRUE(outcome.bytes.ends_with("?\r\n0\r\n\r\n"));
  EXPECT_EQ(outcome.trailers, "");
}

TEST(ChunkedDecoder, trailers_that_do_not_fit_their_storage_are_dropped_whole) {
  const std::string message = "0\r\nA: 1\r\nB: " + std::string(40, 'b') + "\r\nC: 3\r\n\r\n";
  for (std::size_t storage_bytes = 0; storage_bytes < 80; ++storage_bytes) {
    const Outcome outcome = read_all({message}, &ChunkedDecoder::pass_through, true, storage_bytes);
    ASSERT_EQ(outcome.state, ChunkState::end);
    EXPECT_EQ(read_all({outcome.bytes}, &ChunkedDecoder::decode).state, ChunkState::end);
    const std::string fitting = storage_bytes < 11   ? ""
                                : storage_bytes < 17 ? "A: 1\r\n"
                                                     : "A: 1\r\nC: 3\r\n";
    if (storage_bytes < 50) {
      EXPECT_EQ(outcome.trailers, fitting) << storage_bytes;
    }
  }
}

TEST(ChunkedDecoder, errors_have_the_kind_of_the_side_that_made_them) {
  ChunkedDecoder request(MessageSide::request);
  EXPECT_EQ(request.decode("5\r\nhelloX").state, ChunkState::data);
  EXPECT_EQ(request.decode("X").state, ChunkState::error);
  EXPECT_EQ(&request.error().kind(), &errors::chunk_invalid);
  EXPECT_EQ(request.error().detail(), "a chunk is longer than its size says, at byte 8");
  EXPECT_EQ(request.decode("0\r\n\r\n").state, ChunkState::error) << "an error is final";

  ChunkedDecoder response(MessageSide::response);
  EXPECT_EQ(response.pass_through("zz").state, ChunkState::error);
  EXPECT_EQ(&response.error().kind(), &errors::upstream_bad_response);
}

TEST(ChunkedDecoder, extensions_are_bounded_over_the_whole_body) {
  ChunkedLimits limits;
  limits.max_overhead_bytes = 1000;
  ChunkedDecoder decoder(MessageSide::request, {}, limits);
  std::string message;
  for (int i = 0; i < 20; ++i) message += "1;" + std::string(100, 'e') + "\r\nx\r\n";
  std::string_view input = message;
  ChunkStep step;
  do {
    step = decoder.decode(input);
    input.remove_prefix(step.consumed);
  } while (step.state == ChunkState::data);
  EXPECT_EQ(step.state, ChunkState::error);
}

TEST(WriteChunkHeader, is_read_back_as_the_same_size) {
  for (const std::uint64_t size :
       {std::uint64_t{1}, std::uint64_t{0x1a2b}, std::uint64_t{0xfffffffffffffff}}) {
    std::array<char, kMaxChunkHeaderBytes> header;
    const std::size_t bytes = write_chunk_header(size, header.data());
    ChunkedDecoder decoder(MessageSide::request);
    EXPECT_EQ(decoder.decode({header.data(), bytes}).state, ChunkState::need_more);
    EXPECT_EQ(decoder.decode("x").bytes, "x");
  }
  std::array<char, kMaxChunkHeaderBytes> header;
  EXPECT_EQ(std::string(header.data(), write_chunk_header(0x1a2b, header.data())), "1a2b\r\n");
}

TEST(Chunked, trailer_fields_that_stay_behind_in_a_head_are_dropped) {
  const std::string_view names[] = {"X-Internal-Token"};
  std::array<char, 256> storage;
  ChunkedDecoder decoder(MessageSide::request, storage);
  decoder.drop_trailers({.drop = {HeaderId::etag}, .drop_names = names, .drop_lookalikes = true});
  const std::string input =
      "0\r\nX-Sum: 1\r\nx-internal-token: 2\r\nX_Internal_Token: 3\r\nETag: 4\r\nX_Forwarded_For: 5\r\n"
      "A-Name-That-Is-Longer-Than-Any-Known-One: 6\r\n\r\n";
  EXPECT_EQ(decoder.decode(input).state, ChunkState::end);
  EXPECT_EQ(decoder.trailers(),
            "X-Sum: 1\r\nX_Forwarded_For: 5\r\nA-Name-That-Is-Longer-Than-Any-Known-One: 6\r\n");
}

}  // namespace
}  // namespace linkspan::http
