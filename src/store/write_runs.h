// Which runs a Write is about.
#pragma once

#include "store/store.h"

namespace linkspan::store {

// Calls `use` for each; for one of them perhaps several times.
template <typename Use>
void for_each_run(const Write& write, Use use) {
  if (write.run) use(write.run->run);
  for (const JournalRecord& record : write.records) use(record.run);
  for (const Claim& claim : write.claims) use(claim.run);
}

}  // namespace linkspan::store
