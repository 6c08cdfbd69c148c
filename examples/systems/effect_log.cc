#include "systems/effect_log.h"

#include <functional>

#include "base/json_writer.h"

namespace linkspan::systems {

namespace {

std::string index_key(std::string_view system, std::string_view operation, std::string_view key) {
  std::string text(system);
  text += ' ';
  text += operation;
  text += ' ';
  text += key;
  return text;
}

}  // namespace

EffectLog::Entry* EffectLog::find(std::uint64_t number) {
  if (number < first_number_ || number - first_number_ >= entries_.size()) return nullptr;
  return &entries_[static_cast<std::size_t>(number - first_number_)];
}

std::uint64_t EffectLog::arrived(const System& system, const Operation& operation, std::string_view key) {
  const std::uint64_t next = first_number_ + entries_.size();
  if (!key.empty()) {
    const auto [place, is_new] = by_key_.try_emplace(index_key(system.name(), operation.name, key), next);
    if (!is_new) {
      ++find(place->second)->attempts;
      return place->second;
    }
  }
  entries_.push_back({.number = next,
                      .system = system.name(),
                      .operation = operation.name,
                      .key = std::string(key),
                      .attempts = 1});
  if (entries_.size() > max_entries_) {
    const Entry& oldest = entries_.front();
    if (!oldest.key.empty()) by_key_.erase(index_key(oldest.system, oldest.operation, oldest.key));
    entries_.pop_front();
    ++first_number_;
    ++forgotten_;
  }
  return next;
}

Answer EffectLog::perform(std::uint64_t entry_number, const System& system, const Operation& operation,
                          const Call& call, bool& repeated) {
  Entry* entry = find(entry_number);
  const std::uint64_t body_hash =
      std::hash<std::string_view>()(call.body) ^ std::hash<std::string_view>()(call.id);
  repeated = entry != nullptr && entry->answered;
  if (repeated) {
    if (entry->body_hash == body_hash) return entry->answer;
    repeated = false;
    return system.refusal(422, "idempotency-key-reused", "this key came before with another request");
  }
  Answer answer = operation.run(call);
  if (entry == nullptr) return answer;
  if (answer.changed) {
    ++effects_;
    ++entry->effects;
    entry->order = effects_;
  }
  entry->answer.status = answer.status;  // shown for calls without a key too
  entry->answer.location = answer.location;
  if (!entry->key.empty() && answer.status < 500) {
    entry->answered = true;
    entry->body_hash = body_hash;
    entry->answer = answer;
  }
  return answer;
}

void EffectLog::clear(std::string_view system) {
  std::deque<Entry> kept;
  for (Entry& entry : entries_) {
    if (!system.empty() && entry.system != system) kept.push_back(std::move(entry));
  }
  // Numbers of calls that are under way must not come to stand for other entries.
  first_number_ += entries_.size();
  entries_.clear();
  by_key_.clear();
  for (Entry& entry : kept) {
    entry.number = first_number_ + entries_.size();
    if (!entry.key.empty())
      by_key_.emplace(index_key(entry.system, entry.operation, entry.key), entry.number);
    entries_.push_back(std::move(entry));
  }
  if (kept.empty()) forgotten_ = effects_ = 0;
}

std::string EffectLog::to_json(std::string_view system) const {
  std::string text;
  JsonStringWriter json(text);
  json.begin_object();
  json.key("effects");
  json.begin_array();
  for (const Entry& entry : entries_) {
    if (!system.empty() && entry.system != system) continue;
    json.begin_object();
    json.member("system", entry.system);
    json.member("operation", entry.operation);
    json.key("key");
    entry.key.empty() ? json.null() : json.value(entry.key);
    json.member("attempts", entry.attempts);
    json.member("effects", entry.effects);
    json.key("order");
    entry.order == 0 ? json.null() : json.value(entry.order);
    const bool ran = entry.effects != 0 || entry.answered;
    json.key("status");
    ran ? json.value(entry.answer.status) : json.null();
    json.key("resource");
    entry.answer.location.empty() ? json.null() : json.value(entry.answer.location);
    json.end_object();
  }
  json.end_array();
  json.member("forgotten", forgotten_);
  json.end_object();
  return text;
}

}  // namespace linkspan::systems
