// The compiled schemas of an Api: each compiled when first asked for, then kept.
//
// Any thread; compiling is behind a lock, checking is not (JsonSchema is immutable).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "catalog/document_set.h"
#include "catalog/model.h"
#include "data/schema/schema.h"

namespace linkspan::catalog {

class Validators {
 public:
  Validators(std::shared_ptr<const DocumentSet> documents, std::vector<data::JsonValue> made,
             data::SchemaDialect dialect);

  // Of a place in a document, or of a made schema (Schema::made). Fails as SchemaSet::compile does.
  Result<data::JsonSchema> get(const Node& node);

 private:
  Result<data::JsonSchema> compile(const Node& node);
  std::string uri_of(std::uint32_t document) const;
  void add_documents();

  const std::shared_ptr<const DocumentSet> documents_;
  const std::vector<data::JsonValue> made_;
  const data::SchemaDialect dialect_;
  std::mutex mutex_;
  // The set is filled when the first schema is asked for.
  std::unique_ptr<data::SchemaSet> set_;
  std::map<std::pair<std::uint32_t, std::string>, Result<data::JsonSchema>> compiled_;
};

}  // namespace linkspan::catalog
