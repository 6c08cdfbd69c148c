// What a run's journal is made of: one record for each thing that became so, in the order in which it did. A
// journal row holds the records of one turn, a line of JSON each, so that it can be read by people and tools.
//
//   {"t":"done","s":"charge","at":1700000000000000000,"status":201,"value":{"id":"ch-7"}}
//
// Steps go by their names: a journal can be read without the flow that it is of. Plain values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "data/json.h"

namespace linkspan::flow {

enum class RecordKind : std::uint8_t {
  start,    // value: the input; text: the trigger; extra: what is known of it
  items,    // value: what foreach goes over
  skip,     // `when` said no
  intent,   // value: what is about to be sent or done; attempt; flag: it is known that it did not happen
            // before
  retry,    // text: why it failed; status; until: the next attempt; flag: it may have happened
  page,     // value: the items of one page; extra: the request for the next
  done,     // value: the output; status; flag: the last page, which goes behind those before
  lost,     // over without an output, the run goes on; text: why
  park,     // a person must decide; text: why
  sleep,    // until
  await,    // text: the key of what it waits for; until: the time limit, or 0; value: the question
  event,    // value: what came; text: its id
  child,    // number: the run that was started
  respond,  // status, value: the answer to the trigger
  fail,     // from here on what was done is undone; text: why; flag: a person's wish, the end is `cancelled`
  undo_skip,    // there is nothing to undo
  undo_intent,  // as intent
  undo_retry,   // as retry
  undone,       // status
  undo_park,    // as park
  repair,  // a person retries (text "retry", value: what to send instead, or null) or skips ("skip", value:
           // the output) what is parked; extra: who and why
  again,   // the step forgets what it came to and is done anew; number: its edition; value: the body to send
           // instead, or null; extra: who, and from which step on
  end      // text: the last state; value: the output
};

// "done", as in the journal.
std::string_view to_string(RecordKind kind);

struct Record {
  RecordKind kind = RecordKind::start;
  std::string step;        // empty: of the run itself
  std::uint32_t item = 0;  // of foreach
  WallNs at = 0;
  std::uint32_t attempt = 0;
  int status = 0;
  WallNs until = 0;
  std::int64_t number = 0;
  bool flag = false;
  std::string text;
  data::JsonValue value;
  data::JsonValue extra;
};

// Adds one line.
void append_record(std::string& out, const Record& record);

// The records of one row. errors::store_invalid for what append_record does not write.
Result<std::vector<Record>> parse_records(std::string_view row);

}  // namespace linkspan::flow
